"""The rating floor's pages in the back office: runs and their review desk, results, decisions, schemes."""

from rating.admin import decisions, ratings, runs, schemes, standings

__all__ = ["decisions", "ratings", "runs", "schemes", "standings"]
