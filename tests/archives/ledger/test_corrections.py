"""Reversals, repairs and pauses: what may name what, once, and for whom."""

from __future__ import annotations

from datetime import date

import pytest

from archives.ledger.kinds import KINDS
from archives.models import CreditEvent, Producer
from archives.services import repair
from archives.services.ledger import LedgerRefusal, post, reverse
from tests.archives.ledger.conftest import make_producer
from tests.archives.ledger.test_posting import refused
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db

# The contract's list, word for word.
NEGATIVE = [
    "banned.found",
    "record.forged",
    "accident.responsible",
    "inspection.refused",
    "crime.decided",
    "dishonesty.listed",
    "mark.misused",
    "sampling.tested",
    "sampling.exceeded",
    "certificate.contradicted",
    "penalty.imposed",
    "penalty.serious",
    "penalty.fulfilled",
    "rectification.due",
    "cooperation.lacked",
    "complaint.upheld",
    "interval.checked",
    "scope.checked",
    "offence.public",
    "opinion.negative",
    "production_accident.occurred",
    "visit.made",
    "lead.resolved",
    "principal.checked",
    "tax.checked",
    "finance.checked",
]


def merge(one: Producer, into: Producer) -> None:
    Producer.objects.filter(pk=one.pk).update(status="merged", merged_into=into)


def complaint(farm, uid="bad", **fields):
    return draft(uid=uid, producer=farm, kind="complaint.upheld", outcome="none", **fields)


def granted(farm, uid="fix", repairs="bad"):
    return draft(uid=uid, producer=farm, kind="repair.granted", outcome="none", repairs=repairs)


class TestReversal:
    def test_it_copies_what_it_takes_back(self, farm):
        post([draft(uid="e", producer=farm, kind="record.entered", outcome="none", value=1500)])
        reverse(uid="e", by_uid="undo", source="更正", note="录错", occurred_on=date(2024, 7, 1))
        undo = CreditEvent.objects.get(uid="undo")
        assert (undo.reverses.uid, undo.event_kind.name, undo.outcome, undo.value) == (
            "e",
            "record.entered",
            0,
            1500,
        )
        assert (undo.occurred_on, undo.source, undo.note_row.note) == (date(2024, 7, 1), "更正", "录错")

    def test_an_unknown_event_cannot_be_reversed(self, farm):
        with pytest.raises(LedgerRefusal) as refusal:
            reverse(uid="e", by_uid="undo", source="")
        assert [fault.column for fault in refusal.value.faults] == ["reverses"]

    @pytest.mark.parametrize(
        ("column", "changed"),
        [
            ("kind", {"kind": "sale.recorded"}),
            ("outcome", {"outcome": "fail"}),
            ("value", {"value": None}),
            ("valid_until", {"valid_until": date(2024, 12, 31)}),
            ("repairs", {"repairs": "e"}),
            ("reverses", {"reverses": "undo"}),
        ],
    )
    def test_it_says_nothing_else(self, farm, column, changed):
        post([draft(uid="e", producer=farm, value=100)])
        given = {"uid": "undo", "producer": farm, "value": 100, "reverses": "e"}
        assert refused(draft(**given | changed)) == [(0, column)]

    def test_it_is_of_the_same_producer_after_merging(self, farm, other_farm):
        post([draft(uid="e", producer=farm)])
        assert refused(draft(uid="undo", producer=other_farm, reverses="e")) == [(0, "producer")]
        merge(farm, other_farm)
        assert len(post([draft(uid="undo", producer=other_farm, reverses="e")]).new) == 1

    def test_an_event_is_reversed_once(self, farm):
        post([draft(uid="e", producer=farm), draft(uid="undo", producer=farm, reverses="e")])
        assert refused(draft(uid="undo-2", producer=farm, reverses="e")) == [(0, "reverses")]
        assert post([draft(uid="undo", producer=farm, reverses="e")]).existing == 1

    def test_not_twice_in_one_call_either(self, farm):
        both = [draft(uid=uid, producer=farm, reverses="e") for uid in ("a", "b")]
        assert refused(*both, draft(uid="e", producer=farm)) == [(1, "reverses")]

    def test_a_reversal_cannot_be_reversed(self, farm):
        event, undo = draft(uid="e", producer=farm), draft(uid="undo", producer=farm, reverses="e")
        redo = draft(uid="redo", producer=farm, reverses="undo")
        assert refused(redo, undo, event) == [(0, "reverses")]
        post([event, undo])
        assert refused(redo) == [(0, "reverses")]

    def test_whoever_reversed_by_mistake_posts_the_fact_again(self, farm):
        post([draft(uid="e", producer=farm), draft(uid="undo", producer=farm, reverses="e")])
        assert len(post([draft(uid="e-again", producer=farm)]).new) == 1


