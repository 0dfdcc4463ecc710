"""Who buys: a producer on file, found by a number it gives; or a person with a checked identity number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
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


class Buyers:
    """Who is behind the numbers of a load, looked up together: two queries and one for each sort of number.

    Only an exact number finds anybody: a shop cannot leaf through the register.
    """

    def __init__(self, numbers: Iterable[str]) -> None:
        self._meant = {number: _meaning(number) for number in {"".join(n.split()) for n in numbers} - {""}}
        wanted: dict[str, set[str]] = {}
        for column, value in self._meant.values():
            wanted.setdefault(column, set()).add(value)
        self._rows: dict[tuple[str, str], list[int]] = {}
        for column, values in wanted.items():
            rows = Producer.objects.filter(**{f"{column}__in": values}).values_list(column, "pk")
            for value, key in rows:
                self._rows.setdefault((column, value), []).append(key)
        found = {key for keys in self._rows.values() for key in keys}
        self._ends = Producer.objects.resolve(found) if found else {}

    def find(self, *, number: str, name: str) -> Buyer:
        """The buyer behind a credit code, identity number, phone or file number; a name alone is just a name.

        ``number`` is one of those that the load was made with. ValidationError by field.
        """
        given, said = "".join(number.split()), name.strip()
        if len(said) > NAME_LENGTH:
            raise ValidationError({"buyer_name": _("最多%(length)d个字。") % {"length": NAME_LENGTH}})
        if not given:
            return Buyer(name=said)
        found = self._one(given)
        if found is not None:
            return Buyer(producer=found)
        identity = _identity(given)
        if not identity:
            raise ValidationError({"buyer": _("没有找到这个主体。请核对号码，或用身份证号登记购买人。")})
        if not said:
            raise ValidationError({"buyer_name": _("请填写购买人姓名（与身份证一致）。")})
        return Buyer(name=said, identity=identity)

    def _one(self, number: str) -> Producer | None:
        keys = self._rows.get(self._meant[number], [])
        ends = {self._ends[key].pk: self._ends[key] for key in keys if key in self._ends}
        if len(ends) > 1:
            raise ValidationError({"buyer": _("有几个主体用这个号码，请改用统一社会信用代码或身份证号。")})
        for row in ends.values():
            if row.status == ProducerStatus.CLOSED:
                raise ValidationError({"buyer": _("该主体已注销，不能作为购买人。")})
            return row
        return None


def _meaning(number: str) -> tuple[str, str]:
    """Which column of the register a number is looked up in, and as what."""
    if _PHONE.fullmatch(number):
        return "phone_hash", keyed_hash(number, "phone")
    if identity := _identity(number):
        return "identity_hash", keyed_hash(identity, "identity")
    try:
        return "credit_code", check_credit_code(number)
    except ValidationError:
        return "key", number


def _identity(number: str) -> str:
    try:
        return check_identity_number(number)
    except ValidationError:
        return ""
