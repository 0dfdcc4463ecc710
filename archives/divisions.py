"""Rows by division as people name one: a code or a name, also one of before a change of divisions."""

from __future__ import annotations

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


def below(text: str, path: str) -> Q:
    """Rows whose division's code, at ``path``, lies in what was typed or in what has become of it.

    Digits are a code with all below it; other text is the beginning of names, each with all below it. An
    empty text is no condition; a name that nothing bears finds no row.
    """
    said = text.strip()
    if not said:
        return Q()
    query = Q(pk__in=[])
    for code in codes_of(said):
        query |= Q(**{f"{path}__startswith": code})
    return query


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
    if said.isdecimal() and said.isascii():
        codes = {said}
    else:
        named = Region.objects.filter(name__startswith=said).order_by("code")
        codes = set(named.values_list("code", flat=True)[:NAMED_MOST])
    if codes:
        with connection.cursor() as cursor:
            cursor.execute(_LATER, [[f"{code}%" for code in codes]])
            codes |= {code for (code,) in cursor.fetchall()}
    found: list[str] = []
    for code in sorted(codes):
        if not (found and code.startswith(found[-1])):
            found.append(code)
    return found
