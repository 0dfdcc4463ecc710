"""The contract's worked example (30 producers, year 2024), loaded by the services."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from archives.models import Producer
from archives.services.ledger import EventDraft, post
from tests.factories.archives import RegionFactory

FOLDER = Path(__file__).resolve().parent.parent / "data" / "examples"


def rows(name):
    """The rows of one of the example's files."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load():
    """Producers and events of the example; returns the producers by key."""
    producers = _producers()
    post(_draft(row, producers) for row in rows("events.csv"))
    return producers


def _producers():
    producers = {}
    given = rows("producers.csv")
    for row in sorted(given, key=lambda row: row["status"] == "merged"):
        producers[row["producer"]] = Producer(
            key=row["producer"],
            name=row["name"],
            kind=row["kind"],
            nature=row["nature"],
            sectors=row["sectors"].split(";"),
            region=RegionFactory(code=row["region"]),
            credit_code=row["credit_code"] or None,
            registered_on=date.fromisoformat(row["registered_on"]),
            status="active" if row["status"] == "merged" else row["status"],
        )
        producers[row["producer"]].save()
    for row in given:
        if row["merged_into"]:
            merged = producers[row["producer"]]
            merged.status, merged.merged_into = "merged", producers[row["merged_into"]]
            merged.save()
    return producers


def _draft(row, producers):
    return EventDraft(
        uid=row["uid"],
        producer_id=producers[row["producer"]].pk,
        kind=row["kind"],
        outcome=row["outcome"],
        value=int(Decimal(row["value"]) * 100) if row["value"] else None,
        occurred_on=date.fromisoformat(row["occurred_on"]),
        valid_until=date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        region=row["region"],
        source=row["source"],
        incident=row["incident"],
        note=row["note"],
        reverses=row["reverses"],
        repairs=row["repairs"],
    )
