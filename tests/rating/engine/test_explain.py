"""Explanations: the same result, the events behind it, and what stands between it and the next grade."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from rating.engine.columns import Window
from rating.engine.explain import explain
from rating.engine.score import Status
from tests.rating.engine.worlds import World, read_examples, shipped
from tests.rating.reference import Fact, Subject

YEAR = Window.year(2024)
MOMENT = datetime(2025, 1, 1, tzinfo=UTC)
FARM = Subject("P1", "family_farm", "440823", date(2020, 1, 1), "active")


def fact(uid: str, kind: str, outcome: str = "none", value: int | None = None, **more) -> Fact:
    amount = None if value is None else Fraction(value)
    return Fact(uid, "P1", kind, outcome, amount, more.pop("on", date(2024, 6, 1)), None, MOMENT, **more)


def explained(*facts: Fact, scheme: str = "gd-r1", subject: Subject = FARM):
    world = World({"P1": subject}, facts, YEAR)
    return explain(shipped(scheme), world.lines.get(1, []), world.roll, YEAR)


def column(found, code: str):
    return next(each for each in found.columns if each.criterion.code == code)


@pytest.mark.parametrize("code", ["gd-r1", "hz-r1"])
def test_an_explanation_is_the_result_of_the_run(code: str) -> None:
    world, scheme = World(*read_examples(), YEAR), shipped(code)
    results = world.score(scheme)
    for at, number in enumerate(world.roll.producer.tolist()):
        found = explain(scheme, world.lines.get(number, []), world.roll.part(at, at + 1), YEAR)
        assert (found.score, found.base) == (results.score[at], results.base[at])
        assert found.status == results.status[at]
        assert [veto.veto.code for veto in found.vetoes] == list(scheme.veto_codes(int(results.vetoes[at])))
        charged = sum(c.cost for each in found.columns for c in each.charges if c.counts)
        assert charged == found.deductions == results.deductions[at]
        lost = sum(each.lost for each in found.columns if each.criterion in scheme.criteria)
        got = sum(each.points or 0 for each in found.columns if each.criterion in scheme.criteria)
        assert lost + got == found.able


def test_a_share_names_the_events_that_were_counted() -> None:
    found = explained(
        fact("a", "sampling.tested", "pass", on=date(2024, 3, 1)),
        fact("b", "sampling.tested", "fail", on=date(2024, 2, 1)),
        fact("c", "sampling.tested", "pass", on=date(2023, 12, 31)),
    )
    tested = column(found, "GD404")
    assert (tested.points, tested.reading, tested.lost) == (0, 500000, 400)
    assert [line.uid for line in tested.lines] == ["b", "a"]


def test_only_the_latest_stands_behind_a_latest() -> None:
    found = explained(
        fact("a", "profile.completed", value=1, on=date(2024, 1, 1)),
        fact("b", "profile.completed", value=0, on=date(2024, 5, 1)),
    )
    assert [line.uid for line in column(found, "GD101").lines] == ["b"]
    assert column(found, "GD101").lost == 400


def test_of_one_incident_the_dearest_counts_then_the_first_criterion_s_then_the_lowest_uid() -> None:
    found = explained(
        fact("z", "certificate.contradicted", incident="I"),
        fact("y", "sampling.exceeded", incident="I"),
        fact("x", "sampling.exceeded", incident="I"),
        fact("w", "penalty.imposed", value=10, incident="I"),
        fact("v", "penalty.imposed", value=3),
    )
    charges = {
        charge.line.uid: (each.criterion.code, charge.cost, charge.counts)
        for each in found.columns
        for charge in each.charges
    }
    assert charges == {
        "x": ("GD-N1", 1000, True),
        "y": ("GD-N1", 1000, False),
        "z": ("GD-N4", 1000, False),
        "w": ("GD-N3", 1000, False),
        "v": ("GD-N3", 300, True),
    }
    assert found.deductions == 1300


def test_a_veto_shows_the_events_that_hold_it() -> None:
    found = explained(
        fact("a", "sampling.tested", "fail", incident="I"),
        fact("b", "sampling.tested", "fail", incident="I"),
        fact("c", "sampling.tested", "fail", incident="J"),
    )
    [held] = found.vetoes
    assert held.veto.code == "GD-V7"
    assert {line.uid for line in held.lines} == {"a", "b", "c"}
    assert (found.grade.code, found.status) == ("C", Status.pending)


def test_one_incident_s_failures_are_no_veto() -> None:
    found = explained(
        fact("a", "sampling.tested", "fail", incident="I"), fact("b", "sampling.tested", "fail", incident="I")
    )
    assert found.vetoes == ()


def test_what_is_too_little_is_named() -> None:
    found = explained()
    assert (found.grade, found.status) == (None, Status.not_rated)
    assert found.too_little == ("able", "records", "checks")
    young = Subject("P1", "enterprise", "440823", date(2024, 12, 1), "active")
    assert "registered" in explained(subject=young).too_little


def test_every_condition_of_a_higher_grade_is_named() -> None:
    kinds = ("harvest.recorded", "sale.recorded", "input.used", "sale.certified", "visit.made")
    found = explained(*(fact(kind, kind, "pass") for kind in kinds), fact("p", "penalty.imposed", value=3))
    names = [(above.grade.code, above.missing > 0) for above in found.higher]
    assert names[-1][0] == "AAAA"
    top = {asked.gate.name: asked.met for asked in found.higher[-1].gates}
    assert top == {
        "本年度没有扣分": False,
        "本年度监督抽查没有不合格": True,
        "本年度至少接受过一次行政检查或监督抽查": True,
        "本年度有生产记录": True,
        "建档满一年": True,
    }


def test_one_producer_at_a_time() -> None:
    world = World(*read_examples(), YEAR)
    with pytest.raises(ValueError, match="one producer"):
        explain(shipped("gd-r1"), [], world.roll, YEAR)
