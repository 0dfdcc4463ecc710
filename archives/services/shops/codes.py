"""Numbers on packs: a registration number as printed, or the 32 digits behind a pesticide's QR code.

The unit code (单元识别代码, 农业部公告第2579号): 1 digit for the kind of registration, 6 for the end of its
number, 1 for who made it, 3 for the size, 21 at random. One code is one pack.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

REGISTERED_AS = {"1": "PD", "2": "WP", "3": "LS"}
_REGISTRATION = re.compile(r"(PD|WP|LS)(\d{5,8})(?:-(\d{1,3}))?(?:F(\d{6}))?", re.IGNORECASE)
_UNIT = re.compile(r"(?<!\d)(\d{32})(?!\d)")


@dataclass(frozen=True)
class PackCode:
    """What a scanned or typed code says. ``unit_code`` is empty for a bare registration number."""

    registration: str
    tail: str
    unit_code: str = ""

    def matches(self, registration_number: str) -> bool:
        """Whether a lot's registration number is the one meant."""
        known = _REGISTRATION.search(_plain(registration_number))
        if known is None:
            return False
        if not self.unit_code:
            return _written(known) == self.registration
        same_kind = known[1].upper() == self.registration[:2]
        return same_kind and _tail(known) == self.tail


def parse(text: str) -> PackCode:
    """Read what a scanner or a person gave: a QR's text or address, 32 digits, or a registration number."""
    plain = _plain(text)
    unit = _UNIT.search(plain)
    if unit is not None:
        digits = unit[1]
        kind = REGISTERED_AS.get(digits[0])
        if kind is None or digits[7] not in "123":
            raise ValidationError(
                _("二维码中的32位代码不符合农药单元识别代码规则，请改为输入登记证号。"), code="unit"
            )
        return PackCode(f"{kind}…{digits[1:7]}", digits[1:7], digits)
    known = _REGISTRATION.search(plain)
    if known is None:
        raise ValidationError(_("没有认出登记证号，应如PD20150001、PD85105-3，或扫农药标签上的二维码。"))
    return PackCode(_written(known), _tail(known))


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _written(known: re.Match[str]) -> str:
    number = f"{known[1].upper()}{known[2]}"
    return f"{number}-{known[3]}" if known[3] else number


def _tail(known: re.Match[str]) -> str:
    """The last six digits, as the unit code holds them; shorter numbers are filled up in front."""
    return (known[2] + (known[3] or ""))[-6:].zfill(6)
