"""post(): what it takes, what was there already, what it refuses, and that a refusal changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from agricredit.foundation.jobs.models import OutboxMessage
from archives.ledger.kinds import KINDS
from archives.models import CreditEvent, EventNote
from archives.services.ledger import LedgerRefusal, post, post_in_chunks
from tests.archives.ledger.conftest import make_producer
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db
MOMENT = datetime(2024, 6, 2, 3, 4, 5, 678901, tzinfo=UTC)


def refused(*drafts) -> list[tuple[int, str]]:
    """The refusal's (index, column) pairs; nothing may have changed."""
    before = list(CreditEvent.objects.order_by("id").values()), OutboxMessage.objects.count()
    with pytest.raises(LedgerRefusal) as refusal:
        post(drafts)
    assert (list(CreditEvent.objects.order_by("id").values()), OutboxMessage.objects.count()) == before
    assert all(fault.message for fault in refusal.value.faults)
    return [(fault.index, fault.column) for fault in refusal.value.faults]


def test_an_event_is_stored_as_given(farm):
    whole = draft(
        uid="u1",
        producer=farm,
        kind="public_credit.percentile",
        outcome="none",
        value=-100,
        occurred_on=date(2024, 5, 31),
        valid_until=date(2024, 12, 31),
        recorded_at=MOMENT,
        region="440825",
        source="发改委共享",
        incident="I-1",
        note="列入名单",
        facts={"shown": "严重失信"},
    )
    posted = post([whole])
    event = CreditEvent.objects.get()
    assert (posted.new, posted.existing) == ([event.id], 0)
    assert (event.uid, event.producer, event.event_kind.name) == ("u1", farm, "public_credit.percentile")
    assert (event.outcome_name, event.value, event.occurred_on) == ("none", -100, date(2024, 5, 31))
    assert (event.valid_until, event.recorded_at) == (date(2024, 12, 31), MOMENT)
    assert (event.region_id, event.source, event.incident) == ("440825", "发改委共享", "I-1")
    assert (event.reverses_id, event.repairs_id) == (None, None)
    assert (event.note_row.note, event.note_row.facts) == ("列入名单", {"shown": "严重失信"})
    assert len(event.note_row.salt) == 16
    assert len(event.note_hash) == 32


def test_region_and_moment_have_defaults(farm, monkeypatch):
    monkeypatch.setattr("agricredit.foundation.common.clock.now", lambda: MOMENT)
    post([draft(producer=farm)])
    event = CreditEvent.objects.get()
    assert (event.region_id, event.recorded_at, event.note_hash) == ("440825", MOMENT, None)
    assert not EventNote.objects.exists()


def test_the_same_uid_with_the_same_content_is_already_there(farm):
    event = draft(uid="u1", producer=farm, note="备注", recorded_at=MOMENT)
    first = post([event])
    offset = timezone(timedelta(hours=8))
    again = draft(uid="u1", producer=farm, note="备注", recorded_at=MOMENT.astimezone(offset))
    unsaid = draft(uid="u1", producer=farm, note="备注")
    second = post([again, unsaid, draft(uid="u2", producer=farm)])
    assert (len(first.new), first.existing) == (1, 0)
    assert (len(second.new), second.existing) == (1, 2)
    assert CreditEvent.objects.count() == 2


def test_a_uid_twice_in_one_call_is_one_event(farm):
    posted = post([draft(uid="u1", producer=farm), draft(uid="u1", producer=farm)])
    assert (len(posted.new), posted.existing) == (1, 1)
    assert refused(draft(uid="u2", producer=farm), draft(uid="u2", producer=farm, outcome="fail")) == [
        (1, "outcome")
    ]


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("kind", {"kind": "sale.recorded"}),
        ("outcome", {"outcome": "fail"}),
        ("value", {"value": 100}),
        ("occurred_on", {"occurred_on": date(2024, 6, 2)}),
        ("valid_until", {"valid_until": date(2024, 12, 31)}),
        ("recorded_at", {"recorded_at": MOMENT + timedelta(microseconds=1)}),
        ("source", {"source": "another"}),
        ("incident", {"incident": "I-1"}),
        ("note", {"note": "另一备注"}),
        ("note", {"note": ""}),
    ],
)
def test_the_same_uid_with_other_content_names_the_column(farm, column, changed):
    content = {"uid": "u1", "producer": farm, "recorded_at": MOMENT, "note": "备注"}
    post([draft(**content)])
    assert refused(draft(uid="new", producer=farm), draft(**content | changed)) == [(1, column)]


def test_the_same_uid_for_another_producer_or_region_is_refused(farm, other_farm, region):
    type(region).objects.create(code="440823", name="遂溪县", level="county")
    post([draft(uid="u1", producer=farm)])
    assert refused(draft(uid="u1", producer=other_farm)) == [(0, "producer")]
    assert refused(draft(uid="u1", producer=farm, region="440823")) == [(0, "region")]


