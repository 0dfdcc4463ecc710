"""What counts for nothing: reversals, repaired incidents, after merging, as of a seal; and who sees what."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archives.ledger.excluded import excluded_event_ids_sql
from archives.models import CreditEvent, EventNote, Producer
from archives.services import repair
from archives.services.ledger import post, reverse
from archives.services.sealing import seal
from tests.archives.ledger.test_corrections import complaint, granted, merge
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db
FOREVER = 2**63 - 1


def excluded(last_id: int = FOREVER, *producers: Producer) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(excluded_event_ids_sql(last_id, [p.pk for p in producers] or None))
        ids = [event_id for (event_id,) in cursor.fetchall()]
    assert len(ids) == len(set(ids))
    return set(CreditEvent.objects.filter(id__in=ids).values_list("uid", flat=True))


def test_nothing_is_excluded_from_a_plain_ledger(farm):
    post([draft(producer=farm), complaint(farm)])
    assert excluded() == set()
    assert CreditEvent.objects.counting().count() == 2


def test_a_reversal_takes_both_out(farm):
    post([draft(uid="e", producer=farm), draft(uid="stays", producer=farm)])
    before = seal()
    reverse(uid="e", by_uid="undo", source="")
    after = seal()
    assert excluded(before.last_id) == set()
    assert excluded(after.last_id) == {"e", "undo"}
    assert {e.uid for e in CreditEvent.objects.counting(before)} == {"e", "stays"}
    assert {e.uid for e in CreditEvent.objects.counting(after)} == {"stays"}


def test_a_repair_takes_every_negative_event_of_the_incident_out(farm, other_farm):
    post(
        [
            complaint(farm, "bad", incident="I"),
            draft(uid="failed", producer=farm, kind="sampling.tested", outcome="fail", incident="I"),
            draft(uid="passed", producer=farm, kind="sampling.tested", outcome="pass", incident="I"),
            draft(uid="neutral", producer=farm, incident="I"),
            complaint(farm, "another incident", incident="J"),
            complaint(farm, "no incident"),
            complaint(other_farm, "another producer", incident="I"),
        ]
    )
    repair.grant(uid="bad", by_uid="fix", source="决定")
    made = seal()
    post([complaint(farm, "late", incident="I")])
    assert excluded(made.last_id) == {"bad", "failed"}
    assert excluded() == {"bad", "failed", "late"}


def test_an_event_without_an_incident_is_one_of_its_own(farm):
    post([complaint(farm, "bad"), complaint(farm, "worse"), granted(farm)])
    assert excluded() == {"bad"}


def test_a_repair_of_a_reversed_event_has_no_effect(farm):
    post([complaint(farm, "bad", incident="I"), complaint(farm, "beside", incident="I"), granted(farm)])
    assert excluded() == {"bad", "beside"}
    reverse(uid="bad", by_uid="undo", source="")
    assert excluded() == {"bad", "undo"}


def test_a_repair_taken_back_has_no_effect(farm):
    post([complaint(farm, "bad", incident="I"), complaint(farm, "beside", incident="I"), granted(farm)])
    repair.withdraw(uid="fix", by_uid="unfix", source="")
    assert excluded() == {"fix", "unfix"}


def test_an_incident_is_one_of_merged_producers(farm, other_farm):
    post([complaint(farm, "bad", incident="I"), complaint(other_farm, "theirs", incident="I"), granted(farm)])
    assert excluded() == {"bad"}
    merge(other_farm, farm)
    assert excluded() == {"bad", "theirs"}
    Producer.objects.filter(pk=other_farm.pk).update(status="active", merged_into=None)
    assert excluded() == {"bad"}


def test_it_can_be_asked_for_some_producers_only(farm, other_farm):
    mine = [draft(uid="a", producer=farm), draft(uid="a-undo", producer=farm, reverses="a")]
    theirs = [complaint(other_farm, "bad", incident="I"), complaint(other_farm, "beside", incident="I")]
    post([*mine, *theirs, granted(other_farm)])
    assert excluded(FOREVER, farm) == {"a", "a-undo"}
    assert excluded(FOREVER, other_farm) == {"bad", "beside"}
    assert excluded(FOREVER, farm, other_farm) == {"a", "a-undo", "bad", "beside"}


def test_without_corrections_only_the_partial_indexes_are_read(farm):
    post(draft(producer=farm) for _ in range(2000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE archives_creditevent")
        cursor.execute("EXPLAIN " + excluded_event_ids_sql(FOREVER))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "creditevent_is_reversed_once" in plan
    assert "creditevent_repairs" in plan
    assert "Seq Scan on archives_creditevent" not in plan, plan


def slow_reference(events: list[CreditEvent]) -> set[str]:
    """The contract's paragraphs on reversal and repair, read literally."""
    by_id = {event.pk: event for event in events}
    reversed_ids = {event.reverses_id for event in events if event.reverses_id}
    out = {event.uid for event in events if event.reverses_id or event.pk in reversed_ids}
    for event in events:
        named = by_id.get(event.repairs_id)
        if named is None or event.pk in reversed_ids or named.pk in reversed_ids:
            continue
        out.add(named.uid)
        for other in events:
            together = other.incident == named.incident != "" and other.producer_id == named.producer_id
            if together and other.event_kind.is_negative(other.outcome_name):
                out.add(other.uid)
    return out


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
)
@given(
    facts=st.lists(st.tuples(st.booleans(), st.sampled_from(["", "I", "J"]), st.integers(0, 2)), max_size=8),
    repaired=st.sets(st.integers(0, 7)),
    withdrawn=st.sets(st.integers(0, 7)),
    undone=st.sets(st.integers(0, 7)),
    cut=st.integers(0, 40),
)
def test_it_agrees_with_a_literal_reading(farm, other_farm, facts, repaired, withdrawn, undone, cut):
    from django.db import transaction

    with transaction.atomic():
        kinds = [("complaint.upheld", "none"), ("sampling.tested", "fail"), ("sampling.tested", "pass")]
        for n, (mine, incident, kind) in enumerate(facts):
            name, outcome = kinds[kind]
            owner = farm if mine else other_farm
            given = {"producer": owner, "kind": name, "outcome": outcome}
            post([draft(uid=f"e{n}", incident=incident, **given)])
            if n in repaired and outcome != "pass":
                repair.grant(uid=f"e{n}", by_uid=f"fix{n}", source="")
                if n in withdrawn:
                    repair.withdraw(uid=f"fix{n}", by_uid=f"unfix{n}", source="")
            if n in undone:
                reverse(uid=f"e{n}", by_uid=f"undo{n}", source="")
        events = list(CreditEvent.objects.order_by("id"))[:cut]
        last_id = events[-1].pk if events else 0
        assert excluded(last_id) == slow_reference(events)
        transaction.set_rollback(True)


