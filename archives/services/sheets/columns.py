"""Columns of a sheet: heading, explanation, and how a cell is read and written.

Headings and words are Chinese in every file whatever language its reader works in: files travel between
people, and a sheet exported under one language must be importable under another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from agricredit.foundation.common.files.writers import FORMULA_STARTS, PLAIN_NUMBER

Words = str | Promise
FILE_LANGUAGE = "zh-hans"
CELL_LENGTH = 2_000
LIST_SIGNS = re.compile(r"[;；、,，]")
_SEPARATORS = ";；、,， "
JOINT = "、"
"""What stands between the names that a cell lists."""
ERRORS = {"#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!"}
"""What spreadsheets show where a formula has no value."""
_BLANKS = {0x3000: " ", 0xA0: " "}
"""Blanks that stand in for the common one: the full-width one, and the one of web pages."""
_SHORTENED = re.compile(r"\d(\.\d+)?E\+\d{2,}", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")
_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0?0:00(?::00(?:\.0+)?)?)?$")


def is_keepable(text: str) -> bool:
    """Whether a database and a JSON answer can hold the text: no NUL, no half of a surrogate pair."""
    return text.isprintable() or not _UNKEEPABLE.search(text)


_SHORT = gettext_lazy(
    "“%(text)s”是被表格软件当作数字缩写的号码，后面的数字已经丢失：请把这一列设为“文本”格式，重新填写完整的号码。"
)


class Wrong(Exception):
    """A cell cannot be read; the sentence says what was expected."""


@dataclass(frozen=True)
class Column:
    """One column. ``choices`` maps what is stored to its word in files; ``mask`` hides personal numbers."""

    field: str
    heading: Words
    note: Words = ""
    example: Words = ""
    required: bool = False
    choices: Mapping[Any, Words] | None = None
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str
    mask: Callable[[str], str] | None = None
    many: bool = False
    """Whether a cell may hold several of the choices."""
    text: bool = False
    """Whether spreadsheets must keep it as text: codes of 18 digits lose their last ones as numbers."""

    def cell(self, value: Any) -> str:
        """The value as it stands in a file; empty for none."""
        return "" if value in (None, "") else self.write(value)

    @property
    def title(self) -> str:
        """The heading as files have it."""
        return in_file(self.heading)


def in_file(words: Words) -> str:
    """The words in the files' language."""
    with override(FILE_LANGUAGE):
        return str(words)


def check_cell(text: str) -> str:
    """The text of a cell; Wrong for what a spreadsheet program would run, and for texts beyond any column.

    The apostrophe with which our own exports disarm such a text is taken off again.
    """
    if text.startswith("'") and text[1:].startswith(FORMULA_STARTS):
        return text[1:]
    if text.startswith(FORMULA_STARTS) and not PLAIN_NUMBER.fullmatch(text):
        raise Wrong(_("以“%(sign)s”开头的内容会被表格软件当作公式执行，请去掉这个符号。") % {"sign": text[0]})
    if len(text) > CELL_LENGTH:
        raise Wrong(_("最多%(length)d个字。") % {"length": CELL_LENGTH})
    if not is_keepable(text):
        raise Wrong(_("含有不可见的字符，请重新填写。"))
    if text in ERRORS:
        raise Wrong(_("“%(text)s”是表格中公式的错误值，请改正公式，或者改填内容。") % {"text": text})
    return text if text.isprintable() else text.translate(_BLANKS).strip()


_HALF = {0xFF01 + sign: 0x21 + sign for sign in range(94)} | {0x3000: 0x20}


def half(text: str) -> str:
    """Full-width digits, letters and signs, as Chinese input methods give them, in their common form."""
    return text if text.isascii() else text.translate(_HALF)


