"""Issuing and voiding commitment certificates (农产品质量安全法 art. 39; 农业农村部令2025年第4号)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common.clock import now, today
from agricredit.foundation.common.masking import mask_name, mask_phone
from archives.models import Harvest, Producer, ProducerNature, ProducerStatus, Sale, SelfTest
from archives.models.records import TestMethod
from archives.services.ledger import EventDraft, post, reverse
from certificates.models import PROMISES, Basis, Certificate, Form
from certificates.models.certificate import new_code
from certificates.services.obstacles import obstacles
from certificates.services.signing import Statement, sign

SOURCE = "certificates"
TOLERANCE = Decimal("1.05")  # weighing differs: certified up to 5 % above the harvest without a word
TEST_AGE = timedelta(days=30)  # a passing test speaks for the product's batches of the month before
KILOGRAMS = {
    "公斤": Decimal(1),
    "千克": Decimal(1),
    "kg": Decimal(1),
    "斤": Decimal("0.5"),
    "吨": Decimal(1000),
}


def in_kilograms(quantity: Decimal, unit: str) -> Decimal | None:
    """The quantity in kilograms, None for a unit that is no weight (盒, 只)."""
    factor = KILOGRAMS.get(unit)
    return None if factor is None else (quantity * factor).quantize(Decimal("0.001"))


@transaction.atomic
def issue(
    *,
    uid: UUID,
    harvest: Harvest,
    quantity: Decimal,
    bases: Sequence[str],
    sale: Sale | None = None,
    issued_on: date | None = None,
    over_quantity_reason: str = "",
    actor: Any,
) -> Certificate:
    """Issue the certificate of (part of) a harvested batch; ``quantity`` in kilograms.

    The same uid with the same content gives the same certificate again. Refuses by ValidationError: a
    safety interval or a banned input (with the first allowed day), more than was harvested without a reason,
    a basis without a test behind it, a producer that is not active.
    """
    batch = (
        Harvest.objects.select_for_update(of=("self",))
        .select_related("producer", "product", "plot", "production")
        .get(pk=harvest.pk)
    )
    if before := Certificate.objects.filter(uid=uid).first():
        return _same(before, batch, quantity, bases)
    _refuse_batch(batch, sale)
    chosen = _bases(batch, bases)
    _refuse_quantity(batch, quantity, over_quantity_reason.strip())
    certificate = _created(
        uid=uid,
        batch=batch,
        sale=sale,
        quantity=quantity,
        bases=chosen,
        issued_on=issued_on or today(),
        over_quantity_reason=over_quantity_reason.strip(),
        actor=actor,
    )
    post(_events(certificate))
    record(
        verb="certificate.issued",
        actor=actor,
        target=certificate,
        region_code=batch.producer.region_id,
        product=batch.product.name,
        quantity=str(quantity),
    )
    return certificate


def _same(before: Certificate, batch: Harvest, quantity: Decimal, bases: Sequence[str]) -> Certificate:
    if (before.harvest_id, before.quantity, set(before.bases)) != (batch.pk, quantity, set(bases)):
        raise ValidationError(_("这张合格证已用同一编号提交过，但内容不同，请核对。"), code="conflict")
    return before


def _refuse_batch(batch: Harvest, sale: Sale | None) -> None:
    if batch.producer.status != ProducerStatus.ACTIVE:
        raise ValidationError(_("主体不在正常经营状态，不能开具合格证。"))
    if batch.status != Harvest.Status.ACTIVE:
        raise ValidationError({"harvest": _("这批采收记录已撤销，不能开具合格证。")})
    if not batch.product.certificate_required:
        raise ValidationError(
            {"harvest": _("%(product)s不在合格证开具范围内。") % {"product": batch.product.name}}
        )
    if sale is not None and (sale.producer_id, sale.product_id) != (batch.producer_id, batch.product_id):
        raise ValidationError({"sale": _("销售记录与采收批次的主体或产品不符。")})
    against = obstacles(
        producer=batch.producer,
        product=batch.product,
        plot=batch.plot,
        harvested_on=batch.occurred_on,
        production=batch.production,
    )
    if against:
        raise ValidationError(
            {"harvest": [ValidationError(obstacle.sentence, code="not_yet") for obstacle in against]}
        )


def _bases(batch: Harvest, bases: Sequence[str]) -> list[str]:
    """The bases in the form's order; a test named as basis must be on record and have passed."""
    chosen = [basis for basis in Basis.values if basis in bases]
    if not chosen or len(chosen) != len(set(bases)):
        raise ValidationError({"bases": _("请至少选择一项承诺依据。")})
    tests = SelfTest.objects.active().filter(
        producer=batch.producer,
        product=batch.product,
        passed=True,
        occurred_on__gte=batch.occurred_on - TEST_AGE,
    )
    if Basis.SELF_TEST in chosen and not tests.exclude(method=TestMethod.ENTRUSTED).exists():
        raise ValidationError({"bases": _("没有该产品近30天合格的自行检测记录，请先记一笔自检。")})
    if Basis.ENTRUSTED_TEST in chosen and not tests.filter(method=TestMethod.ENTRUSTED).exists():
        raise ValidationError({"bases": _("没有该产品近30天合格的委托检测记录，请先录入检测报告。")})
    return chosen


