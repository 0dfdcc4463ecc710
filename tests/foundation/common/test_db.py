"""COPY and advisory locks."""

import json
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from agricredit.foundation.common import db
from archives.models import Harvest, Plot
from tests.factories.archives import PlotFactory, ProducerFactory, ProductFactory

ROWS = [
    (
        1,
        "a\tb\\n\n\r“中”",
        None,
        True,
        Decimal("1.50"),
        date(2026, 1, 2),
        ["x", 'q"\\', None, "NULL", ""],
        b"\x00\\\xff",
    ),
    (2, r"\N", 5, False, Decimal(-3), date(1999, 12, 31), [], b""),
]


@pytest.mark.django_db
def test_copy_writes_every_kind_of_value_exactly():
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE copied"
            " (id int, t text, n bigint, b bool, d numeric, day date, a text[], raw bytea)"
        )
        columns = ["id", "t", "n", "b", "d", "day", "a", "raw"]
        assert db.copy_in(cursor, "copied", columns, iter(ROWS)) == 2
        cursor.execute("SELECT * FROM copied ORDER BY id")
        read = [(*row[:7], bytes(row[7])) for row in cursor.fetchall()]
    assert read == ROWS


@pytest.mark.django_db
def test_copy_writes_moments_json_and_integer_arrays_in_many_buffers():
    moment = datetime(2026, 11, 21, 1, 2, 3, 456, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute('CREATE TEMP TABLE "多" (at timestamptz, "j k" jsonb, a int[])')
        rows = ((moment, {"名": 'a"\\'}, [n, None]) for n in range(20_000))
        assert db.copy_in(cursor, "多", ["at", "j k", "a"], rows) == 20_000
        cursor.execute('SELECT count(*), min(at), min("j k"::text), sum(a[1]) FROM "多"')
        count, at, document, total = cursor.fetchone()
    assert (count, at, json.loads(document), total) == (20_000, moment, {"名": 'a"\\'}, 199_990_000)


@pytest.mark.django_db
def test_copy_refuses_what_it_does_not_know():
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("CREATE TEMP TABLE copied (id int)")
        with pytest.raises(Exception, match="cannot write object"), transaction.atomic():
            db.copy_in(cursor, "copied", ["id"], [(object(),)])


@pytest.mark.django_db
def test_copied_objects_are_the_rows_that_are_read_back():
    producer = ProducerFactory()
    rows = [
        Harvest(
            uid=uuid4(),
            producer=producer,
            product=ProductFactory(),
            occurred_on=date(2026, 1, 2),
            entered_at=datetime(2026, 1, 2, 3, tzinfo=UTC),
            quantity=Decimal("1.500"),
            batch=f"2026-{number}",
            doubts=['引号"与\\'],
            fingerprint=b"\x00" * 32,
        )
        for number in range(2)
    ]

    def content(row):
        values = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
        return {name: bytes(one) if isinstance(one, memoryview) else one for name, one in values.items()}

    db.copy_objects(rows)
    read = Harvest.objects.in_bulk()
    for row in rows:
        assert not row._state.adding
        assert content(read[row.pk]) == content(row)


@pytest.mark.django_db
def test_copied_objects_meet_the_tables_rules_as_any_insert_does():
    again = PlotFactory()
    copied = Plot(producer=again.producer, name=again.name, area_mu=1, region=again.region)
    with pytest.raises(IntegrityError), transaction.atomic():
        db.copy_objects([copied])
    assert Plot.objects.count() == 1
    db.copy_objects([])


def test_lock_numbers_are_unique():
    numbers = [int(name) for name in db.Lock]
    assert len(numbers) == len(set(numbers))


@pytest.mark.django_db
def test_lock_needs_a_transaction(django_db_blocker, transactional_db):
    with pytest.raises(RuntimeError, match="open one first"):
        db.lock(db.Lock.DEMO)


@pytest.mark.django_db(transaction=True)
def test_lock_is_exclusive_by_number_and_key_until_the_transaction_ends():
    def tried(name, key):
        found = []

        def attempt():
            try:
                with transaction.atomic():
                    found.append(db.try_lock(name, key))
            finally:
                connection.close()

        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
        return found[0]

    with transaction.atomic():
        db.lock(db.Lock.DEMO, 7)
        assert not tried(db.Lock.DEMO, 7)
        assert tried(db.Lock.DEMO, 8)
        assert tried(db.Lock.PLAN, 7)
    assert tried(db.Lock.DEMO, 7)
    with transaction.atomic():
        db.lock(db.Lock.DEMO, 7, shared=True)
        assert not tried(db.Lock.DEMO, 7)
