"""Files handed in with a procedure: judged by content before anything is kept, privately stored."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.common.clock import now
from agricredit.foundation.common.files import check_upload
from archives.models import Producer
from rating.models import Attachment, Decision, Interview, Objection, Repair

MOST_FILES = 10


def keep(
    files: Sequence[Any],
    *,
    purpose: str,
    actor: User | None,
    decision: Decision | None = None,
    objection: Objection | None = None,
    repair: Repair | None = None,
    interview: Interview | None = None,
) -> list[Attachment]:
    """Keep every file, or refuse them all (ValidationError) naming the first that is not a JPG, PNG or PDF.

    In the caller's transaction: if that rolls back, the files are taken away again. Only persons hand files
    in; the system has none.
    """
    if len(files) > MOST_FILES:
        raise ValidationError(_("一次最多上传%(most)s个文件。") % {"most": MOST_FILES}, code="too_many")
    kinds = [_kind(upload) for upload in files]
    parent = decision or objection or repair or interview
    if parent is None or actor is None:
        return []
    kept: list[Attachment] = []
    try:
        for upload, kind in zip(files, kinds, strict=True):
            kept.append(
                Attachment.objects.create(
                    producer=_producer(parent),
                    decision=decision,
                    objection=objection,
                    repair=repair,
                    interview=interview,
                    purpose=purpose,
                    file=upload,
                    name=PurePosixPath(upload.name).name[-150:],
                    kind=kind,
                    size=upload.size,
                    sha256=_digest(upload),
                    uploaded_by=actor,
                    uploaded_at=now(),
                )
            )
    except BaseException:
        _forget(kept)
        raise
    return kept


def open_file(attachment: Attachment) -> Any:
    """The stored file, open for reading."""
    return default_storage.open(str(attachment.file.name))


def _kind(upload: Any) -> str:
    try:
        return check_upload(upload)
    except ValidationError as refusal:
        sentence = _("文件“%(name)s”：%(why)s") % {"name": upload.name, "why": refusal.messages[0]}
        raise ValidationError(sentence, code="upload") from refusal


def _digest(upload: Any) -> str:
    upload.seek(0)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _producer(parent: Decision | Objection | Repair | Interview) -> Producer:
    return parent.producer


def _forget(kept: Sequence[Attachment]) -> None:
    for row in kept:
        default_storage.delete(str(row.file.name))
