"""Accounts and keys follow their division when its code changes."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, transaction

_MOVE = """
    UPDATE {table} a SET region_code = m.new
    FROM unnest(%s::text[], %s::text[]) AS m(old, new) WHERE a.region_code = m.old
"""


@transaction.atomic
def move_regions(successors: Mapping[str, str]) -> int:
    """Give every account and key at an old code the new one; return how many accounts. The caller audits."""
    pairs = [list(successors.keys()), list(successors.values())]
    with connection.cursor() as cursor:
        cursor.execute(_MOVE.format(table="accounts_apikey"), pairs)
        cursor.execute(_MOVE.format(table="accounts_user"), pairs)
        return int(cursor.rowcount)
