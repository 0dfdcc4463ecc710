"""Photographs of records: of a label, a field, a receipt."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.common.files.uploads import MEGABYTE, PHOTOS, check_upload
from archives.models import Producer, Record, RecordPhoto

MOST = 6
"""Photographs of one record."""
LARGEST = 5 * MEGABYTE
"""The phone shrinks them to a few hundred kilobytes; what comes from elsewhere may be larger, up to this."""


@transaction.atomic
def add_photo(*, row: Record, upload: Any, uid: uuid.UUID, actor: Any = None) -> RecordPhoto:
    """Keep a photograph beside a record. The same uid with the same picture is the same photograph.

    ``upload`` is Django's UploadedFile; ValidationError when it is too large, no JPG or PNG, or one too many.
    """
    producer: Producer = Producer.objects.select_for_update(no_key=True).get(pk=row.producer_id)
    if upload.size > LARGEST:
        said = {"size": f"{upload.size / MEGABYTE:.0f}", "most": LARGEST // MEGABYTE}
        raise ValidationError(
            {"photo": _("这张照片有 %(size)s MB，最多 %(most)s MB。请把照片缩小或重拍一张。") % said}
        )
    try:
        check_upload(upload, PHOTOS)
    except ValidationError as refusal:
        raise ValidationError(
            {"photo": [_("这不是照片，请拍照或选 JPG、PNG 图片。"), *refusal.messages]}
        ) from None
    digest = hashlib.sha256(b"".join(upload.chunks())).digest()
    upload.seek(0)
    known = RecordPhoto.objects.filter(uid=uid).first()
    if known is not None:
        if known.record == row.uid and bytes(known.sha256) == digest:
            return cast(RecordPhoto, known)
        raise ValidationError({"photo": _("这张照片的编号已经用过，请重新选一次。")})
    if RecordPhoto.objects.filter(record=row.uid).count() >= MOST:
        raise ValidationError({"photo": _("一笔记录最多 %(most)d 张照片。") % {"most": MOST}})
    photo = RecordPhoto.objects.create(
        uid=uid,
        producer=producer,
        record=row.uid,
        file=upload,
        sha256=digest,
        added_by=actor,
        added_at=clock.now(),
    )
    record(verb="photo.added", actor=actor, target=producer, region_code=producer.region_id, uid=row.uid)
    return photo
