"""Exact arithmetic: half up, half-open bands, medians, at and beyond the edges of 64 bits."""

from fractions import Fraction
from statistics import median

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rating.engine import rules
from rating.engine.columns import BIAS, ROLL_SHIFT
from rating.engine.exact import Reading, compare, scaled
from rating.engine.needs import Needs
from rating.engine.scheme import Band, Bands, Comparison, Lose, Outcome, Per, Scale, Selection, Span
from rating.engine.tallies import CellPlan, Tallies, block_bounds, cell
from tests.rating.reference import half_up

numbers = st.integers(0, 10**18)
dens = st.integers(1, 10**12)


def column(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


@given(factor=st.sampled_from([1, 100, 800, 10000, 1_000_000]), num=st.integers(-(10**12), 10**12), den=dens)
def test_scaling_rounds_half_up(factor: int, num: int, den: int) -> None:
    exact = half_up(Fraction(factor * num, den), 0)
    assert scaled(factor, column(num), column(den))[0] == exact
    assert scaled(factor, column(num), den)[0] == exact


@given(factor=st.sampled_from([1, 10000, 1_000_000]), num=numbers, den=dens)
def test_scaling_is_exact_beyond_64_bits_and_stops_at_the_largest_number(factor, num, den) -> None:
    assert scaled(factor, column(num), column(den))[0] == min(
        half_up(Fraction(factor * num, den), 0), 2**63 - 1
    )


@given(num=numbers, den=dens, threshold=st.integers(-100, 10**6))
def test_comparisons_are_exact(num: int, den: int, threshold: int) -> None:
    reading, exact, line = Reading(column(num), column(den)), Fraction(num, den), Fraction(threshold, 100)
    assert compare(reading, Comparison.at_least, threshold)[0] == (exact >= line)
    assert compare(reading, Comparison.above, threshold)[0] == (exact > line)
    assert compare(reading, Comparison.at_most, threshold)[0] == (exact <= line)
    assert compare(reading, Comparison.below, threshold)[0] == (exact < line)


def test_bands_are_half_open() -> None:
    downwards = Bands(
        (
            Band(Comparison.at_least, 95, 800),
            Band(Comparison.at_least, 80, 600),
            Band(Comparison.above, 0, 100),
        ),
        0,
    )
    reading = Reading(column(95, 94, 80, 79, 1, 0), 100)
    assert rules.points(downwards, reading).tolist() == [800, 600, 600, 100, 100, 0]
    upwards = Bands((Band(Comparison.at_most, 0, 300), Band(Comparison.at_most, 100, 100)), 0)
    assert rules.points(upwards, Reading(column(0, 1, 2), 1)).tolist() == [300, 100, 0]


def test_the_other_rules() -> None:
    assert rules.points(Scale(400, 60), Reading(column(59, 60, 100, 250), 100)).tolist() == [0, 240, 400, 400]
    assert rules.points(Scale(200), Reading(column(-100, 1), column(100, 3))).tolist() == [0, 67]
    assert rules.points(Lose(800, 400), Reading(column(0, 1, 2, 3, 2**62), 1)).tolist() == [800, 400, 0, 0, 0]
    assert rules.points(Lose(500, 400), Reading(column(1, 2), 1)).tolist() == [100, 0]
    assert rules.points(Per(100, 300), Reading(column(0, 150, 900), 100)).tolist() == [0, 150, 300]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3), st.sampled_from([4, 5]), st.sampled_from(list(Outcome)), st.integers(-1, 50)
        ),
        max_size=60,
    )
)
def test_tallies_of_any_events_are_those_of_a_loop(events) -> None:
    """A value of −1 stands for none; producers stand at positions 0–3 in blocks of two."""
    everything = frozenset(Outcome)
    places = {(Span.year, 4): everything, (Span.year, 5): everything}
    plan = CellPlan(Needs(places, {}, {}, frozenset(places)))
    packed = np.sort(
        column(
            *(
                at << ROLL_SHIFT | cell(Span.year, kind, outcome) << 28 | (0 if value < 0 else value + BIAS)
                for at, kind, outcome, value in events
            )
        )
    )
    bounds = block_bounds(packed, 4, 2)
    selection = Selection((4, 5), ("a", "b"), None, Span.year)
    for block in range(2):
        part = packed[bounds[block] : bounds[block + 1]]
        tallies = Tallies(plan, part, np.empty(0, np.int64), block * 2, 2)
        middle, has_middle = tallies.middle_two(selection)
        most, has_most = tallies.most(selection)
        for row in range(2):
            own = [event for event in events if event[0] == block * 2 + row]
            values = [event[3] for event in own if event[3] >= 0]
            assert tallies.count(selection)[row] == len(own)
            passed = [event for event in own if event[2] is Outcome.passed]
            assert tallies.of_outcome(selection, Outcome.passed)[row] == len(passed)
            assert tallies.sum(selection)[row] == sum(values)
            assert tallies.with_value(selection)[row] == len(values)
            assert has_middle[row] == has_most[row] == bool(values)
            if values:
                assert (Fraction(int(middle[row]), 2), most[row]) == (
                    Fraction(median(map(Fraction, values))),
                    max(values),
                )
