"""Which questions the producer is asked for each thing kept in its file, one a page.

Personal numbers stand on the last page, which is sent and not carried in an address.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Page:
    """One question and the fields that answer it."""

    title: str | Promise
    fields: tuple[str, ...]


_POINT = Page(_("要标出位置吗？（可不填）"), ("latitude", "longitude", "consented_on"))
FLOWS: dict[str, tuple[Page, ...]] = {
    "identity": (
        Page(_("是谁的证件？"), ("relation", "holder")),
        Page(_("证件号码是多少？"), ("kind", "number")),
    ),
    "licence": (
        Page(_("什么证照？"), ("kind",)),
        Page(_("编号是多少，谁发的？"), ("number", "issuer", "scope", "restricted")),
        Page(_("有效期到哪天？"), ("issued_on", "valid_until")),
    ),
    "base": (Page(_("基地叫什么，在哪里？"), ("name", "address")), Page(_("有多大？"), ("area_mu",)), _POINT),
    "plot": (
        Page(_("这块地叫什么？"), ("name",)),
        Page(_("有多大？"), ("area_mu",)),
        Page(_("种养什么，属于哪个基地？"), ("crop", "base")),
        _POINT,
    ),
    "staff": (
        Page(_("是谁，什么岗位？"), ("name", "duty")),
        Page(_("有没有资格证书？（没有可不填）"),
             ("certificate_number", "certificate_issuer", "valid_until")),
        Page(_("从哪天起，电话多少？"), ("from_on", "phone")),
    ),
    "filing": (
        Page(_("是哪一种？"), ("kind",)),
        Page(_("叫什么名称？"), ("title", "version")),
        Page(_("哪天定的，到哪天为止？"), ("filed_on", "valid_until")),
    ),
    "procedure": (
        Page(_("规程叫什么，第几版？"), ("title", "version")),
        Page(_("用在哪种产品，依据什么标准？"), ("product", "standard")),
        Page(_("从哪天起实施，要点是什么？"), ("in_force_on", "steps")),
    ),
    "green_control": (
        Page(_("用了什么办法？"), ("measure",)),
        Page(_("用在哪种产品，多大面积？"), ("product", "area_mu")),
        Page(_("从哪天开始，怎么做的？"), ("begun_on", "detail")),
    ),
    "honour": (
        Page(_("什么荣誉？"), ("kind", "title")),
        Page(_("谁授予的？"), ("level", "issuer", "document_number")),
        Page(_("哪天授予，到哪天为止？"), ("granted_on", "valid_until")),
    ),
}  # fmt: skip
