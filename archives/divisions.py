"""Rows by division as people name one: a code or a name, also one of before a change of divisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db import connection
from django.db.models import Q

from archives.models import Region, RegionSuccession

NAMED_MOST = 50
"""So many divisions of one name are looked into; village names repeat by the thousand."""
_LATER = """
    WITH RECURSIVE later AS (
        SELECT new_id FROM archives_regionsuccession WHERE old_id LIKE ANY(%s)
        UNION
        SELECT s.new_id FROM archives_regionsuccession s JOIN later ON s.old_id = later.new_id
    ) SELECT new_id FROM later
"""
_FORMER = """
    WITH RECURSIVE former AS (
        SELECT old_id FROM archives_regionsuccession WHERE new_id LIKE ANY(%s)
        UNION
        SELECT s.old_id FROM archives_regionsuccession s JOIN former ON s.new_id = former.old_id
    ) SELECT old_id FROM former
"""


def below(text: str, path: str) -> Q:
    """Rows whose division's code, at ``path``, lies in what was typed or in what has become of it.

    Digits are a code with all below it; other text is the beginning of names, each with all below it. An
    empty text is no condition; a name that nothing bears finds no row.
    """
    said = text.strip()
    if not said:
        return Q()
    return _in_any(codes_of(said), path)


def once_below(text: str, path: str) -> Q:
    """Like :func:`below`, of rows that keep the code of the day they were written (a past year's results).

    Also those under codes that have since become part of what is meant.
    """
    said = text.strip()
    if not said:
        return Q()
    codes = _meant(said)
    return _in_any(_apart(codes | _asked(_LATER, codes) | _asked(_FORMER, codes)), path)


def predecessors(code: str, since: date) -> list[RegionSuccession]:
    """What a division was before changes after a day, the last change first; a query for each step back."""
    found: list[RegionSuccession] = []
    codes = [code]
    while codes:
        rows = RegionSuccession.objects.filter(new__in=codes, change__effective_on__gt=since)
        step = list(rows.select_related("old", "change").order_by("-change__effective_on", "old_id"))
        found += step
        codes = [row.old_id for row in step]
    return found


def codes_of(said: str) -> list[str]:
    """The codes meant, none of them below another: those typed or named, and those that followed them."""
    codes = _meant(said)
    return _apart(codes | _asked(_LATER, codes))


def _meant(said: str) -> set[str]:
    """The code typed, or those of the divisions named."""
    if said.isdecimal() and said.isascii():
        return {said}
    named = Region.objects.filter(name__startswith=said).order_by("code")
    return set(named.values_list("code", flat=True)[:NAMED_MOST])


def _in_any(codes: Iterable[str], path: str) -> Q:
    query = Q(pk__in=[])
    for code in codes:
        query |= Q(**{f"{path}__startswith": code})
    return query


def _asked(statement: str, codes: Collection[str]) -> set[str]:
    """What a statement of this module answers for divisions and all below them."""
    if not codes:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(statement, [[f"{code}%" for code in codes]])
        return {code for (code,) in cursor.fetchall()}


def _apart(codes: Collection[str]) -> list[str]:
    """In order, none of them below another."""
    found: list[str] = []
    for code in sorted(codes):
        if not (found and code.startswith(found[-1])):
            found.append(code)
    return found
