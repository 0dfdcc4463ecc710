"""COPY and advisory locks."""

import json
import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction

from agricredit.foundation.common import db

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
