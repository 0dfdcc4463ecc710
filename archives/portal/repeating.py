"""再记一次: the answers that would make a record like one that is there, and the page on which to begin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from archives.portal import input_questions as of_inputs
from archives.portal.questions import OTHER

BEGINS_AT = {"harvest": "amount", "sale": "amount", "packing": "amount", "immunisation": "amount",
             "harmless": "amount", "batch": "begun", "packaging": "returned"}  # fmt: skip
_CARRIED = (
    "kind", "name", "registration_number", "supplier", "manufacturer", "unit", "method",
    "target", "pest", "severity", "treatment", "laboratory", "buyer", "variety", "origin", "disease",
    "vaccine", "cause", "handler", "work", "agent", "collection_point",
)  # fmt: skip


def again(noun: str, row: Any) -> str:
    """The query string that asks for a record like this one, beginning at what changes."""
    return "?" + urlencode({**answers_like(noun, row), "at": changing(noun)})


def changing(noun: str) -> str:
    """The page on which what changes from one record to the next is asked."""
    return BEGINS_AT.get(noun, "when")


def answers_like(noun: str, row: Any) -> dict[str, str]:
    """The answers that would make a record like this one, without its day."""
    answers = {
        name: str(getattr(row, name)) for name in _CARRIED if getattr(row, name, None) not in (None, "")
    }
    if hasattr(row, "product_id"):
        answers["product"] = str(row.product_id)
    if hasattr(row, "plot_id"):
        answers["plot"] = str(row.plot_id or "none")
    if noun == "use":
        answers |= {name: str(days) for name, days in of_inputs.days_said(row).items()}
        answers["what"] = str(row.purchase.uid) if row.purchase_id else OTHER
    if getattr(row, "production_id", None) is not None:
        answers["production"] = str(row.production.uid)
    if noun in ("purchase", "use"):
        answers["quantity"] = f"{row.quantity.normalize():f}"
    return answers
