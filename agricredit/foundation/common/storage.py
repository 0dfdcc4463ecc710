"""Uploads and computed files: a private folder that no web server serves.

A file reaches a browser only through a view that has asked ``visible_to`` about the row it belongs to.
"""

from __future__ import annotations

import uuid
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible
from whitenoise.storage import CompressedManifestStaticFilesStorage

from agricredit.foundation.common.clock import today


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # ships no types
    """Static files under names that hold their content, also where one module imports another."""

    support_js_module_import_aggregation = True


@deconstructible(path="agricredit.foundation.common.storage.PrivateStorage")
class PrivateStorage(FileSystemStorage):
    """Files under ``settings.PRIVATE_ROOT``, readable by the platform's own system user only."""

    def __init__(self, **options: Any) -> None:
        """Files are 0600 in folders of 0700, and have no address."""
        options.setdefault("location", settings.PRIVATE_ROOT)
        options.setdefault("file_permissions_mode", 0o600)
        options.setdefault("directory_permissions_mode", 0o700)
        super().__init__(**options)

    def url(self, name: str | None) -> str:
        """Refused: private files have no public address."""
        raise ValueError("a private file has no address: serve it from a view that checks visible_to")


@deconstructible
class Into:
    """``upload_to=Into("inspection-photos")``: a dated folder and an unguessable name, the extension kept."""

    def __init__(self, folder: str) -> None:
        """``folder`` is one path segment under the private root."""
        self.folder = folder

    def __call__(self, instance: object, filename: str) -> str:
        """The path for a new file; the uploaded name itself may be personal data and is not kept."""
        suffix = PurePosixPath(filename).suffix.lower()[:10]
        return f"{self.folder}/{today():%Y/%m}/{uuid.uuid4().hex}{suffix}"

    def __eq__(self, other: object) -> bool:
        """Equal by folder, so that migrations see no change where there is none."""
        return isinstance(other, Into) and other.folder == self.folder

    def __hash__(self) -> int:
        """Consistent with equality."""
        return hash(self.folder)
