"""What an input shop must be and hold before it buys in or sells: asked at every entry of its ledgers.

The licences themselves are entries of the shop's file (``services/register``), where an officer checks them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agricredit.foundation.common.templatetags.formats import full_date
from archives import vocabulary
from archives.models import Activity, Licence, Producer, ProducerStatus


def licence_for(kind: str) -> vocabulary.Term | None:
    """The licence that a trade in this kind of input needs; fertiliser and feed are sold without one."""
    terms = vocabulary.terms("licences").values()
    return next((term for term in terms if term.more.get("dealing") == kind), None)


def refuse_other_than_shop(shop: Producer) -> None:
    """Refuse a subject that is closed, merged, or does not sell inputs."""
    if shop.status in (ProducerStatus.CLOSED, ProducerStatus.MERGED):
        raise ValidationError(_("该农资店已注销或已合并。"), code="status")
    if Activity.INPUT_SALE not in shop.activities:
        raise ValidationError(_("该主体没有登记“农资经营”，请先在档案中更正从事环节。"), code="activity")


class Held:
    """The licences of some shops, fetched once."""

    def __init__(self, shops: Iterable[int]) -> None:
        self._rows: dict[tuple[int, str], list[Licence]] = {}
        for row in Licence.objects.dealing().filter(producer_id__in=set(shops), check_outcome="pass"):
            self._rows.setdefault((row.producer_id, row.kind), []).append(row)

    def refuse_unlicensed(self, shop_id: int, kind: str, restricted: bool, day: date) -> None:
        """Refuse trade in a kind that needs a licence (农药管理条例 art. 24) without a valid, checked one."""
        wanted = licence_for(kind)
        if wanted is None:
            return
        held = [row for row in self._rows.get((shop_id, wanted.code), []) if row.is_in_force(day)]
        if not held:
            said = {"licence": str(wanted), "day": full_date(day)}
            raise ValidationError(_("%(day)s没有有效的%(licence)s，不能经营。请联系农业农村部门。") % said)
        if restricted and not any(row.restricted for row in held):
            raise ValidationError(
                _("限制使用农药实行定点经营，本店的许可证不含限制使用农药。"), code="restricted"
            )
