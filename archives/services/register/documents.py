"""Files of a producer: judged by content, kept in the private store, opened under audit, erased on term."""

from __future__ import annotations

import datetime
import hashlib
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record, record_view
from agricredit.foundation.common import clock
from agricredit.foundation.common.files.uploads import check_upload
from archives.models import Document, Kept, Producer
from archives.services.register import keeping
from archives.services.register.nouns import NOUN_OF

ERASED_AT_ONCE = 500


@transaction.atomic
def keep(
    *,
    producer: Producer,
    upload: Any,
    title: str = "",
    row: Kept | None = None,
    personal: bool = False,
    keep_until: datetime.date | None = None,
    actor: Any = None,
) -> Document:
    """Keep an uploaded file, with an entry of the producer's file (``row``) or with the producer itself.

    ValidationError when the content is no JPG, PNG or PDF, the name says otherwise, it is too big or empty.
    """
    owner = keeping.locked(producer)
    if not upload.size:
        raise ValidationError({"upload": _("文件是空的。")})
    try:
        content = check_upload(upload)
    except ValidationError as error:
        raise ValidationError({"upload": error.messages}) from error
    if row is not None and row.producer_id != owner.pk:
        raise ValidationError(_("这不是该主体的。"))
    if keep_until is not None and keep_until <= clock.today():
        raise ValidationError({"keep_until": _("保存期限须晚于今天。")})
    document = Document(
        producer=owner, entered_by=actor, entered_at=clock.now(), title=(title.strip() or _("未命名"))[:120],
        noun=NOUN_OF[type(row)].code if row is not None else "", row_id=row.pk if row is not None else None,
        personal=personal, keep_until=keep_until, file=upload, content=content, size=upload.size,
        sha256=_digest(upload),
    )  # fmt: skip
    document.full_clean(exclude={"entered_by", "file"})
    document.save()
    record(
        verb="register.document_kept", actor=actor, target=owner, region_code=owner.region_id,
        title=document.title, size=document.size, sha256=document.sha256,
    )  # fmt: skip
    return document


def opened(*, document: Document, actor: Any = None) -> Any:
    """The file, opened for reading; that personal data was looked at is written down.

    ValidationError when its content was erased.
    """
    if not document.file:
        raise ValidationError(_("这个文件的保存期已满，内容已删除。"), code="erased")
    if document.personal:
        record_view(
            what=document.title,
            target=document.producer,
            region_code=document.producer.region_id,
            actor=actor,
        )
    return document.file.open("rb")


def erase_due() -> int:
    """Erase the content of files whose term is over; the row and its digest stay. Safe to stop and repeat."""
    erased = 0
    while True:
        with transaction.atomic():
            due = Document.objects.select_for_update(skip_locked=True, of=("self",)).filter(
                keep_until__lt=clock.today(), erased_on__isnull=True
            )
            rows = list(due.select_related("producer").order_by("keep_until", "pk")[:ERASED_AT_ONCE])
            for row in rows:
                name = row.file.name
                row.file, row.erased_on = "", clock.today()
                row.save(update_fields=["file", "erased_on"])
                transaction.on_commit(partial(row.file.storage.delete, name))
                record(
                    verb="register.document_erased", target=row.producer,
                    region_code=row.producer.region_id, title=row.title,
                )  # fmt: skip
        if not rows:
            return erased
        erased += len(rows)


def _digest(upload: Any) -> str:
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()
