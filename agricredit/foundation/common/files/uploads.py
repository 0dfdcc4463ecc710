"""Uploads are judged by their content, never by the name or type that the browser claims."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MEGABYTE = 1 << 20
SIZE_LIMITS = {"jpg": 10 * MEGABYTE, "png": 10 * MEGABYTE, "pdf": 20 * MEGABYTE, "xlsx": 50 * MEGABYTE}
UNPACKED_LIMIT = 500 * MEGABYTE
SUFFIXES = {"jpg": {".jpg", ".jpeg"}, "png": {".png"}, "pdf": {".pdf"}, "xlsx": {".xlsx"}}
PHOTOS = ("jpg", "png")
DOCUMENTS = ("jpg", "png", "pdf")


def check_upload(upload: Any, kinds: Collection[str] = DOCUMENTS) -> str:
    """The kind found in the content (``jpg``, ``png``, ``pdf``, ``xlsx``); ValidationError with the reason
    otherwise.

    ``upload`` is Django's UploadedFile (name, size, seekable). Its position is back at the start afterwards.
    """
    found = _kind(upload)
    if found is None or found not in kinds:
        expected = "、".join(kind.upper() for kind in kinds)
        raise ValidationError(_("文件内容应为%(kinds)s。") % {"kinds": expected}, code="upload_kind")
    if PurePosixPath(upload.name or "").suffix.lower() not in SUFFIXES[found]:
        raise ValidationError(
            _("文件扩展名与内容不符：内容是%(kind)s。") % {"kind": found.upper()}, code="upload_suffix"
        )
    if upload.size > SIZE_LIMITS[found]:
        raise ValidationError(
            _("文件超过%(limit)d MB。") % {"limit": SIZE_LIMITS[found] // MEGABYTE}, code="upload_size"
        )
    if found == "xlsx":
        _check_workbook(upload)
    return found


def _kind(upload: Any) -> str | None:
    upload.seek(0)
    head = bytes(upload.read(16))
    upload.seek(0)
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"%PDF-"):
        return "pdf"
    return "xlsx" if head.startswith(b"PK\x03\x04") else None


def _check_workbook(upload: Any) -> None:
    """A zip with a workbook inside, that does not unpack to a bomb."""
    try:
        with zipfile.ZipFile(upload) as archive:
            names = set(archive.namelist())
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise ValidationError(_("XLSX文件已损坏。"), code="upload_damaged") from None
    finally:
        upload.seek(0)
    if "xl/workbook.xml" not in names:
        raise ValidationError(_("文件内容应为XLSX。"), code="upload_kind")
    if unpacked > UNPACKED_LIMIT:
        raise ValidationError(_("XLSX文件解开后过大。"), code="upload_size")
