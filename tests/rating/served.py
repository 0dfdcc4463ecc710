"""A rating that needs a decision, a grade in force, and a calendar that the test turns."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from agricredit.foundation.jobs.testing import run_all_jobs
from archives.services import ledger
from rating.models import (
    Decision,
    Rating,
    RatingRun,
)
from rating.services import (
    decisions,
    hearings,
    interim,
    interviews,
    overlay,
    runs,
    serving,
    standings,
)
from tests.factories.accounts import UserFactory
from tests.factories.ledger import draft
from tests.factories.rating import make_rating, make_run, shipped
from tests.rating import examples

FRIDAY, SATURDAY = date(2025, 3, 14), date(2025, 3, 22)

PDF = b"%PDF-1.4 minutes"


class Calendar:
    day = FRIDAY


@pytest.fixture(autouse=True)
def calendar(monkeypatch):
    today = Calendar()
    for module in (decisions, serving, hearings, interviews, interim, overlay):
        monkeypatch.setattr(module, "today", lambda: today.day)
    monkeypatch.setattr("rating.portal.answering.today", lambda: today.day)
    return today


@pytest.fixture
def pending():
    return make_rating(run=make_run(state="in_review"), grade="C", score=6500, status="pending", vetoes=0b1)


def notice(rating, **fields):
    values = {"reasons": "监督抽查检出禁用农药。", "basis": "方案 GD-V1", "actor": UserFactory()}
    return decisions.give_notice(rating=rating, **(values | fields))


def paper(content=PDF, name="销毁记录.pdf"):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def in_force():
    """The contract's example city, its run in effect; a rated producer with a good grade."""
    shipped()
    examples.load()
    run = runs.start(scheme="gd-r1", region="44", year=2024, actor=None)
    run_all_jobs()
    RatingRun.objects.filter(pk=run.pk).update(state="effective", effective_on=date(2025, 3, 1))
    run.refresh_from_db()
    standings.apply_run(run)
    rating = Rating.objects.filter(run=run, grade__in=["AAAA", "AAA", "AA"]).order_by("-score").first()
    ledger.post(
        [
            draft(
                uid="b1",
                producer=rating.producer,
                kind="banned.found",
                occurred_on=date(2025, 3, 5),
                outcome="none",
            )
        ]
    )
    return Rating.objects.select_related("run", "producer").get(pk=rating.pk)


def city(rating):
    return UserFactory(role="city_officer", region_code=rating.region_id[:4])


def measure(rating, ground="lowered", grade="B", **fields):
    values = {"reasons": "确认检出禁用农药", "basis": "农产品质量安全法第五十四条", "evidence": ["b1"]}
    values |= {"ground": Decision.Ground(ground), "grade": grade, "actor": None} | fields
    return interim.propose(producer=rating.producer, **values)


@pytest.fixture
def proposer(in_force):
    return city(in_force)