@pytest.mark.parametrize(
    ("column", "given"),
    [
        ("uid", {"uid": ""}),
        ("uid", {"uid": "a\x1fb"}),
        ("uid", {"uid": "x" * 201}),
        ("kind", {"kind": "harvest.stolen"}),
        ("outcome", {"outcome": "none"}),
        ("outcome", {"outcome": "maybe"}),
        ("value", {"kind": "training.attended", "outcome": "none"}),
        ("value", {"value": -1}),
        ("value", {"kind": "public_credit.percentile", "outcome": "none", "value": -101}),
        ("value", {"value": 10**12 + 1}),
        ("value", {"kind": "production.paused", "outcome": "none", "value": 36601}),
        (
            "value",
            {"kind": "production.paused", "outcome": "none", "value": 36501, "occurred_on": date(2023, 1, 1)},
        ),
        ("valid_until", {"valid_until": date(2024, 5, 31)}),
        ("occurred_on", {"occurred_on": date(2999, 1, 1)}),
        ("recorded_at", {"recorded_at": datetime(2999, 1, 1, tzinfo=UTC)}),
        ("recorded_at", {"recorded_at": datetime(2024, 1, 1)}),
        ("region", {"region": "990000"}),
        ("source", {"source": "two\nlines"}),
        ("incident", {"incident": "\ud800"}),
        ("note", {"note": "nul\0"}),
        ("repairs", {"repairs": "u0"}),
        ("repairs", {"kind": "repair.granted", "outcome": "none"}),
    ],
)
def test_a_faulty_draft_is_refused_and_nothing_posted(farm, column, given):
    assert refused(draft(producer=farm), draft(**{"producer": farm} | given)) == [(1, column)]


def test_an_unknown_producer_is_refused(farm):
    assert refused(draft(producer=None, producer_id=farm.pk + 1000)) == [(0, "producer")]


def test_every_fault_of_every_draft_is_told_at_once(farm):
    assert refused(
        draft(producer=farm, outcome="none", value=-5),
        draft(producer=farm),
        draft(producer=farm, kind="no.such"),
        draft(producer=farm, reverses="nothing"),
        draft(producer=None, producer_id=0),
    ) == [(0, "outcome"), (0, "value"), (2, "kind"), (3, "reverses"), (4, "producer")]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_each_kind_can_be_posted_with_what_it_needs_only(farm, kind):
    if kind.name == "repair.granted":
        post([draft(uid="bad", producer=farm, kind="complaint.upheld", outcome="none")])
    given = {
        "producer": farm,
        "kind": kind.name,
        "outcome": "pass" if kind.needs_outcome else "none",
        "value": 100 if kind.needs_value else None,
        "repairs": "bad" if kind.name == "repair.granted" else "",
    }
    assert len(post([draft(**given)]).new) == 1
    if kind.needs_outcome:
        assert refused(draft(**given | {"outcome": "none"})) == [(0, "outcome")]
    if kind.needs_value:
        assert refused(draft(**given | {"value": None})) == [(0, "value")]


def test_what_a_kind_does_not_need_is_kept(farm):
    post([draft(producer=farm, kind="pledge.signed", outcome="fail", value=250)])
    assert CreditEvent.objects.values_list("outcome", "value").get() == (2, 250)


def test_ids_follow_the_order_of_the_drafts_in_small_and_large_calls(farm):
    for count in (150, 450):
        uids = [f"{count}-{(n * 7919) % count}" for n in range(count)]
        posted = post(draft(uid=uid, producer=farm, note=uid) for uid in uids)
        events = CreditEvent.objects.filter(id__in=posted.new).select_related("note_row").order_by("id")
        assert [(event.uid, event.note_row.note) for event in events] == [(uid, uid) for uid in uids]


def test_new_events_announce_their_producers(farm, other_farm):
    post([draft(producer=other_farm), draft(uid="u1", producer=farm), draft(producer=farm)])
    post([draft(uid="u1", producer=farm)])
    messages = OutboxMessage.objects.filter(topic="ledger.posted")
    assert [message.keys for message in messages] == [{"producer_ids": [farm.pk, other_farm.pk]}]


def test_announcements_name_a_thousand_producers_at_most(farm, monkeypatch):
    monkeypatch.setattr("archives.services.ledger.ANNOUNCED_AT_ONCE", 2)
    farms = [make_producer(f"M{n}") for n in range(5)]
    post(draft(producer=one) for one in farms)
    sizes = [len(message.keys["producer_ids"]) for message in OutboxMessage.objects.order_by("id")]
    assert sizes == [2, 2, 1]


def test_a_refusal_leaves_the_callers_transaction_usable(farm):
    post([draft(uid="before", producer=farm)])
    assert refused(draft(producer=farm, kind="no.such")) == [(0, "kind")]
    post([draft(uid="after", producer=farm)])
    assert list(CreditEvent.objects.order_by("id").values_list("uid", flat=True)) == ["before", "after"]


class TestInChunks:
    def test_a_big_load_keeps_references_for_the_end(self, farm):
        drafts = [draft(uid="undo", producer=farm, reverses="e9")]
        drafts += [draft(uid=f"e{n}", producer=farm) for n in range(10)]
        posted = post_in_chunks(iter(drafts), size=3)
        assert (len(posted.new), posted.existing) == (11, 0)
        assert CreditEvent.objects.get(uid="undo").reverses.uid == "e9"
        assert post_in_chunks(drafts, size=4) == type(posted)([], 11)

    def test_faults_of_all_chunks_come_together_with_their_places(self, farm):
        drafts = [
            draft(uid=f"e{n}", producer=farm, outcome="none" if n in (1, 7) else "pass") for n in range(9)
        ]
        drafts += [draft(uid="undo", producer=farm, reverses="e5"), draft(producer=farm, repairs="x")]
        with pytest.raises(LedgerRefusal) as refusal:
            post_in_chunks(drafts, size=3)
        assert [(f.index, f.column) for f in refusal.value.faults] == [
            (1, "outcome"),
            (7, "outcome"),
            (10, "repairs"),
        ]
        assert set(CreditEvent.objects.values_list("uid", flat=True)) == {"e3", "e4", "e5"}