def as_code(value: Any) -> str:
    """What is stored, as files and programs may write it instead of its word."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Words:
    """A list of words and what they stand for, looked up once: a language is not switched for every cell."""

    def __init__(self, choices: Mapping[Any, Words]) -> None:
        self._choices = choices

    @cached_property
    def written(self) -> dict[Any, str]:
        """What is stored → its word in files."""
        return {value: in_file(word) for value, word in self._choices.items()}

    @cached_property
    def _meant(self) -> dict[str, Any]:
        codes = {write(value): value for value in self._choices for write in (str, as_code)}
        return codes | {word: value for value, word in self.written.items()}

    def read(self, text: str) -> Any:
        """What a word stands for; the stored code itself is understood too."""
        if text in self._meant:
            return self._meant[text]
        said = {"text": text, "allowed": "、".join(self.written.values())}
        raise Wrong(_("“%(text)s”不在可填的内容中：%(allowed)s。") % said)

    def write(self, value: Any) -> str:
        """The word."""
        return self.written[value]


def choice(field: str, heading: Words, choices: Mapping[Any, Words], **more: Any) -> Column:
    """A column of one word out of a list."""
    table = _Words(choices)
    return Column(field, heading, choices=choices, read=table.read, write=table.write, **more)


def several(field: str, heading: Words, choices: Mapping[Any, Words], **more: Any) -> Column:
    """A column of words out of a list, separated by semicolons."""
    table = _Words(choices)

    def read(text: str) -> list[Any]:
        return [table.read(part) for part in parts(text)]

    def write(values: Iterable[Any]) -> str:
        return ";".join(table.write(value) for value in values)

    return Column(field, heading, choices=choices, read=read, write=write, many=True, **more)


def yes_no(field: str, heading: Words, yes: Words, no: Words, **more: Any) -> Column:
    """A column of two words."""
    return choice(field, heading, {True: yes, False: no}, **more)


def day(field: str, heading: Words, **more: Any) -> Column:
    """A column of dates: 2026-01-31, 2026/1/31, 2026.1.31 or 2026年1月31日."""
    return Column(field, heading, read=as_date, write=lambda value: value.isoformat(), **more)


def amount(field: str, heading: Words, places: int = 3, **more: Any) -> Column:
    """A column of decimals."""
    return Column(field, heading, read=lambda text: as_decimal(text, places), write=plain, **more)


def whole(field: str, heading: Words, most: int, **more: Any) -> Column:
    """A column of whole numbers from 0."""
    return Column(field, heading, read=lambda text: as_whole(text, most), **more)


def words(field: str, heading: Words, length: int, **more: Any) -> Column:
    """A column of text with a greatest length."""

    def read(text: str) -> str:
        if more.get("text") and _SHORTENED.fullmatch(text):
            raise Wrong(_SHORT % {"text": text})
        if len(text) > length:
            raise Wrong(_("最多%(length)d个字。") % {"length": length})
        if not text.isprintable():
            raise Wrong(_("含有不可见的字符，请重新填写。"))
        return text

    return Column(field, heading, read=read, **more)


def code(field: str, heading: Words, length: int, **more: Any) -> Column:
    """A column of numbers and letters that are kept as text: codes, telephone numbers."""
    plain_words = words(field, heading, length, text=True, **more)
    return replace(plain_words, read=lambda text: plain_words.read(half(text).strip()))


def tidy(heading: str) -> str:
    """A heading as it is compared: without blanks, line breaks and the star of required columns."""
    return "".join(half(heading).split()).strip("*")


def as_date(text: str) -> date:
    """A date as people write it."""
    found = _DATE.match(half(text))
    if found:
        with suppress(ValueError):  # 2026-02-30 looks right and is not
            return date(*map(int, found.groups()))
    raise Wrong(_("应为日期（如2026-01-31），现为“%(text)s”。") % {"text": text})


def as_decimal(text: str, places: int) -> Decimal:
    """A decimal with at most so many places."""
    given = half(text)
    if _THOUSANDS.fullmatch(given):
        given = given.replace(",", "")
    try:
        value = Decimal(given)
        if value.is_finite() and value == round(value, places):
            return value
    except InvalidOperation:
        pass
    said = {"places": places, "text": text}
    raise Wrong(_("应为数字（最多%(places)d位小数），现为“%(text)s”。") % said)


def as_whole(text: str, most: int) -> int:
    """A whole number from 0 to ``most``."""
    plain_text = half(text)
    if plain_text.isascii() and plain_text.isdigit() and int(plain_text) <= most:
        return int(plain_text)
    raise Wrong(_("应为0至%(most)d的整数，现为“%(text)s”。") % {"most": most, "text": text})


def plain(value: Any) -> str:
    """A decimal without exponent and needless zeros."""
    return format(Decimal(value).normalize(), "f")


def named_in(text: str, known: Collection[str]) -> list[str]:
    """The names that a cell lists, separated by any sign of a list; a known name may hold such a sign."""
    found: dict[str, None] = {}
    rest = text.strip()
    while rest:
        fits = [name for name in known if rest.startswith(name) and _ends(rest[len(name) :])]
        name = max(fits, key=len, default="") or LIST_SIGNS.split(rest, maxsplit=1)[0].strip()
        rest = rest[len(name) :].lstrip(_SEPARATORS)
        found |= {name: None} if name else {}
    return list(found)


def _ends(rest: str) -> bool:
    return not rest.strip() or LIST_SIGNS.match(rest.lstrip()) is not None


def parts(text: str) -> list[str]:
    """The entries of a list in one cell."""
    return [part.strip() for part in LIST_SIGNS.split(text) if part.strip()]
