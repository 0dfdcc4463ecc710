"""The rating floor's pages in the back office: runs, review desk, results, decisions, repairs, schemes."""

from rating.admin import (
    decisions,
    objections,
    ratings,
    repairs,
    runs,
    schemes,
    scopes,
    simulations,
    standings,
)

__all__ = [
    "decisions",
    "objections",
    "ratings",
    "repairs",
    "runs",
    "schemes",
    "scopes",
    "simulations",
    "standings",
]
