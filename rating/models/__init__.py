"""What a rating is made of: schemes, runs and their shards, ratings, standings, decisions."""

from rating.models.decision import Decision
from rating.models.rating import Rating
from rating.models.run import RatingRun, RunShard
from rating.models.scheme import RegionScheme, Scheme
from rating.models.standing import Standing

__all__ = ["Decision", "Rating", "RatingRun", "RegionScheme", "RunShard", "Scheme", "Standing"]
