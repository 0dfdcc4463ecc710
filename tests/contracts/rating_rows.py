"""Rows of the rating in a place of the world: results, procedures, lists, what-ifs."""

from __future__ import annotations

import datetime

from django.core.files.base import ContentFile

from agricredit.foundation.common import clock
from archives.models import (
    CreditEvent,
    Producer,
)
from rating.models import (
    Attachment,
    ConsequenceRow,
    ConsequenceTable,
    CreditCheckLog,
    Decision,
    DishonestyListing,
    Hearing,
    Interview,
    Objection,
    RatingRun,
    Repair,
    ScopeRule,
    ServiceReceipt,
    Simulation,
    Standing,
    WatchEntry,
)
from tests.contracts.places import DAY, Place
from tests.factories.rating import make_rating


def rated(place: Place, producer: Producer, run: RatingRun) -> None:
    place.keep(make_rating(run=run, producer=producer, status="pending", grade="C"))
    place.keep(
        Standing.objects.create(
            producer=producer,
            status="rated",
            official_grade="AA",
            official_score=8000,
            official_year=2025,
            official_run=run,
            official_version=1,
            since=datetime.date(2026, 3, 1),
        )
    )
    place.keep(
        Decision.objects.create(
            run=run,
            producer=producer,
            rating_version=1,
            ground="lowest",
            grade="C",
            reasons=producer.name,
            basis="依据",
            noticed_by=place.officer,
            noticed_on=DAY,
            notice_served_on=DAY,
            statement_until=DAY,
        )
    )
    _procedure(place, producer)
    _listed(place, producer)
    said = {"applied_by": place.officer, "applied_on": DAY, "accept_by": DAY}
    event = place.rows[CreditEvent][-1]
    place.keep(
        Repair.objects.create(
            producer=producer, event=event, tier="general", correction=producer.name, pledge="诺", **said
        )
    )
    place.keep(
        Objection.objects.create(
            producer=producer,
            run=run,
            rating_version=1,
            reasons=producer.name,
            filed_by=place.officer,
            filed_on=DAY,
            decide_by=DAY,
        )
    )
    if ScopeRule not in place.rows:
        place.keep(
            ScopeRule.objects.create(
                region_code=place.code,
                first_year=2025,
                kinds=["enterprise"],
                basis=f"XPLACE{place.code}X",
                set_on=DAY,
            )
        )


def _listed(place: Place, producer: Producer) -> None:
    """Lists, and the log of who asked."""
    mark, by = producer.name, place.officer
    place.keep(
        DishonestyListing.objects.create(
            producer=producer,
            list_name=mark,
            authority="市场监管局",
            basis="依据",
            document_number="1号",
            source="信用中国",
            listed_on=DAY,
            entered_by=by,
            entered_at=clock.now(),
        )
    )
    place.keep(
        WatchEntry.objects.create(
            producer=producer, reason=mark, basis="依据", proposed_by=by, proposed_on=DAY, review_by=DAY
        )
    )
    place.keep(
        CreditCheckLog.objects.create(
            producer=producer,
            asked_by=by,
            asked_at=clock.now(),
            purpose="subsidy",
            matter=mark,
            keep_until=DAY,
        )
    )
    table, made = ConsequenceTable.objects.get_or_create(
        version=1, defaults={"drafted_by": by, "drafted_on": DAY, "state": "in_force"}
    )
    if made:
        ConsequenceRow.objects.create(
            table=table, code="one", when="lowest", purposes=["subsidy"], consequence="核实"
        )


def _procedure(place: Place, producer: Producer) -> None:
    """The papers around a decision."""
    decision, mark = place.rows[Decision][-1], producer.name
    place.keep(
        ServiceReceipt.objects.create(
            decision=decision,
            document="notice",
            method="direct",
            served_on=DAY,
            recipient=mark,
            recorded_at=clock.now(),
        )
    )
    place.keep(
        Hearing.objects.create(decision=decision, request=mark, requested_by=place.officer, requested_on=DAY)
    )
    place.keep(
        Interview.objects.create(
            producer=producer,
            reason=mark,
            basis="依据",
            called_by=place.officer,
            called_on=DAY,
            scheduled_on=DAY,
            place="局",
        )
    )
    place.keep(
        Attachment.objects.create(
            producer=producer,
            decision=decision,
            purpose="statement",
            file=ContentFile(b"%PDF-1.4", name="paper.pdf"),
            name=f"{mark}.pdf",
            kind="pdf",
            size=8,
            sha256="0" * 64,
            uploaded_by=place.officer,
            uploaded_at=clock.now(),
        )
    )


def simulated(run: RatingRun, code: str, mark: str) -> Simulation:
    return Simulation.objects.create(
        run=run,
        region_code=code,
        title=mark,
        scheme_code="gd-r1",
        scheme_version="1",
        sha256="0" * 64,
        document={},
        asked_at=clock.now(),
    )
