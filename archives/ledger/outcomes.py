"""Outcomes as they are written (``events.csv``) and as they are stored."""

from __future__ import annotations

NONE, PASS, FAIL = 0, 1, 2
OUTCOMES: dict[str, int] = {"none": NONE, "pass": PASS, "fail": FAIL}
OUTCOME_NAMES: dict[int, str] = {number: name for name, number in OUTCOMES.items()}
