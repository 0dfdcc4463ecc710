"""What a rating is made of: schemes, runs and their shards, ratings, standings, decisions, remedies."""

from rating.models.attachment import Attachment
from rating.models.consequence import (
    ConsequenceRow,
    ConsequenceTable,
    CreditCheckLog,
    Purpose,
    When,
)
from rating.models.decision import Decision
from rating.models.interview import Interview
from rating.models.listing import DishonestyListing, WatchEntry
from rating.models.objection import Objection
from rating.models.rating import Rating
from rating.models.repair import Repair, Tier
from rating.models.reregistration import Reregistration, ReregistrationState, Sign
from rating.models.run import RatingRun, RunShard
from rating.models.scheme import RegionScheme, Scheme
from rating.models.scope import HonourLevel, ScopeRule
from rating.models.service import Hearing, ServiceReceipt
from rating.models.simulation import Simulation
from rating.models.standing import Standing

__all__ = [
    "Attachment",
    "ConsequenceRow",
    "ConsequenceTable",
    "CreditCheckLog",
    "Decision",
    "DishonestyListing",
    "Hearing",
    "HonourLevel",
    "Interview",
    "Objection",
    "Purpose",
    "Rating",
    "RatingRun",
    "RegionScheme",
    "Repair",
    "Reregistration",
    "ReregistrationState",
    "RunShard",
    "Scheme",
    "ScopeRule",
    "ServiceReceipt",
    "Sign",
    "Simulation",
    "Standing",
    "Tier",
    "WatchEntry",
    "When",
]
