"""Pledges, notices and leaflets: publishing a text, signing it online, delivering it to many, reading it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import Delivery, DeliveryWay, NoticeText, Pledge, Producer, Receipt, SigningWay, TextKind
from archives.services.register import keeping, statements

_FIELDS = {"kind", "region", "title", "version", "body", "in_force_on"}
_DELIVER = """
    INSERT INTO archives_delivery
        (producer_id, entered_by_id, entered_at, ended_on, end_reason, text_id, delivered_on, way, receiver,
         receipt, read_at)
    SELECT p.id, %(actor)s, %(now)s, NULL, '', %(text)s, %(day)s, %(way)s, '', '', NULL
    FROM archives_producer p
    WHERE p.region_id LIKE %(region)s AND p.status IN ('active', 'paused')
        AND (%(kind)s = '' OR p.kind = %(kind)s)
        AND NOT EXISTS (SELECT 1 FROM archives_delivery d
                        WHERE d.producer_id = p.id AND d.text_id = %(text)s AND d.ended_on IS NULL)
    ON CONFLICT DO NOTHING
"""


@transaction.atomic
def publish(*, actor: Any = None, **values: Any) -> NoticeText:
    """Put a version of a text in force for a division; ``values``: kind, region, title, version, body,
    in_force_on. ValidationError names every field that is wrong."""
    unknown = set(values) - _FIELDS
    if unknown:
        raise TypeError(f"a text has no {', '.join(sorted(unknown))}")
    row = NoticeText(**values, made_by=actor, made_at=clock.now())
    faults: dict[str, Any] = {}
    scope = scope_of(actor)
    if row.region_id and scope.kind == "region" and not scope.covers(row.region_id):
        faults["region"] = ValidationError(_("这个区划不在您的辖区内。"))
    try:
        row.full_clean(exclude={"made_by", *faults})
    except ValidationError as error:
        faults.update(error.error_dict)
    if faults:
        raise ValidationError(faults)
    row.save()
    _note("text.published", row, actor)
    return row


@transaction.atomic
def retire(*, text: NoticeText, actor: Any = None) -> NoticeText:
    """From today the text is no longer signed or delivered; what was stays."""
    row = NoticeText.objects.select_for_update().get(pk=text.pk)
    if row.ended_on is not None:
        raise ValidationError(_("这份文本已经停用。"), code="ended")
    row.ended_on = max(clock.today(), row.in_force_on)
    row.save(update_fields=["ended_on"])
    _note("text.retired", row, actor)
    return row


@transaction.atomic
def sign(*, producer: Producer, text: NoticeText, signer: str, agreed: bool, actor: Any = None) -> Pledge:
    """The producer itself signs a pledge online: it says that it read and agrees, and writes its name."""
    owner = keeping.locked(producer)
    if not agreed:
        raise ValidationError({"agreed": _("请先读完承诺书，勾选“我已阅读并承诺”。")})
    if not signer.strip():
        raise ValidationError({"signer": _("请写签署人的姓名。")})
    if not NoticeText.objects.in_force(owner.region_id).filter(pk=text.pk, kind=TextKind.PLEDGE).exists():
        raise ValidationError(_("这份承诺书已停用，请刷新后签新的。"), code="text")
    row = Pledge(
        producer=owner, entered_by=actor, entered_at=clock.now(), text=text, signed_on=clock.today(),
        signer=signer.strip()[:80], way=SigningWay.ONLINE,
    )  # fmt: skip
    row.full_clean(exclude={"entered_by"})
    row.save()
    record(
        verb="text.signed", actor=actor, target=owner, region_code=owner.region_id, title=str(text),
        signer=row.signer,
    )  # fmt: skip
    statements.pledge(row)
    return row


@transaction.atomic
def deliver(*, text: NoticeText, region: str, way: str, kind: str = "", actor: Any = None) -> int:
    """Deliver a text to every working producer of a division (of one kind) that has not had it; how many.

    One statement however many there are. ValidationError when the text or the division does not allow it.
    """
    row = NoticeText.objects.get(pk=text.pk)
    if row.kind == TextKind.PLEDGE:
        raise ValidationError(_("承诺书请登记为签署。"))
    if row.ended_on is not None or row.in_force_on > clock.today():
        raise ValidationError(_("这份文本还没有启用，或已停用。"), code="text")
    if way not in DeliveryWay.values:
        raise ValidationError({"way": _("请选择送达方式。")})
    if not region.startswith(row.region_id):
        raise ValidationError({"region": _("这份文本只适用于%(name)s。") % {"name": row.region}})
    scope = scope_of(actor)
    if scope.kind == "region" and not scope.covers(region):
        raise ValidationError({"region": _("这个区划不在您的辖区内。")})
    given = {
        "actor": getattr(actor, "pk", None), "now": clock.now(), "day": clock.today(), "text": row.pk,
        "way": way, "region": f"{region}%", "kind": kind,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_DELIVER, given)
        count = int(cursor.rowcount)
    record(verb="text.delivered", actor=actor, target=row, region_code=region, title=str(row), count=count)
    return count


@transaction.atomic
def mark_read(*, delivery: Delivery, actor: Any = None) -> Delivery:
    """The producer has opened what was delivered: that is its receipt when there is no other."""
    row: Delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("producer", "text")
        .get(pk=delivery.pk)
    )
    if row.read_at is not None:
        return row
    row.read_at = clock.now()
    row.receipt = row.receipt or Receipt.READ
    row.save(update_fields=["read_at", "receipt"])
    record(
        verb="text.read", actor=actor, target=row.producer, region_code=row.producer.region_id,
        title=str(row.text),
    )  # fmt: skip
    return row


def pledge_due(producer: Producer) -> NoticeText | None:
    """The pledge that the producer has not signed this calendar year; None when it has, or there is none."""
    year = clock.today().year
    if Pledge.objects.open().filter(producer=producer, signed_on__year=year).exists():
        return None
    texts = NoticeText.objects.in_force(producer.region_id).filter(kind=TextKind.PLEDGE)
    return texts.order_by("-region_id", "-in_force_on", "-pk").first()


def _note(verb: str, row: NoticeText, actor: Any) -> None:
    record(
        verb=verb, actor=actor, target=row, region_code=row.region_id, kind=str(row.get_kind_display()),
        title=row.title, version=row.version,
    )  # fmt: skip