def _refuse_quantity(batch: Harvest, quantity: Decimal, reason: str) -> None:
    if quantity <= 0:
        raise ValidationError({"quantity": _("数量要大于 0。")})
    harvested = in_kilograms(batch.quantity, batch.unit)
    if harvested is None:
        return
    issued = batch.certificates.issued().aggregate(total=Sum("quantity"))["total"] or Decimal(0)
    if issued + quantity > harvested * TOLERANCE and not reason:
        left = max(harvested - issued, Decimal(0))
        sentence = _("这批采收还可开证 %(left)s 公斤；超出请写明原因。") % {"left": f"{left.normalize():f}"}
        # The code stands with the field's own error: Django drops one given beside a dictionary.
        raise ValidationError({"quantity": ValidationError(sentence, code="over_quantity")})


def _created(*, batch: Harvest, issued_on: date, actor: Any, **facts: Any) -> Certificate:
    producer, code = batch.producer, new_code()
    natural = producer.nature == ProducerNature.NATURAL_PERSON
    issuer = mask_name(producer.name) if natural else producer.name
    origin = (batch.plot.region if batch.plot else None) or producer.region
    statement = Statement(
        code=code,
        issuer=issuer,
        product=batch.product.name,
        grams=int(facts["quantity"] * 1000),
        issued_on=issued_on,
        origin=origin.code,
    )
    return Certificate.objects.create(
        code=code,
        producer=producer,
        product=batch.product,
        harvest=batch,
        form=Form.PRODUCER,
        promise=PROMISES[Form.PRODUCER],
        origin=origin,
        origin_text=origin.full_name or origin.name,
        issuer_name=producer.name,
        contact=_contact(producer, natural),
        issued_on=issued_on,
        issued_at=now(),
        issued_by=actor,
        statement=sign(statement),
        **facts,
    )


def _contact(producer: Producer, natural: bool) -> str:
    phone = producer.phone or ""
    return mask_phone(phone) if natural else phone


def _events(certificate: Certificate) -> list[EventDraft]:
    """The certificate is complete and kept by construction; its sale counts as certified."""
    common: dict[str, Any] = {
        "producer_id": certificate.producer_id,
        "outcome": "pass",
        "occurred_on": certificate.issued_on,
        "source": SOURCE,
    }
    events = [
        EventDraft(uid=f"checked:{certificate.uid}", kind="certificate.checked", **common),
        EventDraft(uid=f"retained:{certificate.uid}", kind="certificate.retained", **common),
    ]
    if certificate.sale_id:
        events.append(EventDraft(uid=f"certified:{certificate.uid}", kind="sale.certified", **common))
    return events


@transaction.atomic
def void(*, certificate: Certificate, reason: str, actor: Any) -> Certificate:
    """Void a certificate with a reason; it stays readable and says so. Voiding twice is refused.

    What it had posted is reversed, so that its sale counts as uncertified again until a new one is issued.
    """
    row = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if row.status == Certificate.Status.VOID:
        raise ValidationError(_("这张合格证已经作废。"))
    if not reason.strip():
        raise ValidationError({"reason": _("请写明作废原因。")})
    row.status, row.void_reason = Certificate.Status.VOID, reason.strip()
    row.voided_at, row.voided_by = now(), actor
    row.save(update_fields=["status", "void_reason", "voided_at", "voided_by"])
    for event in _events(row):
        reverse(uid=event.uid, by_uid=f"void:{event.uid}", source=SOURCE, note=row.void_reason)
    record(
        verb="certificate.voided",
        actor=actor,
        target=row,
        region_code=row.producer.region_id,
        reason=row.void_reason,
    )
    return row
