"""``activities.csv``: what subjects do besides producing, beside the contract's two files.

``producers.csv`` keeps its columns; who reads only the contract's files reads every subject as a producer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from agricredit.foundation.common.files import Fault
from archives.models import Activity
from archives.services.exchange.reading import rows_of

ACTIVITIES = "activities.csv"
COLUMNS = ("producer", "activities")
#: Producers only ("production" alone) are left out of the file.
WRITTEN = """
    SELECT p.key AS producer, array_to_string(p.activities, ';') AS activities
    FROM archives_producer p WHERE p.activities <> ARRAY['production']::varchar[] {only}
    ORDER BY p.key COLLATE "C"
"""
ANY_WRITTEN = "SELECT EXISTS (SELECT 1 FROM ({written}) written)"
_SET = """
    UPDATE archives_producer p SET activities = given.activities::varchar[], updated_at = now()
    FROM (SELECT unnest(%s::text[]) AS key, unnest(%s::text[]) AS activities) given
    WHERE p.key = given.key AND p.activities <> given.activities::varchar[]
    RETURNING p.id
"""
_KNOWN = "SELECT key FROM archives_producer WHERE key = ANY(%s)"


def load_activities(path: Path, faults: list[Fault]) -> list[int]:
    """Set what the file says and return the ids of those that changed; faults are added, nothing is set then.

    In the caller's transaction, after ``producers.csv``. FileRefused when the file cannot be read at all.
    """
    wrong: list[Fault] = []
    given: dict[str, list[str]] = {}
    numbers: dict[str, int] = {}
    for number, row in rows_of(path, COLUMNS, (), wrong):
        key = row["producer"]
        if key in given:
            wrong.append(
                _fault(number, "producer", _("文件中第%(text)s行已有这个主体。") % {"text": numbers[key]})
            )
        listed = [name for name in row["activities"].split(";") if name]
        if not listed:
            wrong.append(_fault(number, "activities", _("不能为空。")))
        for name in listed:
            if name not in Activity.values:
                wrong.append(_fault(number, "activities", _("没有“%(text)s”这个从事环节。") % {"text": name}))
        given[key] = [name for name in Activity.values if name in listed]
        numbers[key] = number
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [list(given)])
        known = {key for (key,) in cursor.fetchall()}
        for key in given.keys() - known:
            wrong.append(_fault(numbers[key], "producer", _("没有编号为“%(text)s”的主体。") % {"text": key}))
        if wrong:
            faults += wrong
            return []
        arrays = ["{" + ",".join(names) + "}" for names in given.values()]
        cursor.execute(_SET, [list(given), arrays])
        return [row[0] for row in cursor.fetchall()]


def _fault(number: int, column: str, message: Any) -> Fault:
    return Fault(ACTIVITIES, number, column, str(message))
