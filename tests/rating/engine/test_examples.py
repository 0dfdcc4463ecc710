"""The worked example of the contract, to the last digit."""

import csv

import pytest

from rating.engine.columns import Window
from tests.rating.engine.worlds import EXAMPLES, World, read_examples, rows, shipped


@pytest.mark.parametrize("code", ["gd-r1", "hz-r1"])
def test_both_schemes_reproduce_the_worked_example(code: str) -> None:
    world = World(*read_examples(), Window.year(2024))
    scheme = shipped(code)
    with (EXAMPLES / f"ratings-{code}.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert rows(scheme, world.score(scheme), world.keys, 2024) == expected
