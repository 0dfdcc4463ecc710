"""Results written by COPY read back as they were."""

import contextlib

import numpy as np
import pytest
from django.db import connection

from rating.engine.columns import NO_SCORE, Window, day_of
from rating.engine.lines import gather
from rating.engine.score import Status, score_blocks
from rating.services import writing
from rating.services.rolls import FrozenRoll
from tests.rating.engine.worlds import World, shipped
from tests.rating.ledgers import generated


@pytest.mark.django_db
@pytest.mark.parametrize("scheme_code", ["gd-r1", "hz-r1"])
def test_every_field_of_every_row_comes_back(scheme_code, monkeypatch):
    monkeypatch.setattr(writing, "_FLUSH", 1000)
    subjects, facts = generated(11, producers=30, events=3000)
    scheme, world = shipped(scheme_code), World(subjects, facts, Window.year(2024))
    roll = world.roll
    roll.last_score[::3] = 4321
    regions = np.array(["440825", "440823100", "440823100201"] * 10, dtype=object)[: len(roll)]
    none = np.empty(0, np.int64)
    frozen = FrozenRoll(roll, regions, none, none)
    events, tie_break = gather(scheme, world.lines, roll, world.window)
    blocks = list(score_blocks(scheme, events, roll, world.window, tie_break, 7))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE results (LIKE rating_rating INCLUDING DEFAULTS) ON COMMIT DROP")
    with writing.Writer(77, scheme, frozen, table="results") as writer:
        for block in blocks:
            writer.add(block)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(writing.COLUMNS)} FROM results ORDER BY producer_id")
        found = cursor.fetchall()
    at = 0
    for block in blocks:
        for row in range(len(block)):
            grade = int(block.grade[row])
            last = int(roll.last_score[at])
            code = scheme.grades[grade].code if grade >= 0 else ""
            assert found[at][:-2] == (
                *(77, int(roll.producer[at]), 1, int(roll.kind[at]), int(roll.nature[at]), regions[at]),
                *(day_of(int(roll.registered[at])), None if last == NO_SCORE else last),
                *(int(block.base[row]), int(block.bonus[row]), int(block.deductions[row])),
                *(
                    int(block.score[row]),
                    int(block.able[row]),
                    code,
                ),
                *(Status(int(block.status[row])).name, int(block.vetoes[row])),
            )
            assert np.frombuffer(found[at][-2], "<i4").tolist() == block.points[row].tolist()
            assert np.frombuffer(found[at][-1], "<i8").tolist() == block.readings[row].tolist()
            at += 1
    assert at == len(found) == writer.done == len(roll)


@pytest.mark.django_db
def test_an_error_on_its_way_sends_nothing_more():
    subjects, facts = generated(11, producers=5, events=200)
    scheme, world = shipped("gd-r1"), World(subjects, facts, Window.year(2024))
    none = np.empty(0, np.int64)
    frozen = FrozenRoll(world.roll, np.array(["440825"] * len(world.roll), dtype=object), none, none)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE results (LIKE rating_rating INCLUDING DEFAULTS) ON COMMIT DROP")
    with contextlib.suppress(InterruptedError), writing.Writer(1, scheme, frozen, table="results") as writer:
        writer.add(world.score(scheme))
        raise InterruptedError
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM results")
        assert cursor.fetchone() == (0,)
