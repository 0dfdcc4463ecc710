"""The rating floor's pages in the back office: runs, review desk, results, decisions, repairs, schemes."""

from rating.admin import (
    attachments,
    decisions,
    interviews,
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
    "attachments",
    "decisions",
    "interviews",
    "objections",
    "ratings",
    "repairs",
    "runs",
    "schemes",
    "scopes",
    "simulations",
    "standings",
]
