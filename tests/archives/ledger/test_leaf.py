"""The leaf's bytes: PostgreSQL and the Python reference agree on every character."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archives.ledger import merkle
from archives.ledger.drafts import hundredths
from archives.ledger.kinds import KIND_BY_NUMBER, KINDS
from archives.ledger.leaf import leaf_bytes, note_digest, recorded_text
from archives.models import CreditEvent
from archives.services.leaves import leaf_bytes_of, leaf_hashes
from archives.services.ledger import post
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db

LINES = st.text(
    st.characters(min_codepoint=32, exclude_categories=("Cs",), exclude_characters="\x7f"), max_size=30
)
NOTES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
DAYS = st.dates(date(1, 1, 1), date(2026, 1, 1))


def reference(event: CreditEvent) -> bytes:
    """The contract's sentence in Python, column by column."""
    note = getattr(event, "note_row", None)
    digest = note_digest(bytes(note.salt), note.note) if note else hashlib.sha256(bytes(16)).digest()
    fields = [
        event.uid,
        event.producer.key,
        KIND_BY_NUMBER[event.kind].name,
        event.outcome_name,
        hundredths(event.value),
        event.occurred_on.isoformat(),
        event.valid_until.isoformat() if event.valid_until else "",
        recorded_text(event.recorded_at),
        event.region_id,
        event.source,
        event.incident,
        "",
        event.reverses.uid if event.reverses else "",
        event.repairs.uid if event.repairs else "",
    ]
    return leaf_bytes(fields, digest)


def test_the_bytes_of_a_row_with_everything_in_it(farm):
    event = draft(
        uid='u,"1"',
        producer=farm,
        kind="public_credit.percentile",
        outcome="none",
        value=-100,
        occurred_on=date(2024, 5, 31),
        valid_until=date(2024, 12, 31),
        recorded_at=datetime(2024, 6, 2, 3, 4, 5, 60, tzinfo=UTC),
        source="省“平台”",
    )
    (event_id,) = post([event]).new
    none = hashlib.sha256(bytes(16)).hexdigest()
    assert leaf_bytes_of(event_id).decode().split("\x1f") == [
        'u,"1"', "P1", "public_credit.percentile", "none", "-1.00", "2024-05-31", "2024-12-31",
        "2024-06-02T03:04:05.000060Z", "440825", "省“平台”", "", none, "", "",
    ]  # fmt: skip


def test_the_bytes_name_what_is_reversed_and_repaired(farm):
    bad = {"producer": farm, "kind": "complaint.upheld", "outcome": "none"}
    post(
        [
            draft(uid="bad", **bad, note="备注"),
            draft(uid="fix", producer=farm, kind="repair.granted", outcome="none", repairs="bad"),
            draft(uid="undo", **bad, reverses="bad"),
        ]
    )
    events = {event.uid: event for event in CreditEvent.objects.all()}
    assert {uid: leaf_bytes_of(event.pk) for uid, event in events.items()} == {
        uid: reference(event) for uid, event in events.items()
    }
    assert leaf_bytes_of(events["fix"].pk).decode().split("\x1f")[-2:] == ["", "bad"]
    assert leaf_bytes_of(events["undo"].pk).decode().split("\x1f")[-2:] == ["bad", ""]


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
)
@given(
    kind=st.sampled_from(sorted(set(KINDS) - {"repair.granted", "production.paused"})),
    outcome=st.sampled_from(["pass", "fail"]),
    value=st.integers(0, 10**12),
    day=DAYS,
    open_end=st.booleans(),
    moment=st.datetimes(datetime(1970, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)),
    source=LINES,
    incident=LINES,
    note=NOTES,
)
def test_sql_and_python_agree(farm, kind, outcome, value, day, open_end, moment, source, incident, note):
    event = draft(
        producer=farm,
        kind=kind,
        outcome=outcome,
        value=value,
        occurred_on=day,
        valid_until=None if open_end else day,
        recorded_at=moment,
        source=source,
        incident=incident,
        note=note,
    )
    (event_id,) = post([event]).new
    leaf = leaf_bytes_of(event_id)
    assert leaf == reference(CreditEvent.objects.get(pk=event_id))
    assert list(leaf_hashes(event_id - 1, event_id)) == [(event_id, merkle.leaf_hash(leaf))]
    assert post([event]).existing == 1


def test_names_and_numbers_of_kinds_stay():
    """Sealed leaves hold the names and rows hold the numbers: a change here breaks every ledger in use."""
    text = ";".join(f"{number}={KIND_BY_NUMBER[number].name}" for number in sorted(KIND_BY_NUMBER))
    assert hashlib.sha256(text.encode()).hexdigest() == KINDS_AS_RELEASED


KINDS_AS_RELEASED = "8d9f572ecb09a0b881de392217c25344a9a5059e35424b12e9d324b3b152d980"