class TestReads:
    @pytest.fixture
    def abroad(self, region):
        from tests.archives.ledger.conftest import make_producer

        type(region).objects.create(code="440902", name="茂南区", level="county")
        return make_producer("M1", region_id="440902")

    def test_officers_see_their_regions_events_and_administrators_none(self, farm, abroad):
        from tests.factories.accounts import UserFactory

        post(
            [draft(uid="here", producer=farm, note="备注"), draft(uid="there", producer=abroad, note="备注")]
        )

        def seen(role, region_code):
            user = UserFactory(role=role, region_code=region_code)
            notes = {note.event.uid for note in EventNote.objects.visible_to(user)}
            events = {event.uid for event in CreditEvent.objects.visible_to(user)}
            assert notes == events
            return events

        assert seen("county_officer", "440825") == {"here"}
        assert seen("county_officer", "440902") == {"there"}
        assert seen("province_officer", "44") == {"here", "there"}
        assert seen("system_admin", "") == set()
        assert seen("producer", "") == set()

    def test_pages_go_back_from_the_newest_by_key(self, farm):
        ids = post(draft(producer=farm) for _ in range(7)).new
        first = list(CreditEvent.objects.for_page(size=3))
        second = list(CreditEvent.objects.for_page(before=first[-1].pk, size=3))
        assert [event.pk for event in first + second] == ids[:0:-1]
        last = CreditEvent.objects.of_producers([farm.pk]).for_page(before=ids[1], size=3)
        assert [event.pk for event in last] == ids[:1]
