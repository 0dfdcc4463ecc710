"""What the register itself says of a producer: facts, products, plots, people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.masking import mask_identity, mask_phone
from agricredit.foundation.common.templatetags.formats import full_date, moment
from agricredit.pages.office.file.registry import File, section
from archives.divisions import predecessors
from archives.models import Membership, Plot, Producer, ProducerProduct, ProfileState, Sector

HOLDINGS = 20


@section("archive", 10, gettext_lazy("主体基本信息"), "archives.view_producer")
def archive(file: File, cursor: str, size: int) -> dict[str, Any]:
    """Facts, and the first twenty products, plots and people each."""
    own = file.producer
    return {
        "facts": facts_of(file),
        "products": list(ProducerProduct.objects.filter(producer=own).select_related("product")[:HOLDINGS]),
        "plots": list(
            Plot.objects.open()
            .filter(producer=own)
            .select_related("region", "crop")
            .order_by("pk")[:HOLDINGS]
        ),
        "members": list(
            Membership.objects.filter(producer=own)
            .in_force()
            .select_related("user")
            .order_by("pk")[:HOLDINGS]
        ),
        "aliases": []
        if file.is_alone
        else list(Producer.objects.filter(pk__in=file.family).exclude(pk=own.pk).order_by("pk")[:HOLDINGS]),
    }


def facts_of(file: File) -> list[tuple[str, str]]:
    """Label and value of every field; a reader who may not write sees the phone masked, nobody the number."""
    own = file.producer
    phone = own.phone or ""
    state = ProfileState.objects.filter(producer=own).first()
    found = [
        ("key", own.key),
        ("kind", own.get_kind_display()),
        ("nature", own.get_nature_display()),
        ("sectors", _("、").join(str(Sector(sector).label) for sector in own.sectors)),
        ("credit_code", own.credit_code),
        ("identity_number", mask_identity(own.identity_number or "")),
        ("region", str(own.region)),
        ("address", own.address),
        ("contact_name", own.contact_name),
        ("phone", phone if file.may_write else mask_phone(phone)),
        ("registered_on", full_date(own.registered_on)),
        ("status", own.get_status_display()),
        ("updated_at", moment(own.updated_at)),
    ]
    shown = [(_label(name), str(value)) for name, value in found if value]
    return [*shown, *_moved(own), *_profile(state)]


def _moved(own: Producer) -> list[tuple[str, str]]:
    """What its division was called before changes that carried the producer along, the last first."""
    said = [
        _("%(old)s（%(code)s），%(day)s起为现区划（%(basis)s）")
        % {
            "old": row.old.full_name or row.old.name, "code": row.old_id,
            "day": full_date(row.change.effective_on), "basis": row.change.basis,
        }
        for row in predecessors(own.region_id, since=own.registered_on)
    ]  # fmt: skip
    return [(_("区划沿革"), _("；").join(said))] if said else []


def _profile(state: ProfileState | None) -> list[tuple[str, str]]:
    if state is None:
        return [(_("档案完整度"), _("尚未计算"))]
    confirmed = full_date(state.confirmed_on) or _("从未确认")
    if state.is_overdue:
        confirmed = _("%(day)s（已超过半年，应重新确认）") % {"day": confirmed}
    return [(_("档案完整度"), f"{state.completeness}%"), (_("最近确认"), confirmed)]


def _label(name: str) -> str:
    return str(Producer._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # columns only
