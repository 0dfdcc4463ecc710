"""Which events count for nothing as of a seal (``ledger-contract.md``: Reversal, Repair), as SQL."""

from __future__ import annotations

from collections.abc import Iterable

from archives.ledger.kinds import NEGATIVE_NUMBERS, OUTCOME_NUMBERS
from archives.ledger.outcomes import FAIL


def _numbers(values: tuple[int, ...]) -> str:
    return ", ".join(str(int(value)) for value in values)


NEGATIVE_SQL = (
    f"({{0}}.kind IN ({_numbers(NEGATIVE_NUMBERS)})"
    f" AND ({{0}}.outcome = {FAIL} OR {{0}}.kind NOT IN ({_numbers(OUTCOME_NUMBERS)})))"
)
"""Whether the row of the alias {0} is a negative event."""

# "undone" and "repaired" come from partial indexes, so that nothing is read when there are none. A repair
# counts when neither it nor what it names is reversed; an incident is one of one producer after merging.
_SQL = """
WITH RECURSIVE undone AS MATERIALIZED (
    SELECT id, reverses_id AS target FROM archives_creditevent
    WHERE reverses_id IS NOT NULL AND id <= {last_id}{among}
), repaired AS MATERIALIZED (
    SELECT DISTINCT t.id, t.producer_id, t.incident
    FROM archives_creditevent r JOIN archives_creditevent t ON t.id = r.repairs_id
    WHERE r.repairs_id IS NOT NULL AND r.id <= {last_id}{r_among}
      AND r.id NOT IN (SELECT target FROM undone) AND t.id NOT IN (SELECT target FROM undone)
), beside AS MATERIALIZED (
    SELECT e.id, e.producer_id AS theirs, r.producer_id AS ours
    FROM repaired r JOIN archives_creditevent e ON e.incident = r.incident AND e.incident <> ''
    WHERE e.id <= {last_id} AND {negative}
), chain AS (
    SELECT p.id AS start, p.id, p.merged_into_id FROM archives_producer p
    WHERE p.id IN (SELECT theirs FROM beside WHERE theirs <> ours
                   UNION SELECT ours FROM beside WHERE theirs <> ours)
    UNION
    SELECT chain.start, p.id, p.merged_into_id
    FROM chain JOIN archives_producer p ON p.id = chain.merged_into_id
), root AS (
    SELECT start, id FROM chain WHERE merged_into_id IS NULL
)
SELECT id FROM undone
UNION SELECT target FROM undone
UNION SELECT id FROM repaired
UNION SELECT b.id FROM beside b
WHERE b.theirs = b.ours
   OR (SELECT id FROM root WHERE start = b.theirs) = (SELECT id FROM root WHERE start = b.ours)
"""


def excluded_event_ids_sql(last_id: int, producer_ids: Iterable[int] | None = None) -> str:
    """SQL that selects ``id`` of every event that counts for nothing among the events with id ≤ ``last_id``.

    A statement of its own, without parameters, ready for ``IN (…)``, a join or COPY. Merges are read as they
    stand now. ``producer_ids`` narrows it to the events of some producers; whoever has been merged into one
    of them must be among them.
    """
    among = ""
    if producer_ids is not None:
        keys = ",".join(str(int(key)) for key in producer_ids)
        among = " AND {0}producer_id = ANY('{{" + keys + "}}'::bigint[])"
    return _SQL.format(
        last_id=int(last_id),
        negative=NEGATIVE_SQL.format("e"),
        among=among.format(""),
        r_among=among.format("r."),
    )
