"""A trial year is computed and reviewed and never leaves the office; the must-rate list."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from agricredit.foundation.jobs.testing import run_all_jobs
from archives.services import ledger
from archives.services.register import keeping
from rating.models import Rating, RatingRun, ScopeRule
from rating.services import decisions, explaining, must_rate, reissue, runs, steps
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory, ProducerFactory, RegionFactory
from tests.factories.ledger import draft
from tests.factories.rating import make_rating, make_run, shipped
from tests.rating.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial():
    return make_run(state="in_review", trial=True)


def test_a_trial_stands_beside_the_formal_run_and_is_reviewed():
    shipped()
    ProducerFactory()
    first = runs.start(scheme="gd-r1", region="440823", year=2024, actor=None, trial=True)
    formal = runs.start(scheme="gd-r1", region="440823", year=2024, actor=None)
    assert (first.trial, formal.trial) == (True, False)
    refused("already_started", runs.start, scheme="gd-r1", region="440823", year=2024, actor=None, trial=True)
    run_all_jobs()
    first.refresh_from_db()
    assert steps.to_review(run=first, actor=UserFactory()).state == "in_review"


def test_a_trial_is_never_noticed_nor_in_effect(trial):
    refused("trial", steps.to_notice, run=trial, actor=UserFactory())
    trial.refresh_from_db()
    assert trial.state == "in_review"
    for state in ("public_notice", "effective", "superseded"):
        with pytest.raises(IntegrityError, match="rating_run_trial_without_effect"), transaction.atomic():
            RatingRun.objects.filter(pk=trial.pk).update(state=state)


def test_nothing_is_decided_on_a_trial_and_nothing_of_it_issued_anew(trial):
    rating = make_rating(run=trial, status="pending", grade="C", vetoes=1)
    refused("trial", decisions.give_notice, rating=rating, reasons="事实", basis="依据", actor=UserFactory())
    assert reissue.reissue(producer_id=rating.producer_id, cause="repair:1") == []
    assert Rating.objects.count() == 1


def test_a_trial_is_in_no_portal_nor_api_and_marked_in_the_office(trial, client):
    rating = make_rating(run=trial)
    owner = MembershipFactory(producer=rating.producer).user
    assert not RatingRun.objects.visible_to(owner).exists()
    assert not Rating.objects.visible_to(owner).exists()
    officer = UserFactory()
    enter(client, officer)
    assert client.get("/api/v1/rating/runs/").json()["results"] == []
    assert client.get(f"/api/v1/rating/runs/{trial.pk}/").status_code == 404
    assert client.get(f"/api/v1/rating/runs/{trial.pk}/ratings/").status_code == 404
    RatingRun.objects.filter(pk=trial.pk).update(summary={"townships": {}, "grades": {}})
    page = client.get(reverse("admin:rating_ratingrun_change", args=[trial.pk])).content.decode()
    assert "本次只供内部检验方案和数据" in page
    assert "【试评价】2024年度" in page
    assert "发布公示" not in page
    page = client.get(reverse("admin:rating_ratingrun_step", args=[trial.pk, "notice"]))
    assert client.post(page.request["PATH_INFO"]).status_code == 200
    trial.refresh_from_db()
    assert trial.state == "in_review"


def test_a_formal_result_comes_before_a_trials(trial):
    rating = make_rating(run=trial)
    formal = make_rating(run=make_run(state="in_review"), producer=rating.producer)
    assert explaining.latest_rating(rating.producer, 2024).pk == formal.pk


def test_who_must_be_rated_and_could_not_is_listed_with_what_is_missing(django_assert_max_num_queries):
    run = make_run(state="in_review", region="4408")
    rated = make_rating(run=run, kind=2)
    missing = make_rating(run=run, kind=1, status="not_rated", grade="", able=5000)
    holder = make_rating(run=run, kind=7, status="not_rated", grade="", registered_on=date(2024, 12, 1))
    make_rating(run=run, kind=7, status="not_rated", grade="")
    ledger.post(
        [
            draft(
                producer=holder.producer,
                kind="honour.granted",
                outcome="none",
                value=100,
                valid_until=date(2026, 1, 1),
            )
        ]
    )
    found = must_rate.report(run, UserFactory(role="city_officer"))
    assert (found.due, found.rated, found.pending, found.not_rated) == (3, 1, 0, 2)
    assert [(one.rating.pk, one.honoured) for one in found.missing] == [
        (missing.pk, False),
        (holder.pk, True),
    ]
    assert found.missing[0].reasons[0] == "可评的分值只有50.00分，至少要60.00分"
    assert "建档不满90天" in found.missing[1].reasons
    assert rated.producer_id not in {one.rating.producer_id for one in found.missing}
    other = UserFactory(region_code="440825")
    assert must_rate.report(run, other).due == 0
    officer = UserFactory()
    with django_assert_max_num_queries(8):  # however many must be rated
        must_rate.report(run, officer)


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, 1),
        ({"kind": "leading_enterprise", "level": "national"}, 1),
        ({"level": "township"}, 0),
        ({"kind": "other"}, 0),
        ({"check": "fail"}, 0),
        ({"valid_until": date(2024, 12, 30)}, 0),
        ({"granted_on": date(2025, 1, 2)}, 0),
    ],
)
def test_the_registers_honours_make_their_holders_due(changes, due):
    """A model cooperative stands in the ledger without a level: the register knows it."""
    run = make_run(state="in_review", year=2024)
    small = make_rating(run=run, kind=7, status="not_rated", grade="")
    given = {"kind": "model_cooperative", "level": "county", "granted_on": date(2023, 5, 1), **changes}
    outcome = given.pop("check", "pass")
    row = keeping.add(noun="honour", producer=small.producer, title="示范社", issuer="县农业农村局", **given)
    if outcome == "fail":
        keeping.check(row=row, outcome=outcome, note="没有文件")
    assert must_rate.report(run, UserFactory()).due == due


def test_smallholders_come_later_by_a_rule_of_the_region():
    RegionFactory(code="440823")
    run = make_run(state="in_review", year=2024)
    small = make_rating(run=run, kind=7, status="not_rated", grade="")
    officer = UserFactory()
    assert must_rate.report(run, officer).due == 0
    values = {"region_code": "440823", "kinds": ["smallholder"], "basis": "粤农农规〔2021〕3号"}
    must_rate.set_scope(**values, first_year=2025, actor=officer)
    assert must_rate.report(run, officer).due == 0
    must_rate.set_scope(**values, first_year=2024, actor=officer)
    assert [one.rating.pk for one in must_rate.report(run, officer).missing] == [small.pk]


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("nobody", {"kinds": []}),
        ("year", {"first_year": 1990}),
        ("basis", {"basis": " "}),
        ("unknown_region", {"region_code": "4408239"}),
    ],
)
def test_a_scope_that_says_nothing_is_refused(code, wrong):
    RegionFactory(code="440823")
    values = {"region_code": "440823", "kinds": ["enterprise"], "first_year": 2024, "basis": "依据"}
    refused(code, must_rate.set_scope, **(values | wrong), actor=UserFactory())
    assert not ScopeRule.objects.exists()


def test_the_office_sets_a_scope(client):
    RegionFactory(code="440823")
    enter(client, UserFactory())
    page = client.post(
        reverse("admin:rating_scoperule_add"),
        {
            "region_code": "440823",
            "first_year": "2024",
            "kinds": ["enterprise", "smallholder"],
            "honour_level": "100",
            "basis": "依据",
        },
    )
    assert page.status_code == 302
    rule = ScopeRule.objects.get()
    assert (rule.kinds, rule.honour_level) == (["enterprise", "smallholder"], 100)
