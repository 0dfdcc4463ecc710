"""Who buys: a producer on file, found by a number it gives; or a person with a checked identity number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agricredit.foundation.common.codes import check_credit_code, check_identity_number
from agricredit.foundation.common.crypto import keyed_hash
from archives.models import Producer, ProducerStatus

_PHONE = re.compile(r"1\d{10}")
NAME_LENGTH = 60


@dataclass(frozen=True)
class Buyer:
    """A buyer as the sale keeps it; ``identity`` only for a person without a file."""

    producer: Producer | None = None
    name: str = ""
    identity: str = ""

    @property
    def identity_hash(self) -> str:
        """The keyed hash of the number, "" without one."""
        return keyed_hash(self.identity, "identity") if self.identity else ""

    @property
    def is_known(self) -> bool:
        """Whether the sale is by real name."""
        return self.producer is not None or bool(self.identity)


def find_buyer(*, number: str, name: str) -> Buyer:
    """The buyer behind a credit code, identity number, phone or file number; a name alone is just a name.

    Only an exact number finds anybody: a shop cannot leaf through the register. ValidationError by field.
    """
    given, said = "".join(number.split()), name.strip()
    if len(said) > NAME_LENGTH:
        raise ValidationError({"buyer_name": _("最多%(length)d个字。") % {"length": NAME_LENGTH}})
    if not given:
        return Buyer(name=said)
    found = _one(given)
    if found is not None:
        return Buyer(producer=found)
    identity = _identity(given)
    if not identity:
        raise ValidationError({"buyer": _("没有找到这个主体。请核对号码，或用身份证号登记购买人。")})
    if not said:
        raise ValidationError({"buyer_name": _("请填写购买人姓名（与身份证一致）。")})
    return Buyer(name=said, identity=identity)


def _one(number: str) -> Producer | None:
    rows = list(_with(number)[:5])
    ends = (
        {row.pk: row for row in Producer.objects.resolve([row.pk for row in rows]).values()} if rows else {}
    )
    if len(ends) > 1:
        raise ValidationError({"buyer": _("有几个主体用这个号码，请改用统一社会信用代码或身份证号。")})
    for row in ends.values():
        if row.status == ProducerStatus.CLOSED:
            raise ValidationError({"buyer": _("该主体已注销，不能作为购买人。")})
        return row
    return None


def _with(number: str) -> QuerySet[Producer]:
    rows = Producer.objects.all()
    if _PHONE.fullmatch(number):
        return rows.with_phone(number)
    if identity := _identity(number):
        return rows.with_identity(identity)
    try:
        return rows.filter(credit_code=check_credit_code(number))
    except ValidationError:
        return rows.filter(key=number)


def _identity(number: str) -> str:
    try:
        return check_identity_number(number)
    except ValidationError:
        return ""
