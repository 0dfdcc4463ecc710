"""Identity codes of organisations and people: checks with a sentence for each fault, and makers for made-up
data.

GB 32100-2015 统一社会信用代码 (with GB 11714 organisation code inside) and GB 11643-1999 公民身份号码.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import today

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECKS = "10X98765432"
LENGTH = 18


def check_credit_code(text: str) -> str:
    """The code normalised (upper case, half width, no spaces); ValidationError says which position is wrong.

    Letters are allowed in the first eight positions: codes of rural collective organisations begin with N.
    """
    code = _normalised(text)
    _check_length(code, _("统一社会信用代码"))
    for position, character in enumerate(code, start=1):
        if character not in CREDIT_ALPHABET:
            raise ValidationError(
                _(
                    "统一社会信用代码第%(position)d位“%(character)s”不可用："
                    "只能是数字或大写字母，且不含 I、O、S、V、Z。"
                )
                % {"position": position, "character": character},
                code="credit_code_character",
            )
    expected = _organisation_check(code[8:16])
    if code[16] != expected:
        raise ValidationError(
            _(
                "统一社会信用代码第17位（组织机构代码校验码）应为“%(expected)s”，现为“%(given)s”，请核对第9至17位。"
            )
            % {"expected": expected, "given": code[16]},
            code="credit_code_organisation",
        )
    expected = _credit_check(code[:17])
    if code[17] != expected:
        raise ValidationError(
            _("统一社会信用代码第18位（校验码）应为“%(expected)s”，现为“%(given)s”，请核对全部18位。")
            % {"expected": expected, "given": code[17]},
            code="credit_code_check",
        )
    return code


def make_credit_code(prefix: str) -> str:
    """A valid code from its first 16 or 17 characters; the organisation check (17th) is always recomputed."""
    head = _normalised(prefix)
    if len(head) not in (16, 17) or any(character not in CREDIT_ALPHABET for character in head):
        raise ValueError("make_credit_code takes 16 or 17 characters of the GB 32100 alphabet")
    head = head[:16] + _organisation_check(head[8:16])
    return head + _credit_check(head)


@dataclass(frozen=True)
class IdentityFacts:
    """What a valid identity number says by itself (GB 11643): first division, birthday, sex."""

    region_code: str
    born_on: date
    sex: Literal["male", "female"]

    @classmethod
    def of(cls, number: str) -> IdentityFacts:
        """Read the facts out of a number; ValidationError when the number is not valid."""
        checked = check_identity_number(number)
        sex: Literal["male", "female"] = "male" if int(checked[16]) % 2 else "female"
        return cls(checked[:6], _birthday(checked), sex)


def check_identity_number(text: str) -> str:
    """The 18-character number normalised; ValidationError names the position and what was expected.

    The 15-digit numbers of before 1999 are not accepted. The message never repeats the number.
    """
    number = _normalised(text)
    _check_length(number, _("公民身份号码"))
    for position, character in enumerate(number[:17], start=1):
        if character not in "0123456789":
            raise ValidationError(
                _("公民身份号码第%(position)d位应为数字。") % {"position": position},
                code="identity_character",
            )
    if number[0] == "0":
        raise ValidationError(_("公民身份号码第1位应为1至9（行政区划代码）。"), code="identity_region")
    _birthday(number)
    expected = _identity_check(number[:17])
    if number[17] != expected:
        raise ValidationError(
            _("公民身份号码第18位（校验码）与前17位不符，请核对全部18位。"), code="identity_check"
        )
    return number


def make_identity_number(region_code: str, born_on: date, serial: int) -> str:
    """A valid number for made-up people: six-digit division, birthday, serial 0–999 (odd = male)."""
    if (
        len(region_code) != 6
        or not region_code.isascii()
        or not region_code.isdigit()
        or not 0 <= serial <= 999
    ):
        raise ValueError("make_identity_number takes a six-digit division and a serial from 0 to 999")
    head = f"{region_code}{born_on:%Y%m%d}{serial:03d}"
    return head + _identity_check(head)


def _normalised(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def _check_length(code: str, name: str) -> None:
    if len(code) != LENGTH:
        raise ValidationError(
            _("%(name)s应为18位，现为%(given)d位。") % {"name": name, "given": len(code)}, code="length"
        )


def _credit_check(head: str) -> str:
    total = sum(CREDIT_ALPHABET.index(c) * weight for c, weight in zip(head, CREDIT_WEIGHTS, strict=True))
    return CREDIT_ALPHABET[(31 - total % 31) % 31]


def _organisation_check(head: str) -> str:
    """GB 11714: letters count from A = 10 in the full alphabet; 10 is written X, 11 is written 0."""
    total = sum(
        ORGANISATION_ALPHABET.index(c) * weight for c, weight in zip(head, ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def _identity_check(head: str) -> str:
    total = sum(int(c) * weight for c, weight in zip(head, IDENTITY_WEIGHTS, strict=True))
    return IDENTITY_CHECKS[total % 11]


def _birthday(number: str) -> date:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValidationError(
            _("公民身份号码第7至14位应为真实的出生日期（年月日）。"), code="identity_birthday"
        ) from None
    if not date(1850, 1, 1) <= born <= today():
        raise ValidationError(
            _("公民身份号码第7至14位的出生日期应在1850年至今天之间。"), code="identity_birthday"
        )
    return born
