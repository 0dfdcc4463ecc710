"""What may stand in a producer's file: every field checked, every fault said at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common import clock
from agricredit.foundation.common.codes import check_credit_code, check_identity_number
from agricredit.foundation.common.crypto import keyed_hash
from agricredit.foundation.common.grams import fold, grams, initials
from agricredit.foundation.common.templatetags.formats import full_date
from archives.models import ORGANISED_KINDS, Activity, Producer, ProducerKind, ProducerNature, Region, Sector

KNOWN = {
    "key", "name", "kind", "nature", "sectors", "region", "credit_code", "identity_number", "contact_name",
    "phone", "address", "registered_on", "is_generated", "activities",
}  # fmt: skip
TAKEN = {
    "key": gettext_lazy("已有主体使用这个编号。"),
    "credit_code": gettext_lazy("已有主体使用这个统一社会信用代码。"),
    "identity_number": gettext_lazy("已有主体使用这个公民身份号码。"),
}
_PHONE = re.compile(r"^1[3-9]\d{9}$")
_KEY = re.compile(r"^[\w.:-]{1,64}$")


def cleaned(
    fields: Mapping[str, Any],
    producer: Producer | None,
    actor: Any = None,
    *,
    regions: Mapping[str, Region],
    look_for_taken: bool = True,
    searched: bool = True,
) -> dict[str, Any]:
    """The fields as columns, normalised; ValidationError with a sentence for every field that is wrong.

    ``producer`` is the row being changed, ``regions`` those that the fields may name (by code). The columns
    by which a name is searched cost more than all the rest: without ``searched`` the caller adds them. An
    officer as ``actor`` may only write within its own jurisdiction.
    """
    unknown = set(fields) - KNOWN
    if unknown:
        raise TypeError(f"a producer has no {', '.join(sorted(unknown))}")
    faults: dict[str, list[str]] = {}

    def take(name: str, check: Callable[..., Any], *args: Any) -> Any:
        try:
            return check(*args)
        except ValidationError as error:
            faults.setdefault(name, []).extend(error.messages)
            return None

    kind = take("kind", _choice, fields.get("kind"), ProducerKind)
    nature = take("nature", _choice, fields.get("nature"), ProducerNature)
    name = take("name", _text, fields.get("name"), 160)
    values: dict[str, Any] = {
        "kind": kind,
        "nature": nature,
        "region_id": take("region", _region, fields.get("region"), producer, actor, regions),
        "sectors": take("sectors", _sectors, fields.get("sectors")),
        "activities": take("activities", _activities, fields.get("activities", [Activity.PRODUCTION])),
        "registered_on": take("registered_on", _past, fields.get("registered_on")),
        "contact_name": take("contact_name", _text, fields.get("contact_name") or "", 80, False),
        "address": take("address", _text, fields.get("address") or "", 240, False),
        "is_generated": bool(fields.get("is_generated", False)),
        "name": name or "",
        **(name_columns(name or "", person=nature == ProducerNature.NATURAL_PERSON) if searched else {}),
        **_codes(fields, nature, take),
    }
    if producer is None and fields.get("key"):
        values["key"] = take("key", _key, fields["key"])
    if kind in ORGANISED_KINDS and nature == ProducerNature.NATURAL_PERSON:
        message = _("企业、合作社、集体经济组织和社会化服务组织不能是自然人。")
        faults.setdefault("nature", []).append(message)
    if look_for_taken:
        _refuse_taken(values, producer, faults)
    if faults:
        raise ValidationError(dict(faults))
    return values


def name_columns(name: str, *, person: bool) -> dict[str, Any]:
    """The name and what search compares it by; ``person`` reads the first character as a surname."""
    return {
        "name": name,
        "name_folded": fold(name)[:160],
        "name_grams": grams(name),
        "initials": initials(name, person=person)[:160],
    }


def _codes(fields: Mapping[str, Any], nature: str | None, take: Callable[..., Any]) -> dict[str, Any]:
    def given(name: str, check: Callable[[str], str]) -> str | None:
        text = str(fields.get(name) or "").strip()
        return take(name, check, text) if text else None

    code = given("credit_code", check_credit_code)
    if code and nature == ProducerNature.NATURAL_PERSON:
        take("credit_code", _refuse, _("自然人没有统一社会信用代码。"))
    number, phone = given("identity_number", check_identity_number), given("phone", _phone)
    return {
        "credit_code": code,
        "identity_number": number,
        "identity_hash": keyed_hash(number, "identity") if number else None,
        "phone": phone,
        "phone_hash": keyed_hash(phone, "phone") if phone else None,
    }


def _refuse_taken(values: dict[str, Any], producer: Producer | None, faults: dict[str, list[str]]) -> None:
    """Codes another producer that is not merged has; its name is not told: it may lie elsewhere."""
    others = Producer.objects.exclude(pk=producer.pk) if producer else Producer.objects.all()
    living = others.exclude(status="merged")
    taken = {
        "key": others.filter(key=values.get("key")) if values.get("key") else None,
        "credit_code": living.filter(credit_code=values["credit_code"]) if values["credit_code"] else None,
        "identity_number": living.filter(identity_hash=values["identity_hash"])
        if values["identity_hash"]
        else None,
    }
    for field, rows in taken.items():
        if rows is not None and rows.exists():
            faults.setdefault(field, []).append(str(TAKEN[field]))


def _refuse(message: str) -> None:
    raise ValidationError(message)


def _choice(value: Any, choices: Any) -> str:
    try:
        return str(choices(value).value)
    except ValueError:
        allowed = "、".join(str(label) for label in choices.labels)
        raise ValidationError(_("请选择：%(allowed)s。") % {"allowed": allowed}) from None


def _text(value: Any, length: int, needed: bool = True) -> str:
    text = str(value or "").strip()
    if needed and not text:
        raise ValidationError(_("请填写。"))
    if len(text) > length:
        raise ValidationError(_("最多%(length)d个字。") % {"length": length})
    if not text.isprintable():
        raise ValidationError(_("含有不可见的字符，请重新填写。"))
    return text


def _key(value: Any) -> str:
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if not _KEY.match(text):
        raise ValidationError(_("主体编号最多64位，只能用文字、数字和 . : - _ 。"))
    return text


def _phone(value: str) -> str:
    text = "".join(value.split())
    if not _PHONE.match(text):
        raise ValidationError(_("请填写11位手机号码。"))
    return text


def _past(value: Any) -> Any:
    if value is None:
        raise ValidationError(_("请填写。"))
    if value > clock.today():
        raise ValidationError(_("建档日期不能晚于今天。"))
    return value


def _sectors(value: Any) -> list[str]:
    sectors = list(dict.fromkeys(value or []))
    for sector in sectors:
        _choice(sector, Sector)
    return sectors


def _activities(value: Any) -> list[str]:
    """In the order of the list, so that equal sets are equal columns."""
    given = {_choice(activity, Activity) for activity in value or []}
    if not given:
        raise ValidationError(_("请至少选择一个从事环节。"))
    return [activity for activity in Activity.values if activity in given]


def _ended(region: Region) -> str:
    """That a division ended, and what it has become."""
    said = {"name": region.name, "day": full_date(region.valid_to)}
    now = Region.objects.current_codes([region.pk])[region.pk]
    if now == region.pk:
        return _("行政区划“%(name)s”已于%(day)s停用。") % said
    said["now"] = f"{Region.objects.get(pk=now)}（{now}）"
    return _("行政区划“%(name)s”已于%(day)s停用，现为%(now)s。") % said


def _region(value: Any, producer: Producer | None, actor: Any, regions: Mapping[str, Region]) -> str:
    code = value.pk if isinstance(value, Region) else str(value or "")
    if producer is not None and code == producer.region_id:
        return code
    region = regions.get(code)
    if region is None:
        raise ValidationError(_("没有代码为“%(code)s”的行政区划。") % {"code": code})
    if region.valid_to is not None and region.valid_to < clock.today():
        raise ValidationError(_ended(region))
    scope = scope_of(actor)
    if scope.kind == "region" and not scope.covers(code):
        raise ValidationError(_("“%(name)s”不在您的辖区内。") % {"name": region.full_name or region.name})
    return code
