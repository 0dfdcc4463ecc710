"""Generated producers and ledgers, made by set-based SQL; deterministic, and marked `is_generated`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date

from django.db import connection

from agricredit.foundation.common.clock import today
from archives.ledger.kinds import KINDS
from archives.models import Region

TOWNSHIPS = 20
MOST_TOWNSHIPS = 899  # their codes have three digits
EVENTS_A_YEAR = 10
_MENU = 1000


@dataclass(frozen=True)
class Dish:
    """How often a kind occurs in a thousand events, how often it passes (‰; None: no outcome), its values."""

    kind: str
    weight: int
    passes: int | None = None
    values: tuple[int, int] | None = None
    negative: bool = False


MENU = (
    Dish("harvest.recorded", 110, 950),
    Dish("record.entered", 150, None, (0, 900)),
    Dish("record.completed", 110, None, (60, 100)),
    Dish("input.used", 110, 930),
    Dish("sale.recorded", 80, 950),
    Dish("interval.checked", 60, 995),
    Dish("scope.checked", 40, 995),
    Dish("sale.certified", 60, 960),
    Dish("packaging.used", 25, None, (100, 2000)),
    Dish("packaging.returned", 25, None, (100, 1800)),
    Dish("test.self", 30),
    Dish("test.planned", 15, None, (100, 400)),
    Dish("certificate.checked", 15, 970),
    Dish("sale.traced", 15, 800),
    Dish("record.automatic", 10, 600),
    Dish("visit.made", 25, 900),
    Dish("sampling.tested", 14, 985, negative=True),
    Dish("training.attended", 20, None, (100, 800)),
    Dish("pledge.signed", 15),
    Dish("profile.completed", 18, None, (50, 100)),
    Dish("profile.confirmed", 18),
    Dish("licence.checked", 10, 970),
    Dish("quality_person.named", 8, 980),
    Dish("honour.granted", 4, None, (100, 300)),
    Dish("certification.granted", 4, None, (100, 300)),
    Dish("rectification.due", 3, 800, negative=True),
    Dish("penalty.imposed", 2, None, (300, 1000), negative=True),
    Dish("sampling.exceeded", 1, negative=True),
    Dish("complaint.upheld", 2, negative=True),
    Dish("banned.found", 1, negative=True),
)


def rated_year() -> int:
    """The last year that is over."""
    return today().year - 1


def regions(townships: int = TOWNSHIPS) -> None:
    """One province, city and county, and its townships."""
    above = None
    for code, level in (("44", "province"), ("4408", "city"), ("440823", "county")):
        above = Region.objects.create(code=code, name=code, full_name=code, level=level, parent=above)
    Region.objects.bulk_create(
        Region(
            code=f"440823{number}", name=str(number), full_name=str(number), level="township", parent=above
        )
        for number in range(100, 100 + townships)
    )


def producers(count: int) -> None:
    """`count` producers with ids 1…count, of all kinds, registered years ago."""
    _run(
        f"""
        INSERT INTO archives_producer (id, key, name, name_folded, name_grams, initials, kind, nature,
            sectors, region_id, contact_name, address, registered_on, status, is_generated, created_at,
            updated_at)
        SELECT g, 'B' || lpad(g::text, 9, '0'), '测试主体' || g, '测试主体' || g, '{{}}', '',
            ('{{enterprise,cooperative,collective,service_organisation,family_farm,large_household,
               smallholder,smallholder}}'::text[])[1 + g % 8], 'individual_business', '{{crops}}',
            '440823' || (100 + g % {TOWNSHIPS}), '', '', DATE '2018-01-01' + (g % 1500)::int,
            'active', true, now(), now()
        FROM generate_series(1, {int(count)}) g
        """  # noqa: S608 - whole numbers only
    )
    _run("SELECT setval(pg_get_serial_sequence('archives_producer', 'id'), %s)", [count])


def events(count: int, years: int) -> None:
    """EVENTS_A_YEAR events a producer and year, in order of arrival with days of delay; keys last."""
    indexes = _without_keys("archives_creditevent")
    total = count * EVENTS_A_YEAR * years
    start = date(rated_year() - years + 1, 1, 1)
    days = (date(rated_year(), 12, 31) - start).days + 1
    kinds, passes, low, spread, negative = _menu()
    _run(
        f"""
        INSERT INTO archives_creditevent (uid, producer_id, kind, outcome, value, occurred_on, valid_until,
            recorded_at, region_id, source, incident)
        SELECT md5(g::text), e.producer, m.kinds[e.dish],
            CASE WHEN m.passes[e.dish] < 0 THEN 0 WHEN e.luck < m.passes[e.dish] THEN 1 ELSE 2 END,
            CASE WHEN m.spread[e.dish] >= 0 THEN m.low[e.dish] + e.luck % (m.spread[e.dish] + 1) END,
            e.day - e.late, CASE WHEN m.kinds[e.dish] BETWEEN 100 AND 199 AND g % 3 = 0 THEN e.day + 400 END,
            e.day + interval '12 hours', '440823' || (100 + e.producer % {TOWNSHIPS}), 'benchmark',
            CASE WHEN m.negative[e.dish] = 1 AND g % 2 = 0 THEN 'I' || g / 50 ELSE '' END
        FROM (SELECT '{kinds}'::smallint[] AS kinds, '{passes}'::smallint[] AS passes, '{low}'::int[] AS low,
                     '{spread}'::int[] AS spread, '{negative}'::smallint[] AS negative) m,
            generate_series(1::bigint, {total}) g, LATERAL (SELECT
                1 + (hashint8extended(g, 1) & 2147483647) % {int(count)} AS producer,
                1 + ((hashint8extended(g, 2) & 2147483647) % {_MENU})::int AS dish,
                ((hashint8extended(g, 3) & 2147483647) % {_MENU})::int AS luck,
                DATE '{start}' + (g * {days} / {total + 1})::int AS day,
                ((hashint8extended(g, 4) & 2147483647) % 15)::int AS late) e
        """  # noqa: S608 - whole numbers only
    )
    for statement in indexes:
        _run(statement)
    _run("ANALYZE archives_creditevent")
    _run(
        "INSERT INTO archives_seal (size, last_id, root, previous, chained, tail, sealed_at)"
        " SELECT %s, max(id), '', '', '', '', now() FROM archives_creditevent",
        [total],
    )


def settle() -> None:
    """Hint bits and visibility written, so that what is timed first is not what pays for it.

    A server by URL may keep the checkpoint from the owner; its own then comes when it comes.
    """
    _run("VACUUM ANALYZE")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role(current_user, 'pg_checkpoint', 'USAGE')")
        (allowed,) = cursor.fetchone()
        if allowed:
            cursor.execute("CHECKPOINT")


def rating_world(count: int, years: int) -> float:
    """Regions, producers and their ledger; the seconds that took."""
    begun = time.perf_counter()
    regions()
    producers(count)
    events(count, years)
    settle()
    return time.perf_counter() - begun


def _menu() -> tuple[str, ...]:
    dishes = [dish for dish in MENU for _ in range(dish.weight)]
    if len(dishes) != _MENU:
        raise ValueError(f"the menu's weights are {len(dishes)} in all, not {_MENU}")
    columns = (
        [KINDS[dish.kind].number for dish in dishes],
        [-1 if dish.passes is None else dish.passes for dish in dishes],
        [dish.values[0] if dish.values else 0 for dish in dishes],
        [dish.values[1] - dish.values[0] if dish.values else -1 for dish in dishes],
        [int(dish.negative) for dish in dishes],
    )
    return tuple(f"{{{','.join(map(str, column))}}}" for column in columns)


def _without_keys(table: str) -> list[str]:
    """Drop the table's foreign keys, unique constraints and indexes; return what makes the last two again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype IN ('f', 'u')",
            [table],
        )
        constraints = cursor.fetchall()
        for name, _kind, _definition in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = %s::regclass AND NOT indisprimary",
            [table],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
    unique = [f'ALTER TABLE {table} ADD CONSTRAINT "{n}" {d}' for n, kind, d in constraints if kind == "u"]
    return unique + [definition for _name, definition in indexes]


def _run(statement: str, parameters: list[int] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
