"""Read by COPY, the ledger gives the engine what the reference sees: repairs, mergers, ties, seals."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from archives.models import CreditEvent, Producer
from archives.services.ledger import EventDraft, post
from rating.engine.columns import BIAS, WIDE, Window
from rating.engine.lines import gather
from rating.engine.score import score
from rating.services import reading, rolls, transport
from tests.factories.archives import ProducerFactory, RegionFactory
from tests.rating.engine.worlds import World, read_examples, rows, shipped
from tests.rating.ledgers import generated
from tests.rating.reference import Fact, Subject, root_of

pytestmark = pytest.mark.django_db
YEAR = Window.year(2024)


def register(subjects: dict[str, Subject]) -> dict[str, Producer]:
    made = {
        key: ProducerFactory(
            key=key,
            kind=subject.kind,
            region=subject.region,
            registered_on=subject.registered_on,
            status="active" if subject.merged_into else subject.status,
        )
        for key, subject in sorted(subjects.items())
    }
    for key, subject in subjects.items():
        if subject.merged_into:
            made[key].status, made[key].merged_into = "merged", made[subject.merged_into]
            made[key].save()
    return made


def draft(fact: Fact, made: dict[str, Producer]) -> EventDraft:
    return EventDraft(
        uid=fact.uid,
        producer_id=made[fact.producer].pk,
        kind=fact.kind,
        outcome=fact.outcome,
        value=None if fact.value is None else int(fact.value * 100),
        occurred_on=fact.occurred_on,
        valid_until=fact.valid_until,
        recorded_at=fact.recorded_at,
        region=made[fact.producer].region_id,
        source="测试",
        incident=fact.incident,
        reverses=fact.reverses,
        repairs=fact.repairs,
    )


def postable(subjects: dict[str, Subject], facts: list[Fact]) -> list[Fact]:
    """Without second pauses of one producer (after merging): the ledger refuses more days than a year has."""
    paused: set[str] = set()
    dropped: set[str] = set()
    for fact in facts:
        owner = root_of(fact.producer, subjects)
        if fact.kind == "production.paused" and not fact.reverses:
            dropped |= {fact.uid} if owner in paused else set()
            paused.add(owner)
    return [fact for fact in facts if fact.uid not in dropped and fact.reverses not in dropped]


def frozen_roll(region: str = "44") -> rolls.FrozenRoll:
    return rolls.frozen(rolls.select(region=region, scheme_code="gd-r1", year=2024, day=date(2024, 12, 31)))


def from_ledger(code: str, keys: list[str], **options):
    scheme, frozen = shipped(code), frozen_roll()
    events, tie_break = reading.read(scheme, frozen, YEAR, **options)
    return rows(scheme, score(scheme, events, frozen.roll, YEAR, tie_break), keys, 2024)


@pytest.fixture(params=["by producer", "by range"])
def way(request, monkeypatch):
    if request.param == "by range":
        monkeypatch.setattr(reading, "FEW", 0)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("code", ["gd-r1", "hz-r1"])
@pytest.mark.parametrize("seed", [3, 14, 159])
def test_the_ledger_reads_as_the_facts_that_were_posted(code, seed):
    subjects, facts = generated(seed, producers=6, events=700)
    facts = postable(subjects, facts)
    made = register(subjects)
    post(draft(fact, made) for fact in facts)
    world = World(subjects, facts, YEAR)
    assert from_ledger(code, world.keys) == rows(shipped(code), world.score(shipped(code)), world.keys, 2024)


@pytest.mark.usefixtures("way")
def test_a_seal_shows_the_ledger_as_it_was():
    subjects, facts = read_examples()
    made = register(subjects)
    plain = [fact for fact in facts if not fact.reverses and not fact.repairs]
    post(draft(fact, made) for fact in plain)
    sealed = CreditEvent.objects.latest("pk").pk
    post(draft(fact, made) for fact in facts if fact.reverses or fact.repairs)
    scheme = shipped("gd-r1")
    before, after = World(subjects, plain, YEAR), World(subjects, facts, YEAR)
    assert from_ledger("gd-r1", before.keys, last_id=sealed) == rows(
        scheme, before.score(scheme), before.keys, 2024
    )
    assert from_ledger("gd-r1", after.keys) == rows(scheme, after.score(scheme), after.keys, 2024)


@pytest.mark.usefixtures("way")
def test_values_too_large_for_a_packed_event_are_read_exactly():
    subject = Subject("P1", "enterprise", "440823", date(2020, 1, 1), "active")
    made = register({"P1": subject})
    moment = read_examples()[1][0].recorded_at
    large = Fraction(WIDE, 100) + 7
    facts = [
        Fact(f"u{number}", "P1", kind, "none", value, date(2024, 5, number), None, moment)
        for number, (kind, value) in enumerate(
            [
                ("record.entered", Fraction(1)),
                ("record.entered", large),
                ("record.entered", large * 2),
                ("packaging.used", large * 3),
                ("packaging.returned", large),
                ("test.planned", Fraction(WIDE - BIAS, 100)),
            ],
            1,
        )
    ]
    post(draft(fact, made) for fact in facts)
    world = World({"P1": subject}, facts, YEAR)
    [row] = from_ledger("gd-r1", ["P1"])
    assert [row] == rows(shipped("gd-r1"), world.score(shipped("gd-r1")), ["P1"], 2024)
    assert row["GD202.reading"] == "1342184.280000"
    assert row["GD303.reading"] == "0.333333"


def test_an_empty_roll_reads_nothing():
    RegionFactory()
    frozen = frozen_roll()
    events, tie_break = reading.read(shipped("gd-r1"), frozen, YEAR)
    assert len(score(shipped("gd-r1"), events, frozen.roll, YEAR, tie_break)) == 0


def test_lines_are_the_events_that_count_with_their_ids():
    subjects, facts = generated(7, producers=5, events=300)
    facts = postable(subjects, facts)
    made = register(subjects)
    post(draft(fact, made) for fact in facts)
    scheme, frozen = shipped("gd-r1"), frozen_roll()
    found = reading.lines(frozen, YEAR)
    events, tie_break = gather(scheme, found, frozen.roll, YEAR)
    world = World(subjects, facts, YEAR)
    result = score(scheme, events, frozen.roll, YEAR, tie_break)
    assert rows(scheme, result, world.keys, 2024) == rows(scheme, world.score(scheme), world.keys, 2024)
    uids = dict(CreditEvent.objects.values_list("pk", "uid"))
    assert all(line.uid == uids[line.event] for own in found.values() for line in own)


def test_a_stream_of_another_width_is_refused():
    assert transport.fetch("SELECT 7::bigint, 8::smallint", [8, 2])[0].tolist() == [7]
    with pytest.raises(transport.BrokenStream, match="whole number"):
        transport.fetch("SELECT NULL::bigint", [8])
    with pytest.raises(transport.BrokenStream, match="column 0"):
        transport.fetch("SELECT NULL::bigint FROM generate_series(1, 4)", [2])
    assert transport.fetch("SELECT 1::bigint WHERE false", [8])[0].dtype == np.int64
