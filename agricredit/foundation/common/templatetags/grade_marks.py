"""The grade mark (农安信用等级): letters, shape, word and colour, so that any one of them may fail.

Drawn as one inline SVG with presentation attributes only: it needs no stylesheet, survives a strict CSP and
a black-and-white label printer. Scheme gd-r1 shows leaves, hz-r1 a shape for each code colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

register = template.Library()

SIZES = (24, 48, 96)
GROUND = "#ffffff"
INK = "#16201b"
# Strokes of the letters in a cell 20 wide and 28 high: outlines, so no font is needed on a label printer.
LETTERS = {
    "A": "M1 28 10 1 19 28M5 19H15",
    "B": "M3 1V27H10A7 7 0 0 0 10 13H3H9A6 6 0 0 0 9 1Z",
    "C": "M18 6A11 12 0 1 0 18 22",
    "D": "M3 1V27H8A10 13 0 0 0 8 1Z",
    "E": "M17 1H3V27H17M3 14H14",
}
LEAF = "M0-16C10-7 10 8 0 16C-10 8-10-7 0-16Z"
HALF_LEAF = "M0-16C-10-7-10 8 0 16Z"
SQUARE = "M18 3H78A15 15 0 0 1 93 18V78A15 15 0 0 1 78 93H18A15 15 0 0 1 3 78V18A15 15 0 0 1 18 3Z"
CIRCLE = "M48 3A45 45 0 1 1 48 93A45 45 0 1 1 48 3Z"
TRIANGLE = "M48 5 93 89H3Z"
OCTAGON = "M30 4H66L92 30V66L66 92H30L4 66V30Z"
DIAMOND = "M48 3 93 48 48 93 3 48Z"


@dataclass(frozen=True)
class Mark:
    """One face of the mark: what is drawn and the word below it (a message id, in Chinese)."""

    word: str
    letters: str = ""
    colour: str = INK
    tone: str = "none"
    outline: str = SQUARE
    leaves: int = 0
    symbol: str = ""  # "half_leaf", "warning", "clock" or nothing
    dashed: bool = False
    hollow: bool = False
    dark_letters: bool = False
    centre: float = 29
    scale: float = 0  # of the letters; 0: by their number

    @property
    def ground(self) -> str:
        """Colour inside the outline."""
        return GROUND if self.hollow else self.colour

    @property
    def stroke(self) -> str:
        """Colour of letters and leaves on that ground."""
        return INK if self.hollow or self.dark_letters else GROUND


MARKS = {
    "AAAA": Mark(_("信用优秀"), "AAAA", "#0b6b3a", "aaaa", leaves=4),
    "AAA": Mark(_("信用优良"), "AAA", "#2e7d32", "aaa", leaves=3),
    "AA": Mark(_("信用良好"), "AA", "#0b5cab", "aa", leaves=2),
    "A": Mark(_("信用合格"), "A", "#00695c", "a", leaves=1),
    "B": Mark(_("信用警示"), "B", "#b35c00", "b", symbol="half_leaf"),
    "C": Mark(_("信用较差"), "C", "#b3261e", "c", symbol="warning"),
    "none": Mark(_("未评价"), colour="#5f6b66", dashed=True, hollow=True),
    "notice": Mark(_("公示中"), colour="#5f6b66", symbol="clock", hollow=True),
    "objection": Mark(_("异议中"), colour="#5f6b66", symbol="clock", hollow=True),
}
# hz-r1 grades are also called A to E; the word of the scheme tells the two families apart.
CODE_MARKS = {
    "绿码": Mark(_("绿码"), "A", "#1b7f3b", "aaaa", CIRCLE, centre=48, scale=1.6),
    "蓝码": Mark(_("蓝码"), "B", "#0b5cab", "aa", SQUARE, centre=48, scale=1.8),
    "黄码": Mark(_("黄码"), "C", "#ffcc33", "yellow", DIAMOND, centre=48, scale=1.4, dark_letters=True),
    "红码": Mark(_("红码"), "D", "#b3261e", "c", OCTAGON, centre=48, scale=1.6),
    "灰码": Mark(_("灰码"), "E", "#5f6b66", "none", TRIANGLE, centre=62, scale=1.3),
}


def mark_of(grade: str | None, word: str = "") -> Mark:
    """The face of a grade: by its word for the code colours, else by its letters; unknown is 未评价."""
    return CODE_MARKS.get(word) or CODE_MARKS.get(grade or "") or MARKS.get(grade or "none") or MARKS["none"]


def word_of(grade: str | None, word: str = "") -> str:
    """The word to show, in the reader's language: the scheme's own first, then the usual one."""
    return gettext(word or mark_of(grade).word)


def label_of(grade: str | None, word: str = "") -> str:
    """What a screen reader says: 农安信用等级 AAA 信用优良."""
    return " ".join(
        filter(None, [gettext("农安信用等级"), mark_of(grade, word).letters, word_of(grade, word)])
    )


def drawing_of(mark: Mark) -> dict[str, Any]:
    """Where each letter and leaf stands in the 96 by 96 square."""
    count = len(mark.letters)
    scale = mark.scale or {4: 0.86, 3: 1.0, 2: 1.1}.get(count, 1.15)
    leaf_scale = {4: 1.0, 3: 1.05, 2: 1.1}.get(count, 1.15)
    pitch = 20 * scale + (2.5 if count == 4 else 5)
    left = 48 - (pitch * count - (pitch - 20 * scale)) / 2
    top = mark.centre - 14 * scale
    leaf_pitch = 20 if mark.leaves == 4 else 24
    first = 48 - leaf_pitch * (mark.leaves - 1) / 2
    return {
        "letters": [
            {"path": LETTERS[letter], "at": f"translate({left + pitch * i:.4g} {top:.4g}) scale({scale:g})"}
            for i, letter in enumerate(mark.letters)
        ],
        "leaves": [
            f"translate({first + leaf_pitch * i:.4g} 68) scale({leaf_scale:g})" for i in range(mark.leaves)
        ],
    }


@register.inclusion_tag("components/grade_mark.html")
def grade_mark(grade: str | None, size: int = 48, word: str = "", headed: bool = True) -> dict[str, Any]:
    """Draw the mark of a grade at 24, 48 or 96 px, with its word.

    ``word`` is the scheme's word; ``grade`` may also be ``notice`` (公示中), ``objection`` (异议中) or empty
    (未评价). From 48 px up it carries its head and small print, unless the page does (headed=False).
    """
    if size not in SIZES:
        raise template.TemplateSyntaxError(f"grade_mark: size {size} is not one of {SIZES}")
    mark = mark_of(grade, word)
    return {
        "mark": mark,
        "size": size,
        "word": word_of(grade, word),
        "label": label_of(grade, word),
        "headed": headed and size > 24,
        "leaf": LEAF,
        "half_leaf": HALF_LEAF,
        **drawing_of(mark),
    }
