"""Dealers' licences: kept by officers, asked before anything is bought in or sold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import Activity, DealerLicence, DealerLicenceKind, InputKind, Producer, ProducerStatus

LICENSED = {
    InputKind.PESTICIDE.value: DealerLicenceKind.PESTICIDE,
    InputKind.VETERINARY_DRUG.value: DealerLicenceKind.VETERINARY_DRUG,
    InputKind.SEED.value: DealerLicenceKind.SEED,
}
LONGEST_YEARS = 10


@transaction.atomic
def grant_licence(
    *,
    producer: Producer,
    kind: str,
    number: str,
    authority: str,
    valid_from: date,
    valid_until: date,
    restricted: bool = False,
    scope: str = "",
    actor: Any = None,
) -> DealerLicence:
    """Put a licence on file; ValidationError when the subject sells no inputs or it makes no sense."""
    shop = Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
    refuse_other_than_shop(shop)
    if kind not in DealerLicenceKind.values:
        raise ValidationError({"kind": _("请选择许可类别。")})
    if restricted and kind != DealerLicenceKind.PESTICIDE:
        raise ValidationError({"restricted": _("只有农药经营许可证才能含限制使用农药。")})
    for field, text, length in (("number", number, 60), ("authority", authority, 100)):
        if not text.strip() or len(text.strip()) > length:
            raise ValidationError({field: _("请填写，最多%(length)d个字。") % {"length": length}})
    if not valid_from <= valid_until or valid_until.year - valid_from.year > LONGEST_YEARS:
        raise ValidationError({"valid_until": _("有效期应晚于开始日期，最长十年。")})
    standing = DealerLicence.objects.filter(kind=kind, number=number.strip(), ended_on__isnull=True)
    if standing.exists():
        raise ValidationError({"number": _("这个许可证号已经登记。")})
    row: DealerLicence = DealerLicence.objects.create(
        producer=shop, kind=kind, number=number.strip(), restricted=restricted, scope=scope.strip()[:240],
        authority=authority.strip(), valid_from=valid_from, valid_until=valid_until, kept_by=actor,
    )  # fmt: skip
    _note("dealer_licence.granted", row, actor, until=valid_until)
    return row


@transaction.atomic
def end_licence(*, licence: DealerLicence, reason: str, actor: Any = None) -> DealerLicence:
    """Revoked or given back: from today on nothing can be sold under it."""
    row: DealerLicence = DealerLicence.objects.select_for_update(of=("self",)).get(pk=licence.pk)
    if row.ended_on is not None:
        raise ValidationError(_("这个许可已经吊销或注销。"), code="ended")
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
    row.ended_on, row.end_reason = clock.today(), reason.strip()[:240]
    row.save(update_fields=["ended_on", "end_reason"])
    _note("dealer_licence.ended", row, actor, reason=row.end_reason)
    return row


def refuse_other_than_shop(shop: Producer) -> None:
    """Refuse a subject that is closed, merged, or does not sell inputs."""
    if shop.status in (ProducerStatus.CLOSED, ProducerStatus.MERGED):
        raise ValidationError(_("该农资店已注销或已合并。"), code="status")
    if Activity.INPUT_SALE not in shop.activities:
        raise ValidationError(_("该主体没有登记“农资经营”，请先在档案中更正从事环节。"), code="activity")


class Held:
    """The licences of some shops, fetched once."""

    def __init__(self, shops: Iterable[int]) -> None:
        self._rows: dict[tuple[int, str], list[DealerLicence]] = {}
        for row in DealerLicence.objects.filter(producer_id__in=set(shops)):
            self._rows.setdefault((row.producer_id, row.kind), []).append(row)

    def refuse_unlicensed(self, shop_id: int, kind: str, restricted: bool, day: date) -> None:
        """Refuse trade in a kind that needs a licence (农药管理条例 art. 24) without a valid one."""
        wanted = LICENSED.get(kind)
        if wanted is None:
            return
        held = [row for row in self._rows.get((shop_id, wanted.value), []) if row.is_in_force(day)]
        if not held:
            said = {"licence": wanted.label, "day": day.isoformat()}
            raise ValidationError(_("%(day)s没有有效的%(licence)s，不能经营。请联系农业农村部门。") % said)
        if restricted and not any(row.restricted for row in held):
            raise ValidationError(
                _("限制使用农药实行定点经营，本店的许可证不含限制使用农药。"), code="restricted"
            )


def _note(verb: str, row: DealerLicence, actor: Any, **facts: Any) -> None:
    record(
        verb=verb, actor=actor, target=row.producer, region_code=row.producer.region_id, licence=str(row),
        **facts,
    )  # fmt: skip
