"""A slow, obvious rating, written from ``docs/ledger-contract.md`` and from nothing else.

It reads the two schemes' tables out of that page, keeps everything as fractions, and looks at one producer
at a time. The engine must agree with it to the hundredth; it shares no code with the engine on purpose.
"""

from tests.rating.reference.contract import half_up, tables
from tests.rating.reference.events import NEGATIVE, TWO_SIDED, Fact, Subject, counting, root_of
from tests.rating.reference.files import ratings_csv
from tests.rating.reference.measures import Window
from tests.rating.reference.rating import rate

__all__ = [
    "NEGATIVE",
    "TWO_SIDED",
    "Fact",
    "Subject",
    "Window",
    "counting",
    "half_up",
    "rate",
    "ratings_csv",
    "root_of",
    "tables",
]
