"""Planted nudging, leniency and familiarity are found; clean data stays quiet; small teams are left alone."""

import numpy as np
import pytest

from supervision.watching import ALARM
from supervision.watching.bunching import at_line
from supervision.watching.chances import number_of, upper_tail
from supervision.watching.officers import FAMILIAR, Visits, drift, effects, meetings, pairs

CUTS = (9000, 8000, 7000, 6000, 4000)
#: As many tests as a report of ten counties makes.
TESTS = 100
SEEDS = 200


def scores(seed, number, nudged=0.0):
    """A county's scores; of those within five points below each line a part is lifted just over it."""
    dice = np.random.default_rng(seed)
    found = np.round(10000 * dice.beta(6, 2, number)).astype(np.int64)
    for cut in CUTS:
        below = np.flatnonzero((found >= cut - 500) & (found < cut))
        lifted = below[dice.random(len(below)) < nudged]
        found[lifted] = cut + dice.integers(0, 60, len(lifted))
    return found


def visits(seed, officers=12, each=150, producers=900, lenient=(), drifting=1.0):
    """A county's inspections by two officers each; faults are likelier where the earlier score was low."""
    dice = np.random.default_rng(seed)
    number = officers * each // 2
    one = dice.integers(0, officers, number)
    two = (one + dice.integers(1, officers, number)) % officers
    producer = dice.integers(0, producers, number)
    familiar = dice.random(number) < 0.5  # half the visits are to the first officer's usual producers
    producer[familiar] = one[familiar] * 20 + dice.integers(0, 15, int(familiar.sum()))
    cell = producer % 4
    chance = np.array([0.45, 0.35, 0.25, 0.15])[cell]
    for officer in lenient:
        chance = np.where((one == officer) | (two == officer), chance * 0.4, chance)
    both = [(n, o) for n in range(number) for o in (int(one[n]), int(two[n]))]
    rows = Visits(
        np.array([n for n, _ in both]),
        np.array([o for _, o in both]),
        producer[[n for n, _ in both]],
        cell[[n for n, _ in both]],
        np.zeros(len(both), np.int64),
    )
    met = meetings(rows).reshape(-1, 2).max(axis=1)
    found = dice.random(number) < np.where(met >= FAMILIAR, chance * drifting, chance)
    return Visits(
        rows.inspection, rows.officer, rows.producer, rows.cell, np.repeat(found, 2).astype(np.int64)
    )


def alarmed(chance):
    return chance < ALARM / TESTS


def test_chances_are_those_of_the_books():
    assert upper_tail(1.959964) == pytest.approx(0.025, abs=1e-6)
    assert number_of(np.full(4, 0.5)) == pytest.approx(np.array([1, 4, 6, 4, 1]) / 16)


def test_five_percent_nudged_over_a_line_is_found():
    """In ten cities of 60,000 producers 5 % of those within five points below each line are lifted."""
    for seed in range(10):
        found = [at_line(scores(seed, 60_000, 0.05), cut) for cut in (9000, 8000)]
        assert all(line is not None and alarmed(line.chance) for line in found), seed
        assert all(line.excess > 0 for line in found)


@pytest.mark.parametrize("number", [2_000, 20_000, 200_000])
def test_clean_scores_stay_quiet(number):
    """At most one report in a hundred; each report looks at five lines of twenty groups."""
    reports = 0
    for seed in range(SEEDS if number < 200_000 else 40):
        found = [at_line(scores(seed, number), cut) for cut in CUTS]
        reports += any(alarmed(line.chance) for line in found if line is not None)
    assert reports <= SEEDS * 0.01


def test_few_producers_say_nothing():
    assert at_line(scores(1, 150), 8000) is None
    assert at_line(np.array([8000, 8001]), 8000) is None


def test_a_lenient_officer_is_found_and_only_that_one():
    """Who finds two in five of the faults that colleagues find, in 300 inspections: 19 times in 20."""
    times = 0
    for seed in range(20):
        rows = visits(seed, each=300, lenient=(3,))
        named = [one for one in effects(rows) if alarmed(one.chance)]
        assert {one.officer for one in named} <= {3}, seed
        assert all(one.found < one.expected for one in named)
        times += bool(named)
    assert times >= 19


def test_going_to_bad_producers_is_no_severity():
    """An officer sent only to producers of low standing finds more, as was to be expected."""
    rows = visits(5, officers=12, each=300)
    low = (rows.officer == 2) & (rows.cell > 0)
    kept = ~np.isin(rows.inspection, rows.inspection[low])
    rows = Visits(*(getattr(rows, name)[kept] for name in Visits.__dataclass_fields__))
    [one] = [one for one in effects(rows) if one.officer == 2]
    assert one.found / one.inspections > rows.found.mean() + 0.05
    assert not alarmed(one.chance)


def test_familiarity_that_finds_less_is_found():
    for seed in range(10):
        found = drift(visits(seed, officers=20, each=400, drifting=0.5))
        assert found is not None
        assert alarmed(found.chance), seed
        assert found.found < found.expected


def test_clean_inspections_stay_quiet():
    reports = 0
    for seed in range(SEEDS):
        rows = visits(seed)
        chances = [one.chance for one in effects(rows)]
        found = drift(rows)
        chances += [found.chance] if found is not None else []
        reports += any(alarmed(chance) for chance in chances)
    assert reports <= SEEDS * 0.01


def test_small_teams_stay_silent():
    assert effects(visits(1, officers=4, each=300, lenient=(1,))) == []
    assert drift(visits(1, officers=4, each=300, drifting=0.2)) is None
    assert effects(visits(1, officers=12, each=20)) == []
    assert drift(visits(1, officers=12, each=6)) is None


def test_meetings_are_counted_for_each_pair():
    rows = Visits(
        *(np.array(column) for column in ([1, 2, 3, 4], [7, 7, 8, 7], [5, 5, 5, 6], [0] * 4, [0, 1, 0, 0]))
    )
    assert meetings(rows).tolist() == [1, 2, 1, 1]
    assert pairs(rows, 5) == []
    again = Visits(
        *(np.concatenate((getattr(rows, name), getattr(rows, name))) for name in Visits.__dataclass_fields__)
    )
    [pair] = pairs(again, 5)
    assert (pair.officer, pair.producer, pair.visits, pair.found) == (7, 5, 4, 2)
