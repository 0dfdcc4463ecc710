"""The rating floor's pages in the back office: runs, review desk, results, decisions, repairs, schemes."""

from rating.admin import (
    attachments,
    consequences,
    decisions,
    interviews,
    lists,
    objections,
    ratings,
    repairs,
    reregistrations,
    runs,
    schemes,
    scopes,
    simulations,
    standings,
)

__all__ = [
    "attachments",
    "consequences",
    "decisions",
    "interviews",
    "lists",
    "objections",
    "ratings",
    "repairs",
    "reregistrations",
    "runs",
    "schemes",
    "scopes",
    "simulations",
    "standings",
]
