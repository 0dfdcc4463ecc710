"""Divisions beside each other on a chart; a township alone would be one bar, so it stands beside its county.

Only sums of the county are shown there, never another township's rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import Scope
from archives.models import Region

#: A division's own length to that of the divisions compared below it.
CHILD_LENGTH = {2: 4, 4: 6, 6: 9, 9: 9}
COUNTY, TOWNSHIP = 6, 9

Row = TypeVar("Row", bound="tuple[int, ...] | dict[str, int]")


def around(scope: Scope) -> Scope:
    """Whose rows a chart reads: a township's county, else the division itself."""
    return Scope(scope.kind, scope.region_code[:COUNTY]) if is_alone(scope) else scope


def is_alone(scope: Scope) -> bool:
    """Whether the division has none below it to be compared."""
    return scope.kind == "region" and len(scope.region_code) >= TOWNSHIP


def child_length(scope: Scope) -> int:
    """How many digits the divisions on a chart have."""
    return CHILD_LENGTH.get(len(scope.region_code), TOWNSHIP)


def beside(rows: Mapping[str, Row], scope: Scope) -> dict[str, Row]:
    """Rows by division; of a township its own, then the sum of its county. Empty when it has none itself."""
    if not is_alone(scope):
        return dict(rows)
    own, county = scope.region_code[:TOWNSHIP], scope.region_code[:COUNTY]
    return {own: rows[own], county: summed(rows.values())} if own in rows else {}


def summed(rows: Iterable[Row]) -> Row:
    """The rows added up, place by place."""
    given: list[Any] = list(rows)
    if isinstance(given[0], tuple):
        added: Any = tuple(map(sum, zip(*given, strict=True)))
        return added  # type: ignore[no-any-return]  # of the rows' own type
    total: Counter[str] = Counter()
    for row in given:
        total.update(row)
    return dict(total)  # type: ignore[return-value]  # of the rows' own type


def ordered(rows: Mapping[str, Row], scope: Scope, best: Callable[[str], int]) -> list[str]:
    """The best first; a township before its county."""
    return list(rows) if is_alone(scope) else sorted(rows, key=lambda code: (-best(code), code))


def own_of(rows: Mapping[str, Row], scope: Scope) -> Row:
    """What the title speaks of: all rows together, or the township's own."""
    return rows[scope.region_code[:TOWNSHIP]] if is_alone(scope) else summed(rows.values())


def titled(title: str, scope: Scope, whole: str) -> str:
    """The title, with the county's figure behind it where a township is compared to it."""
    return _("%(title)s；全县%(whole)s") % {"title": title, "whole": whole} if is_alone(scope) else title


def names_of(codes: Any) -> dict[str, str]:
    """The short names of divisions; a code whose name is not known stands for itself."""
    known = dict(Region.objects.filter(pk__in=list(codes)).values_list("pk", "name"))
    return {code: known.get(code, code) for code in codes}


def names_beside(rows: Mapping[str, Row], scope: Scope) -> dict[str, str]:
    """The same for a chart: the county that a township is compared to says that it is the whole."""
    names = names_of(rows)
    if is_alone(scope):
        names[scope.region_code[:COUNTY]] = _("全县")
    return names
