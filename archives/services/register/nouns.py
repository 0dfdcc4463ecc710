"""What can be kept on a producer, as data: for each noun its table, what is written and who may write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from archives.models import (
    Base,
    Checked,
    Delivery,
    Filing,
    GreenControl,
    Honour,
    Identity,
    Kept,
    Licence,
    Pledge,
    Plot,
    Procedure,
    StaffMember,
)
from archives.services.register import statements

Words = str | Promise


@dataclass(frozen=True)
class Noun:
    """One kind of entry. ``settle`` posts what an entry says about credit, after each act on it."""

    code: str
    model: type[Kept]
    label: Words
    hint: Words
    fields: tuple[str, ...]
    by_producer: bool = True
    settle: Callable[[Any], None] | None = None

    @property
    def is_checked(self) -> bool:
        """Whether an officer compares entries with the document behind them."""
        return issubclass(self.model, Checked)

    def right(self, act: str) -> str:
        """The permission for ``view``, ``add`` or ``change``."""
        return f"archives.{act}_{self.model._meta.model_name}"


_POINT = ("latitude", "longitude", "consented_on")
NOUNS: dict[str, Noun] = {
    noun.code: noun
    for noun in (
        Noun("identity", Identity, _("身份标识"), _("法定代表人、负责人和主体自己的证件号码"),
             ("kind", "number", "relation", "holder")),
        Noun("licence", Licence, _("证照"), _("营业执照、动物防疫、农药经营等"),
             ("kind", "number", "issuer", "scope", "restricted", "issued_on", "valid_until"),
             settle=statements.licences),
        Noun("base", Base, _("基地"), _("连片管理的几块地"), ("name", "address", "area_mu", *_POINT)),
        Noun("plot", Plot, _("地块"), _("一块地、一个棚、一口塘"),
             ("name", "area_mu", "crop", "base", *_POINT)),
        Noun("staff", StaffMember, _("内控与技术人员"), _("内控员、质量安全员、检测员"),
             ("name", "duty", "phone", "from_on", "certificate_number", "certificate_issuer", "valid_until"),
             settle=statements.quality_person),
        Noun("filing", Filing, _("制度与预案"), _("质量管理制度、应急预案"),
             ("kind", "title", "version", "filed_on", "valid_until"), settle=statements.filing),
        Noun("procedure", Procedure, _("操作规程"), _("按品种的生产操作规程，采收时可以选用"),
             ("title", "product", "version", "standard", "in_force_on", "steps")),
        Noun("green_control", GreenControl, _("绿色防控"), _("杀虫灯、天敌、轮作、科学用药等"),
             ("measure", "product", "area_mu", "begun_on", "detail"), settle=statements.green_control),
        Noun("honour", Honour, _("荣誉"), _("龙头企业、示范社、“菜篮子”基地等"),
             ("kind", "title", "level", "issuer", "document_number", "granted_on", "valid_until"),
             settle=statements.honour),
        Noun("pledge", Pledge, _("信用承诺"), _("每年签一次的质量安全承诺书"),
             ("text", "signed_on", "signer", "way"), by_producer=False, settle=statements.pledge),
        Noun("delivery", Delivery, _("告知书和明白纸"), _("送达了哪份文本，有没有回执"),
             ("text", "delivered_on", "way", "receiver", "receipt"), by_producer=False),
    )
}  # fmt: skip
NOUN_OF: dict[type[Kept], Noun] = {noun.model: noun for noun in NOUNS.values()}
