"""Erasing notes whose time is over: the only change the ledger's side table knows."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit import services as audit
from agricredit.foundation.common import clock

_ERASE = """
    UPDATE archives_eventnote
    SET note = '', facts = '{}', salt = '', erased_at = %s, erased_because = %s
    WHERE event_id = ANY(%s) AND erased_at IS NULL
"""


def erase_notes(*, event_ids: Iterable[int], because: str) -> int:
    """Erase notes and display facts of these events for good; return how many there were.

    ``because`` names the rule or decision that demands it (个人信息保护法 art. 47). The salt goes too, so
    that the note cannot be guessed from the hash that stays in the sealed row. Raises ValueError without one.
    """
    if not because.strip():
        raise ValueError(_("清除备注必须写明依据。"))
    ids = sorted(set(event_ids))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('agricredit.retention', 'on', true)")
        cursor.execute(_ERASE, [clock.now(), because.strip(), ids])
        erased = int(cursor.rowcount)
        cursor.execute("SELECT set_config('agricredit.retention', 'off', true)")
        if erased:
            audit.record(verb="ledger.notes_erased", count=erased, because=because.strip())
    return erased
