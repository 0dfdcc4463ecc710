"""Starting a run: what is refused and that nothing is left of it; failing, retrying, cancelling."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.jobs.models import Job
from agricredit.foundation.jobs.services import running
from agricredit.foundation.jobs.testing import run_all_jobs
from rating.models import Rating, RatingRun, RunShard
from rating.services import decisions, runs, shards
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProducerFactory, RegionFactory
from tests.factories.rating import shipped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scheme():
    return shipped()


def start(**fields):
    return runs.start(**({"scheme": "gd-r1", "region": "440823", "year": 2024, "actor": None} | fields))


def refused(code, call, **arguments):
    before = RatingRun.objects.count(), Job.objects.count()
    with pytest.raises(ValidationError) as refusal:
        call(**arguments)
    assert refusal.value.code == code
    assert (RatingRun.objects.count(), Job.objects.count()) == before
    return refusal.value.messages[0]


def test_a_run_freezes_whom_it_rates_and_hands_out_shards():
    late = ProducerFactory(registered_on=date(2024, 12, 31))
    paused = ProducerFactory(status="paused")
    ProducerFactory(registered_on=date(2025, 1, 1))
    ProducerFactory(status="closed")
    ProducerFactory(region="440825")
    officer = UserFactory()
    run = start(actor=officer, shard_producers=1)
    assert (run.state, run.producers, run.started_by) == ("computing", 2, officer)
    ids = sorted([late.pk, paused.pk])
    assert list(run.shards.values_list("low", "high", "producers")) == [(i, i, 1) for i in ids]
    jobs = Job.objects.filter(kind="rating.run_shard")
    assert {(job.region_code, job.created_by) for job in jobs} == {("440823", officer)}
    line = AuditLine.objects.get(verb="run.started")
    assert (line.actor, line.facts["producers"], line.region_code) == (officer, 2, "440823")


def test_an_empty_region_is_refused():
    RegionFactory(code="440881")
    ProducerFactory(region="440881", registered_on=date(2025, 3, 1))
    assert refused("empty_region", start, region="440881") == (
        "广东省湛江市廉江市没有在2024年12月31日以前建档、可以评价的生产主体。"
    )


def test_an_unknown_region_scheme_or_seal_is_refused():
    ProducerFactory()
    assert refused("unknown_region", start, region="4499") == "没有代码为 4499 的行政区划。"
    assert "gd-r1、hz-r1" in refused("unknown_scheme", start, scheme="xx-r9")
    refused("unknown_seal", start, seal=987654321)


@pytest.mark.parametrize("year", [1999, 9999])
def test_an_impossible_year_is_refused(year):
    refused("year", start, year=year)


def test_a_year_that_is_not_over_is_refused(monkeypatch):
    ProducerFactory()
    monkeypatch.setattr(runs, "today", lambda: date(2024, 12, 31))
    assert refused("year_not_over", start) == "2024年度尚未结束，2025年1月1日起才能评价。"
    monkeypatch.setattr(runs, "today", lambda: date(2025, 1, 1))
    assert start().state == "computing"


def test_a_run_started_twice_says_which_one_there_is():
    ProducerFactory()
    first = start()
    message = refused("already_started", start)
    assert f"编号{first.pk}" in message
    assert "计算中" in message
    run_all_jobs()
    refused("already_started", start)
    with pytest.raises(runs.AlreadyStarted) as refusal:
        start()
    assert refusal.value.run == first
    assert start(year=2023).year == 2023


def test_permission_and_region():
    ProducerFactory()
    for actor in (UserFactory(role="township_supervisor"), UserFactory(region_code="440825")):
        with pytest.raises(PermissionDenied):
            start(actor=actor)
    assert not RatingRun.objects.exists()


def test_a_shard_done_is_not_computed_again():
    ProducerFactory()
    run = start()
    [job] = Job.objects.filter(kind="rating.run_shard")
    assert running.run(job.pk, inline=True)
    Job.objects.filter(pk=job.pk).update(state="queued")
    assert running.run(job.pk, inline=True)
    assert Rating.objects.filter(run=run).count() == 1
    assert RunShard.objects.get().attempts == 1


def test_the_third_error_fails_the_run_and_it_can_be_retried(monkeypatch):
    ProducerFactory()
    run = start()
    monkeypatch.setattr(shards.reading, "read", lambda *a, **k: (_ for _ in ()).throw(OSError("disk")))
    [job] = Job.objects.filter(kind="rating.run_shard")
    for _attempt in range(3):
        Job.objects.filter(pk=job.pk).update(not_before=job.created_at)
        running.run(job.pk, inline=True)
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "OSError: disk")
    monkeypatch.undo()
    runs.retry(run=run, actor=None)
    run_all_jobs()
    run.refresh_from_db()
    assert (run.state, run.error) == ("computed", "")
    assert Rating.objects.filter(run=run).count() == 1


def test_a_changed_roll_is_noticed():
    ProducerFactory()
    run = start()
    with open(default_storage.path(run.roll_path), "r+b") as file:
        file.write(b"X")
    [job] = Job.objects.filter(kind="rating.run_shard")
    running.run(job.pk, inline=True)
    job.refresh_from_db()
    assert job.state == "queued"
    assert job.error.startswith("RollChanged: ")
    assert not Rating.objects.exists()


def test_cancelling_drops_the_results_and_allows_another_start():
    ProducerFactory()
    run = start()
    run_all_jobs()
    refused("reason", runs.cancel, run=run, reason=" ", actor=None)
    run = runs.cancel(run=run, reason="数据有误", actor=UserFactory())
    assert (run.state, run.error) == ("cancelled", "数据有误")
    assert not Rating.objects.filter(run_id=run.pk).exists()
    refused("state", runs.cancel, run=run, reason="再来", actor=None)
    assert start().pk != run.pk


def test_a_cancelled_run_is_not_computed_any_more():
    ProducerFactory()
    run = start()
    runs.cancel(run=run, reason="发错了", actor=None)
    run_all_jobs()
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_a_run_with_a_notice_given_is_not_cancelled():
    ProducerFactory()
    run = start()
    run_all_jobs()
    RatingRun.objects.filter(pk=run.pk).update(state="in_review")
    rating = Rating.objects.get()
    decisions.Decision.objects.create(
        run=run,
        producer=rating.producer,
        rating_version=1,
        ground="lowest",
        grade="C",
        reasons="x",
        basis="x",
        noticed_by=UserFactory(),
        noticed_on=date(2025, 3, 3),
        statement_until=date(2025, 3, 10),
    )
    run.refresh_from_db()
    with pytest.raises(ValidationError) as refusal:
        runs.cancel(run=run, reason="x", actor=None)
    assert refusal.value.code == "decisions"
    run.refresh_from_db()
    assert run.state == "in_review"


def test_the_command_prints_only_the_runs_id(capsys):
    ProducerFactory()
    call_command("rate", "--year", "2024", "--scheme", "gd-r1", "--region", "440823")
    assert capsys.readouterr().out == f"{RatingRun.objects.get().pk}\n"
    with pytest.raises(CommandError, match="已经发起"):
        call_command("rate", "--year", "2024", "--scheme", "gd-r1", "--region", "440823")
