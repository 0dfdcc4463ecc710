"""The cheapest honest way up: what it promises comes true, and nothing cheaper does it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rating.engine import losses
from rating.engine.assumed import Act
from rating.engine.assumed import Fact as Assumed
from rating.engine.columns import NO_VALUE, Window
from rating.engine.explain import explain
from rating.engine.losses import MOST, Because, Part, parts, reasons
from rating.engine.paths import Search
from rating.engine.scheme import Outcome
from tests.rating import reference
from tests.rating.engine.worlds import NUMBERS, World, shipped
from tests.rating.ledgers import generated
from tests.rating.reference import Fact, Subject

DAY = date(2024, 12, 31)
YEAR = Window.year(2024)
LATE = datetime(2099, 1, 1, tzinfo=UTC)
SCHEMES = {code: shipped(code) for code in ("gd-r1", "hz-r1")}
NAMES = {number: name for name, number in NUMBERS.items()}
WORDS = {Outcome.none: "none", Outcome.passed: "pass", Outcome.failed: "fail"}


def act(code: str, effort: int, steps: tuple[int, ...], *facts: tuple[str, str, int | None]) -> Act:
    outcome = {word: number for number, word in WORDS.items()}
    made = (
        Assumed(NUMBERS[kind], outcome[word], NO_VALUE if value is None else value)
        for kind, word, value in facts
    )
    return Act(code, effort, steps, tuple(made))


ENTERED = (("record.entered", "none", 0), ("record.completed", "none", 100))
ACTS = [
    act("pledge", 30, (1,), ("pledge.signed", "none", None)),
    act("profile", 45, (1,), ("profile.completed", "none", 100), ("profile.confirmed", "none", None)),
    act("harvest", 5, (1, 4, 12), ("harvest.recorded", "pass", None), *ENTERED),
    act("sale", 6, (2, 8), ("sale.recorded", "pass", None), ("sale.certified", "pass", None), *ENTERED),
    act("test", 90, (1, 2), ("test.self", "pass", None), *ENTERED),
    act("training", 120, (2,), ("training.attended", "none", 400)),
]
SOLID = [
    *[("harvest.recorded", "pass")] * 9,
    ("harvest.recorded", "fail"),
    *[("sale.recorded", "pass")] * 3,
    *[("sale.certified", "pass")] * 3,
    ("visit.made", "pass"),
    ("sampling.tested", "pass"),
    ("certificate.checked", "pass"),
]


def farm(*kinds: tuple[str, str], kind: str = "cooperative") -> tuple[Subject, list[Fact]]:
    subject = Subject("P1", kind, "440823", date(2020, 1, 1), "active")
    facts = [
        Fact(f"f{n}", "P1", name, word, None, date(2024, 6, 1), None, LATE)
        for n, (name, word) in enumerate(kinds)
    ]
    return subject, facts


def search(code: str, world: World, at: int, acts: list[Act]) -> Search:
    number = int(world.roll.producer[at])
    return Search(SCHEMES[code], world.lines.get(number, []), world.roll.part(at, at + 1), world.window, acts)


def done(subject: Subject, facts: list[Fact], acts: list[Act], times: tuple[int, ...]) -> list[Fact]:
    """The facts with the acts done, as the reference reads them."""
    added = [
        Fact(
            f"zz-{number}-{again}-{each}",
            subject.producer,
            NAMES[fact.kind],
            WORDS[fact.outcome],
            None if fact.value == NO_VALUE else Fraction(fact.value, 100),
            DAY,
            None,
            LATE,
        )
        for number, (one, often) in enumerate(zip(acts, times, strict=True))
        for again in range(often)
        for each, fact in enumerate(one.facts)
    ]
    return [*facts, *added]


def rank(code: str, grade: str) -> int:
    """Position of a grade; not rated stands where the lowest does, so that nobody aims at the lowest."""
    codes = [one.code for one in SCHEMES[code].grades]
    return codes.index(grade) if grade else len(codes) - 1


def least(code: str, subject: Subject, facts: list[Fact], acts: list[Act]) -> int | None:
    """By the slow reference, over all combinations: the least effort that betters the grade."""
    days = reference.Window.of_year(2024)

    def graded(times: tuple[int, ...]) -> int:
        return rank(
            code, reference.rate(code, subject, done(subject, facts, acts, times), days, Fraction(1)).grade
        )

    now = graded((0,) * len(acts))
    efforts = [
        sum(one.effort * often for one, often in zip(acts, times, strict=True))
        for times in product(*((0, *one.steps) for one in acts))
        if graded(times) < now
    ]
    return min(efforts, default=None)


@pytest.mark.parametrize("code", ["gd-r1", "hz-r1"])
@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 10**9), chosen=st.sets(st.sampled_from(range(len(ACTS))), min_size=1, max_size=4))
def test_no_cheaper_combination_betters_the_grade(code: str, seed: int, chosen: set[int]) -> None:
    subjects, facts = generated(seed, producers=3, events=240)
    kept = reference.counting(facts, subjects)
    world = World(subjects, facts, YEAR)
    acts = [ACTS[number] for number in sorted(chosen)]
    for at, key in enumerate(world.keys):
        found = search(code, world, at, acts)
        path = None if int(found.now.vetoes[0]) else found.cheapest()
        if int(found.now.vetoes[0]):
            assert found.cheapest() is None
            continue
        subject = subjects[key]
        wanted = least(code, subject, kept.get(key, []), acts)
        assert (path.effort if path else None) == wanted


@pytest.mark.parametrize("code", ["gd-r1", "hz-r1"])
@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**9))
def test_the_promise_comes_true(code: str, seed: int) -> None:
    """With the facts really in the ledger the engine gives the grade and score that were promised."""
    subjects, facts = generated(seed, producers=4, events=300)
    world = World(subjects, facts, YEAR)
    for at, key in enumerate(world.keys):
        path = search(code, world, at, ACTS).cheapest()
        if path is None:
            continue
        often = {step.act.code: step.times for step in path.steps}
        times = tuple(often.get(one.code, 0) for one in ACTS)
        after = World(subjects, done(subjects[key], facts, ACTS, times), YEAR).score(SCHEMES[code])
        assert (int(after.score[at]), int(after.grade[at])) == (path.score, path.grade)
        assert (
            after.grade[at] < search(code, world, at, ACTS).grade or search(code, world, at, ACTS).grade < 0
        )


def test_a_gate_is_met_on_the_way() -> None:
    """90 points without a record of the year are no AAAA: the way up asks for the record too."""
    subject, facts = farm(*SOLID)
    found = search("gd-r1", World({"P1": subject}, facts, YEAR), 0, ACTS)
    path = found.cheapest()
    assert path is not None
    assert path.grade == found.grade - 1
    assert path.effort == least("gd-r1", subject, facts, ACTS)


def test_a_veto_is_not_outweighed() -> None:
    subject, facts = farm(*SOLID, ("banned.found", "none"))
    assert search("gd-r1", World({"P1": subject}, facts, YEAR), 0, ACTS).cheapest() is None


def test_the_best_can_do_no_better() -> None:
    everything = [act("all", 1, (1,), ("pledge.signed", "none", None))]
    subject, facts = farm(("pledge.signed", "none"))
    found = search("gd-r1", World({"P1": subject}, facts, YEAR), 0, everything)
    assert found.cheapest() is None
    assert found.gains() == []


def test_gains_are_what_an_act_adds() -> None:
    subject, facts = farm(*SOLID)
    world = World({"P1": subject}, facts, YEAR)
    now = int(world.score(SCHEMES["gd-r1"]).score[0])
    for gain in search("gd-r1", world, 0, ACTS).gains():
        times = tuple(gain.step.times if one is gain.step.act else 0 for one in ACTS)
        after = World({"P1": subject}, done(subject, facts, ACTS, times), YEAR).score(SCHEMES["gd-r1"])
        assert int(after.score[0]) - now == gain.gain > 0


@pytest.mark.parametrize("code", ["gd-r1", "hz-r1"])
@settings(deadline=None, max_examples=60)
@example(seed=312304764, last=10000, weight=60)  # two losses and two gains: all four fit
@given(seed=st.integers(0, 10**9), last=st.none() | st.integers(0, 10000), weight=st.sampled_from([100, 60]))
def test_reasons_sum_to_the_loss(code: str, seed: int, last: int | None, weight: int) -> None:
    subjects, facts = generated(seed, producers=6, events=250)
    scheme = replace(SCHEMES[code], year_weight=weight)
    if last is not None:
        subjects = {key: replace(one, last_score=Fraction(last, 100)) for key, one in subjects.items()}
    world = World(subjects, facts, YEAR)
    for at, number in enumerate(world.roll.producer.tolist()):
        explained = explain(scheme, world.lines.get(number, []), world.roll.part(at, at + 1), YEAR)
        told = reasons(scheme, explained)
        assert len(told) <= MOST
        assert sum(part.points for part in told) == 10000 - explained.score
        assert sum(part.points for part in parts(scheme, explained)) == 10000 - explained.score
        if any(part.merged for part in told):  # not everything fitted: gains are among the others
            assert all(part.points > 0 for part in told[:-1])
        for part in told:
            if part.merged:
                assert sum(one.points for one in part.merged) == part.points


def test_a_gain_is_no_reason_for_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two losses and three gains are five parts for four places: the gains share one of them."""
    points = {Because.criterion: 300, Because.deduction: 200, Because.bonus: -50, Because.limit: -20}
    found = [Part(because, amount) for because, amount in points.items()] + [Part(Because.last_year, -30)]
    monkeypatch.setattr(losses, "parts", lambda scheme, explained: found)
    told = reasons(SCHEMES["gd-r1"], None)  # type: ignore[arg-type]  # the parts are given above
    assert [part.points for part in told] == [300, 200, -100]
    assert {part.because for part in told[-1].merged} == {Because.bonus, Because.limit, Because.last_year}
