"""A past run verifies after late facts have arrived, and whatever was tampered with is named."""

import io
from datetime import date

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import Producer
from archives.services.ledger import post
from rating.models import Decision, Rating, RatingRun, Scheme
from rating.services import decisions, runs, schemes, serving, verifying
from tests.factories.accounts import UserFactory
from tests.factories.ledger import draft
from tests.factories.rating import served, shipped
from tests.rating import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    shipped()
    examples.load()
    return computed()


def computed(**more):
    run = runs.start(scheme="gd-r1", region="44", year=2024, actor=None, **more)
    run_all_jobs()
    run.refresh_from_db()
    return run


def tamper(run, key, **columns):
    """Change a stored row as only a superuser with the triggers off can."""
    producer = Producer.objects.get(key=key)
    sets = ", ".join(f"{name} = %s" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"UPDATE rating_rating SET {sets} WHERE run_id = %s AND producer_id = %s",
            [*columns.values(), run.pk, producer.pk],
        )
        assert cursor.rowcount == 1
        cursor.execute("SET session_replication_role = origin")


def command(*arguments):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("verify_rating", *arguments, stdout=out, stderr=err)
    except CommandError as refusal:
        return str(refusal), err.getvalue()
    return "", out.getvalue()


@pytest.mark.parametrize("step", [7, 1000])
def test_a_run_is_identical_to_what_its_basis_gives(run, step):
    verdict = verifying.verify(run, step=step)
    assert (verdict.identical, verdict.producers, verdict.later) == (True, run.producers, {})


def test_late_facts_change_no_past_run(run):
    producer = Producer.objects.get(key="P4242-000002")
    post(
        [
            draft(
                producer=producer,
                kind="banned.found",
                occurred_on=date(2024, 6, 1),
                region=producer.region_id,
            )
        ]
    )
    Producer.objects.filter(pk=producer.pk).update(kind="smallholder", registered_on=date(2024, 12, 30))
    assert verifying.verify(run).identical
    RatingRun.objects.filter(pk=run.pk).update(state="superseded")
    second = computed()
    assert Rating.objects.get(run=second, producer=producer).vetoes & 1
    refusal, said = command("--all")
    assert refusal == ""
    assert said.splitlines() == [
        f"run {number}: identical, {run.producers} producers, later versions: none"
        for number in (run.pk, second.pk)
    ]


def test_a_tampered_point_is_named_with_producer_and_criterion(run):
    rating = Rating.objects.get(run=run, producer__key="P4242-000002")
    scheme = schemes.parsed(run.scheme)
    points = np.frombuffer(bytes(rating.points), "<i4").copy()
    assert points[scheme.column_index("GD101")] == 312
    points[scheme.column_index("GD101")] = 400
    tamper(run, "P4242-000002", points=points.tobytes())
    found = verifying.verify(run).difference
    assert (found.producer, found.item, found.stored, found.recomputed) == (
        "P4242-000002",
        "GD101 得分",
        "4.00",
        "3.12",
    )
    refusal, said = command(str(run.pk))
    assert refusal == f"not identical: run {run.pk}"
    assert said == f"run {run.pk}: P4242-000002 GD101 得分：存为4.00，重算为3.12\n"


def test_a_tampered_grade_is_named(run):
    rating = Rating.objects.get(run=run, producer__key="P4242-000002")
    tamper(run, "P4242-000002", grade="AAAA" if rating.grade != "AAAA" else "C")
    found = verifying.verify(run).difference
    assert (found.producer, found.item, found.recomputed) == ("P4242-000002", "grade", rating.grade)


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_row_taken_away_is_missed(run, place):
    ordered = Rating.objects.filter(run=run).order_by("producer_id").select_related("producer")
    rating = getattr(ordered, place)()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM rating_rating WHERE id = %s", [rating.pk])
        cursor.execute("SET session_replication_role = origin")
    found = verifying.verify(run, step=7).difference
    assert (found.producer, found.stored, found.recomputed) == (rating.producer.key, "无", "有")


def test_another_roll_scheme_or_seal_is_no_basis(run):
    sound = run.roll_sha256
    run.roll_sha256 = "0" * 64
    assert verifying.verify(run).difference.item == "冻结名册"
    run.roll_sha256 = sound
    with default_storage.open(run.roll_path) as file:
        content = file.read()
    default_storage.delete(run.roll_path)
    assert verifying.verify(run).difference.item == "冻结名册"
    default_storage.save(run.roll_path, ContentFile(content))
    assert verifying.verify(run).identical
    run.scheme.document["bonus_cap"] = "5"
    assert verifying.verify(run).difference.item == "方案内容"
    run.scheme = Scheme.objects.get(pk=run.scheme_id)
    run.seal_root = "1" * 64
    assert verifying.verify(run).difference.item == "账本封存根"


def test_a_version_by_decision_is_verified_against_it(run, monkeypatch):
    RatingRun.objects.filter(pk=run.pk).update(state="in_review")
    rating = Rating.objects.filter(run=run, status="pending").select_related("run", "producer").first()
    on = {"day": date(2025, 3, 14)}
    for module in (decisions, serving):
        monkeypatch.setattr(module, "today", lambda: on["day"])
    officer = UserFactory(role="city_officer")
    decision = decisions.give_notice(rating=rating, reasons="事实", basis="依据", actor=officer)
    decision = served(decision, officer)
    on["day"] = date(2025, 3, 24)
    decision = decisions.confirm(decision=decision, reason="", actor=UserFactory(role="city_officer"))
    served(decision, officer)
    assert Decision.objects.get().state == "effective"
    run.refresh_from_db()
    verdict = verifying.verify(run)
    assert (verdict.identical, verdict.later) == (True, {"decision": 1})
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE rating_rating SET score = 9999 WHERE run_id = %s AND version = 2", [run.pk])
        cursor.execute("SET session_replication_role = origin")
    found = verifying.verify(run).difference
    assert (found.producer, found.item, found.stored, found.recomputed) == (
        rating.producer.key,
        "第2版 score",
        "9999",
        str(rating.score),
    )


def test_a_run_without_results_is_refused(run):
    RatingRun.objects.filter(pk=run.pk).update(state="cancelled")
    assert (
        command(str(run.pk))[0] == f"run {run.pk}: 2024年度 广东省 gd-r1评价为“已取消”，没有可以核验的结果。"
    )
    assert command("999999")[0] == "there is no run 999999"
    assert command("--all") == ("", "")