class TestRepair:
    def test_the_contracts_negative_kinds_are_the_registrys(self):
        assert {name for name, kind in KINDS.items() if kind.polarity.value == "negative"} == set(NEGATIVE)

    @pytest.mark.parametrize("name", sorted(KINDS))
    def test_it_names_a_negative_event(self, farm, name):
        kind = KINDS[name]
        if name == "repair.granted":
            post([complaint(farm, "worse")])
        given = {
            "value": 100 if kind.needs_value else None,
            "repairs": "worse" if name == "repair.granted" else "",
        }
        outcome = "fail" if kind.needs_outcome else "none"
        post([draft(uid="bad", producer=farm, kind=name, outcome=outcome, **given)])
        if name in NEGATIVE:
            assert len(post([granted(farm)]).new) == 1
        else:
            assert refused(granted(farm)) == [(0, "repairs")]

    def test_a_pass_is_not_negative(self, farm):
        post([draft(uid="bad", producer=farm, kind="visit.made", outcome="pass")])
        assert refused(granted(farm)) == [(0, "repairs")]

    def test_it_names_an_event_of_the_same_producer(self, farm, other_farm):
        post([complaint(farm)])
        assert refused(granted(other_farm)) == [(0, "producer")]
        assert refused(granted(farm, repairs="nothing")) == [(0, "repairs")]

    def test_an_event_is_repaired_once(self, farm):
        post([granted(farm), complaint(farm)])
        assert refused(granted(farm, uid="fix-2")) == [(0, "repairs")]
        assert refused(complaint(farm, "b2"), granted(farm, "f1", "b2"), granted(farm, "f2", "b2")) == [
            (2, "repairs")
        ]

    def test_a_reversal_cannot_be_repaired(self, farm):
        undo = draft(uid="undo", producer=farm, kind="complaint.upheld", outcome="none", reverses="bad")
        assert refused(complaint(farm), undo, granted(farm, repairs="undo")) == [(2, "repairs")]
        post([complaint(farm), undo])
        assert refused(granted(farm, repairs="undo")) == [(0, "repairs")]

    def test_a_repair_taken_back_may_be_granted_again(self, farm):
        post([complaint(farm)])
        repair.grant(uid="bad", by_uid="fix", source="决定")
        repair.withdraw(uid="fix", by_uid="unfix", source="撤销")
        unfix = CreditEvent.objects.get(uid="unfix")
        assert (unfix.event_kind.name, unfix.reverses.uid, unfix.repairs_id) == (
            "repair.granted",
            "fix",
            None,
        )
        assert len(repair.grant(uid="bad", by_uid="fix-2", source="决定").new) == 1

    def test_an_unknown_event_cannot_be_repaired(self, region):
        with pytest.raises(LedgerRefusal):
            repair.grant(uid="bad", by_uid="fix", source="决定")


class TestPause:
    def pause(self, farm, uid, days, year=2023, **fields):
        day = date(year, 3, 1)
        return draft(
            uid=uid,
            producer=farm,
            kind="production.paused",
            outcome="none",
            value=days * 100,
            occurred_on=day,
            **fields,
        )

    def test_days_add_up_to_the_year_at_most(self, farm):
        post([self.pause(farm, "a", 200), self.pause(farm, "b", 165)])
        assert refused(self.pause(farm, "c", 1)) == [(0, "value")]
        assert len(post([self.pause(farm, "d", 366, 2024)]).new) == 1

    def test_reversed_days_do_not_count(self, farm):
        post([self.pause(farm, "a", 300)])
        undo = self.pause(farm, "undo", 300, reverses="a")
        assert len(post([self.pause(farm, "b", 365), undo]).new) == 2

    def test_days_of_merged_producers_add_up(self, farm, other_farm):
        third = make_producer("P3")
        merge(farm, third)
        merge(third, other_farm)
        post([self.pause(farm, "a", 300)])
        assert refused(self.pause(other_farm, "b", 66)) == [(0, "value")]
