"""The engine agrees with the slow reference on generated ledgers, whatever the order and the blocks."""

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.engine.columns import Results, Window
from rating.engine.lines import gather
from rating.engine.score import score_blocks
from tests.rating import reference
from tests.rating.engine.worlds import World, decimals, rows, shipped
from tests.rating.ledgers import generated

seeds = st.integers(0, 10**9)
SCHEMES = {code: shipped(code) for code in ("gd-r1", "hz-r1")}


def places(number: Fraction, count: int) -> str:
    return decimals(int(reference.half_up(number, count) * 10**count), count)


def expected(code: str, world: World, subjects: dict, facts: list, days: reference.Window, weight: Fraction):
    kept = reference.counting(facts, subjects)
    for key in world.keys:
        result = reference.rate(code, subjects[key], kept.get(key, []), days, weight)
        row = {
            "producer": key,
            "year": str(days.end.year),
            "scheme": code,
            "score": places(result.score, 2),
            "grade": result.grade,
            "status": result.status,
            "base": places(result.base, 2),
            "bonus": places(result.bonus, 2),
            "deductions": places(result.deductions, 2),
            "vetoes": ";".join(result.vetoes),
        }
        for column in SCHEMES[code].columns:
            if column.listed:
                points, reading = result.points[column.code], result.readings[column.code]
                row[column.code] = "" if points is None else places(points, 2)
                row[f"{column.code}.reading"] = "" if reading is None else places(reading, 6)
        yield row


@pytest.mark.parametrize("code", ["gd-r1", "hz-r1"])
@settings(deadline=None, max_examples=40)
@given(seed=seeds)
def test_a_year_is_rated_as_the_reference_rates_it(code: str, seed: int) -> None:
    subjects, facts = generated(seed, producers=5, events=400)
    world = World(subjects, facts, Window.year(2024))
    found = rows(SCHEMES[code], world.score(SCHEMES[code]), world.keys, 2024)
    assert found == list(expected(code, world, subjects, facts, reference.Window.of_year(2024), Fraction(1)))


@pytest.mark.parametrize("code", ["gd-r1", "hz-r1"])
@settings(deadline=None, max_examples=15)
@given(seed=seeds, day=st.dates(date(2024, 1, 1), date(2025, 6, 30)))
def test_a_live_score_of_any_day_is_the_reference_s(code: str, seed: int, day: date) -> None:
    subjects, facts = generated(seed, producers=4, events=300)
    world = World(subjects, facts, Window.rolling(day))
    found = rows(SCHEMES[code], world.score(SCHEMES[code]), world.keys, day.year)
    assert found == list(expected(code, world, subjects, facts, reference.Window.live(day), Fraction(1)))


@settings(deadline=None, max_examples=15)
@given(seed=seeds, weight=st.integers(1, 100), last=st.integers(0, 10000))
def test_last_year_weighs_only_where_there_was_one(seed: int, weight: int, last: int) -> None:
    subjects, facts = generated(seed, producers=4, events=300)
    subjects = {
        key: replace(subject, last_score=Fraction(last, 100) if number % 2 else None)
        for number, (key, subject) in enumerate(sorted(subjects.items()))
    }
    scheme = replace(SCHEMES["gd-r1"], year_weight=weight)
    world = World(subjects, facts, Window.year(2024))
    found = rows(scheme, world.score(scheme), world.keys, 2024)
    days = reference.Window.of_year(2024)
    assert found == list(expected("gd-r1", world, subjects, facts, days, Fraction(weight, 100)))


def same(one: Results, other: Results) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in Results.__dataclass_fields__
    )


@pytest.mark.parametrize("code", ["gd-r1", "hz-r1"])
@settings(deadline=None, max_examples=15)
@given(seed=seeds, block=st.integers(1, 7))
def test_neither_the_order_of_rows_nor_blocks_nor_shards_matter(code: str, seed: int, block: int) -> None:
    subjects, facts = generated(seed, producers=6, events=300)
    world = World(subjects, facts, Window.year(2024))
    whole = world.score(SCHEMES[code])
    dice = random.Random(seed)
    for own in world.lines.values():
        dice.shuffle(own)
    assert same(world.score(SCHEMES[code]), whole)
    events, tie_break = gather(SCHEMES[code], world.lines, world.roll, world.window)
    parts = list(score_blocks(SCHEMES[code], events, world.roll, world.window, tie_break, block))
    for name in Results.__dataclass_fields__:
        assert np.array_equal(np.concatenate([getattr(part, name) for part in parts]), getattr(whole, name))
    for at in range(len(world.roll)):
        roll = world.roll.part(at, at + 1)
        events, tie_break = gather(SCHEMES[code], world.lines, roll, world.window)
        [alone] = score_blocks(SCHEMES[code], events, roll, world.window, tie_break)
        assert np.array_equal(alone.points[0], whole.points[at])
        assert (alone.score[0], alone.grade[0]) == (whole.score[at], whole.grade[at])
