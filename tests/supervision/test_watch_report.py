"""The report about ourselves: asked by those above, computed by a worker, hidden from the watched."""

import datetime
import uuid

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.jobs.testing import run_all_jobs
from supervision.models import Inspection, WatchReport
from supervision.services import watch
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.rating import make_run

pytestmark = pytest.mark.django_db


def rated_city(scores, year=2025):
    producers = [ProducerFactory(region="440823") for _ in scores]
    results = [{"producer": one, "score": int(score)} for one, score in zip(producers, scores, strict=True)]
    return make_run(state="effective", region="4408", year=year, results=results), producers


def inspected(producer, pair, number, result="pass"):
    return Inspection(
        uid=uuid.uuid4(),
        producer=producer,
        inspected_on=datetime.date(2025, 1, 1) + datetime.timedelta(days=number % 360),
        officer=pair[0],
        second_officer=pair[1],
        officer_certificate="1",
        second_certificate="2",
        authority="农业农村局",
        notice_number="1",
        result=result,
        finding="" if result == "pass" else "台账不全",
        signature="signed",
        entered_at=datetime.datetime(2025, 12, 31, tzinfo=datetime.UTC),
    )


@pytest.fixture
def lenient():
    """Eight officers, one of whom finds nothing at all."""
    _run, producers = rated_city(np.full(60, 8500))
    officers = [UserFactory(role="county_officer", region_code="440823") for _ in range(8)]
    dice = np.random.default_rng(4)
    rows = []
    for number in range(800):
        one = number % 8
        two = (one + int(dice.integers(1, 8))) % 8
        found = 0 not in (one, two) and dice.random() < 0.4
        producer = producers[int(dice.integers(0, 60))]
        rows.append(
            inspected(producer, (officers[one], officers[two]), number, "finding" if found else "pass")
        )
    Inspection.objects.bulk_create(rows)
    return officers


def test_the_lenient_officer_is_shown_to_the_city_and_to_nobody_watched(lenient, client):
    boss = UserFactory(role="city_officer", region_code="4408")
    row = watch.ask(region_code="4408", year=2025, actor=boss)
    assert AuditLine.objects.filter(verb="watch.asked").count() == 1
    run_all_jobs()
    row.refresh_from_db()
    named = [one["officer"] for one in row.result["officers"] if one["chance"] < row.result["level"]]
    assert lenient[0].pk in named
    page = f"/admin/supervision/watchreport/{row.pk}/change/"
    html = enter(client, boss).get(page).content.decode()
    assert "偏松" in html
    assert "提示不是认定" in html
    watched = enter(client, lenient[1])
    assert watched.get("/admin/supervision/watchreport/").status_code == 403
    assert watched.get(page).status_code in (302, 403)
    assert not WatchReport.objects.visible_to(lenient[1]).exists()


def test_nobody_reads_about_himself(lenient):
    from supervision.admin.watch import told

    found = watch.report("4408", 2025)
    assert any("偏松" in sentence for sentence in told(found, UserFactory(role="city_officer"))["officers"])
    assert not any("偏松" in sentence for sentence in told(found, lenient[0])["officers"])


def test_bunching_is_found_in_the_results_of_a_run():
    dice = np.random.default_rng(2)
    scores = np.round(10000 * dice.beta(6, 2, 1500)).astype(int)
    below = np.flatnonzero((scores >= 7500) & (scores < 8000))
    scores[below[: len(below) // 2]] = 8010
    rated_city(scores)
    found = watch.report("4408", 2025)
    worst = found["lines"][0]
    assert (worst["cut"], worst["chance"] < found["level"]) == (8000, True)


def test_a_region_without_a_rating_is_refused_and_nothing_is_kept():
    boss = UserFactory(role="city_officer", region_code="4408")
    with pytest.raises(ValidationError, match="没有已生效的2025年度评价"):
        watch.ask(region_code="4408", year=2025, actor=boss)
    make_run(state="effective", region="4408", year=2025)
    with pytest.raises(PermissionDenied):
        watch.ask(region_code="3301", year=2025, actor=boss)
    with pytest.raises(PermissionDenied):
        watch.ask(
            region_code="440823", year=2025, actor=UserFactory(role="county_officer", region_code="440823")
        )
    assert not WatchReport.objects.exists()


def test_the_yearly_job_asks_once(monkeypatch):
    monkeypatch.setattr(watch, "today", lambda: datetime.date(2026, 6, 1))
    make_run(state="effective", region="4408", year=2025)
    assert (watch.ask_yearly(), watch.ask_yearly()) == (1, 0)
    run_all_jobs()
    row = WatchReport.objects.get()
    assert row.result["tests"] == 0
    assert row.answered_at is not None
