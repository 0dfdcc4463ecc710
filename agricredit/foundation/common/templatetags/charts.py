"""Charts drawn by the server as inline SVG: one question each, titled by its answer, its table a click away.

No script and no style attribute: every shape is placed by SVG attributes and coloured by classes of the
stylesheet; each segment also carries its letters, so colour is never alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext

from agricredit.foundation.common.templatetags.grade_marks import mark_of, word_of

register = template.Library()

WIDTH = 720
GAP = 2
#: A text of more characters gets a wide column, a row's name of more than a code's a middling one; figures
#: stand to the right, also "12 → 15".
LONG, SHORT = 16, 8
#: Room that a label takes on a phone, in units of the drawing.
LABEL = 100
_NUMBER = re.compile(r"[-+]?[0-9][0-9,.]*%?( → [0-9][0-9,.]*)?")


@dataclass(frozen=True)
class Part:
    """A counted part of a whole: how many producers have a grade ("" for not rated)."""

    grade: str
    count: int
    word: str = ""

    @property
    def label(self) -> str:
        """AAA 信用优良."""
        return f"{mark_of(self.grade, self.word).letters} {word_of(self.grade, self.word)}".strip()

    @property
    def short(self) -> str:
        """AAA, or the word where there are no letters."""
        return mark_of(self.grade, self.word).letters or word_of(self.grade, self.word)

    @property
    def tone(self) -> str:
        """The colour class of the grade."""
        return mark_of(self.grade, self.word).tone


def per_mille(count: int, total: int) -> int:
    """A share in tenths of a percent, rounded half up."""
    return (2000 * count + total) // (2 * total) if total else 0


def share(count: int, total: int) -> str:
    """A share as 12.5%; under a tenth of a percent but not nothing is <0.1%."""
    tenths = per_mille(count, total)
    if count and not tenths:
        return "<0.1%"
    return f"{tenths // 10}.{tenths % 10}%" if tenths % 10 else f"{tenths // 10}%"


def segments(parts: Sequence[Part], width: int = WIDTH) -> list[dict[str, Any]]:
    """Where each part stands on a bar of that width; empty parts have none, others at least 4 px."""
    shown = [part for part in parts if part.count]
    total = sum(part.count for part in shown)
    room = width - GAP * (len(shown) - 1) - 4 * len(shown)
    left = 0.0
    drawn = []
    for part in shown:
        wide = 4 + room * part.count / total
        letters = mark_of(part.grade, part.word).letters
        drawn.append(
            {
                "x": f"{left:.1f}",
                "width": f"{wide:.1f}",
                "middle": f"{left + wide / 2:.1f}",
                "tone": part.tone,
                "label": part.label,
                "inside": letters if letters and wide > 21 * len(letters) + 14 else "",
            }
        )
        left += wide + GAP
    return drawn


@register.inclusion_tag("components/stacked_bar.html")
def stacked_bar(title: str, parts: Sequence[Part], head: str = "") -> dict[str, Any]:
    """One bar of counted parts. ``title`` is the answer; ``head`` names the counted things in the table."""
    total = sum(part.count for part in parts)
    return {
        "title": title,
        "head": head or gettext("主体数"),
        "segments": segments(parts),
        "rows": [{"part": part, "share": share(part.count, total)} for part in parts],
        "total": total,
        "width": WIDTH,
    }


@register.inclusion_tag("components/stacked_rows.html")
def stacked_rows(title: str, rows: Sequence[tuple[str, Sequence[Part]]], head: str) -> dict[str, Any]:
    """A bar of counted parts for each (name, parts), all of one length: shares are compared, not sizes.

    The parts of every row stand in the same order; ``head`` names the rows in the table.
    """
    legend = rows[0][1] if rows else []
    return {
        "title": title,
        "head": head,
        "legend": legend,
        "rows": [
            {"name": name, "segments": segments(parts), "parts": parts, "total": sum(p.count for p in parts)}
            for name, parts in rows
        ],
        "width": WIDTH,
    }


@register.inclusion_tag("components/line_chart.html")
def line_chart(
    title: str, points: Sequence[tuple[str, int | float]], head: str = "", top: float | None = None
) -> dict[str, Any]:
    """A line over (label, value) points, from zero. ``title`` is the answer; ``head`` names the values."""
    height, floor, ceiling = 260, 200, 50
    most = max([top or 0, *(value for _, value in points)]) or 1
    step = (WIDTH - 80) / max(len(points) - 1, 1)
    every = math.ceil(LABEL / step)  # so many points share one label, the last one always having it
    dots = [
        {
            "shown": (len(points) - 1 - i) % every == 0,
            "x": f"{40 + step * i:.1f}",
            "y": f"{floor - (floor - ceiling) * value / most:.1f}",
            "label": label,
            "value": value,
        }
        for i, (label, value) in enumerate(points)
    ]
    return {
        "title": title,
        "head": head or gettext("数值"),
        "dots": dots,
        "line": " ".join(f"{dot['x']},{dot['y']}" for dot in dots),
        "width": WIDTH,
        "height": height,
        "floor": floor,
    }


@register.inclusion_tag("components/bars.html")
def bars(title: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One horizontal bar a row: ``label``, ``value`` from 0 up, ``text`` (the value in words), maybe ``url``.

    The words stand beside each bar, so that no length need be measured by eye.
    """
    most = max([row["value"] for row in rows], default=0) or 1
    drawn = [{**row, "width": f"{WIDTH * max(row['value'], 0) / most:.1f}"} for row in rows]
    return {"title": title, "rows": drawn, "width": WIDTH}


@register.inclusion_tag("components/wide_table.html")
def wide_table(table: dict[str, Any], same: int | None = None) -> dict[str, Any]:
    """``headers`` and ``rows`` as a table that scrolls by itself where it is too wide for the screen.

    ``same``: so many columns (and rows) of a matrix name the same things, so that its diagonal did not move.
    """
    rows = [
        [(cell, _cell_class(cell, place, number - 1, same)) for number, cell in enumerate(row)]
        for place, row in enumerate(table["rows"])
    ]
    kinds = [kind.partition(" ")[0] for _cell, kind in rows[0]] if rows else [""] * len(table["headers"])
    return {"headers": list(zip(table["headers"], kinds, strict=True)), "rows": rows}


def _cell_class(cell: Any, row: int, column: int, same: int | None) -> str:
    text = str(cell)
    if not _NUMBER.fullmatch(text):
        if column < 0:
            return "name" if len(text) > SHORT else ""
        return "long" if len(text) > LONG and "<" not in text else ""
    if same is None or row >= same or not 0 <= column < same:
        return "number"
    return "number is-same" if row == column or text == "0" else "number is-moved"


@register.inclusion_tag("components/place_track.html")
def place_track(label: str, lower: int, total: int, says: str) -> dict[str, Any]:
    """A dot on a line from the lowest to the highest of ``total``, above the ``lower`` ones; and in words."""
    part = lower / (total - 1) if total > 1 else 1.0
    return {"label": label, "x": f"{20 + (WIDTH - 40) * part:.1f}", "says": says, "width": WIDTH}
