"""Objections: in time, marked everywhere at once, decided by another person; upheld it rights the result."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.templatetags.formats import full_date
from agricredit.foundation.jobs.models import Job
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import CreditEvent
from archives.services import ledger
from rating.models import Decision, Objection, Rating, RatingRun, Standing
from rating.services import objections, reissue, runs, standings
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory, ProducerFactory
from tests.factories.certificates import issued
from tests.factories.ledger import draft
from tests.factories.rating import make_rating, make_run, shipped
from tests.rating import examples
from tests.rating.refusals import refused

pytestmark = pytest.mark.django_db
EFFECT, LAST = date(2026, 3, 2), date(2026, 3, 30)
SAID = "样品不是我们的。"


class Calendar:
    day = date(2026, 3, 16)


@pytest.fixture(autouse=True)
def calendar(monkeypatch):
    today = Calendar()
    for module in ("services.objections", "services.reissue", "services.remedies", "portal.objecting"):
        monkeypatch.setattr(f"rating.{module}.today", lambda: today.day)
    return today


@pytest.fixture
def publisher():
    return UserFactory()


@pytest.fixture
def rating(publisher):
    run = make_run(state="effective", year=2025, effective_on=EFFECT, noticed_by=publisher)
    row = make_rating(run=run)
    standings.apply_run(run)
    return row


@pytest.fixture
def owner(rating):
    return MembershipFactory(producer=rating.producer).user


def file(rating, owner):
    return objections.file(rating=rating, reasons=SAID, actor=owner)


def test_it_is_marked_at_once_and_due_in_five_working_days(rating, owner):
    objection = file(rating, owner)
    assert (objection.state, objection.filed_on, objection.decide_by) == (
        "open",
        date(2026, 3, 16),
        date(2026, 3, 23),
    )
    assert Standing.objects.get().objected
    assert list(Objection.objects.due()) == [objection]
    assert AuditLine.objects.get(verb="objection.filed").facts["until"] == "2026-03-23"


def test_within_the_public_notice_and_no_later(rating, owner, calendar):
    RatingRun.objects.update(state="public_notice", notice_until=date(2026, 3, 16), effective_on=None)
    rating = Rating.objects.get()
    calendar.day = date(2026, 3, 17)
    assert "2026年3月16日" in refused("too_late", file, rating, owner)
    assert not Objection.objects.exists()
    calendar.day = date(2026, 3, 16)
    assert file(rating, owner).state == "open"


def test_against_the_published_result_for_twenty_working_days(rating, owner, calendar):
    calendar.day = date(2026, 3, 31)
    assert full_date(LAST) in refused("too_late", file, rating, owner)
    calendar.day = LAST
    file(rating, owner)


def test_one_objection_a_result(rating, owner):
    file(rating, owner)
    refused("already_filed", file, rating, owner)
    assert Objection.objects.count() == 1


@pytest.mark.parametrize("state", ["computed", "in_review", "superseded", "cancelled"])
def test_no_objection_to_what_is_not_out(rating, owner, state):
    RatingRun.objects.update(state=state)
    refused("state", file, Rating.objects.get(), owner)


def test_no_objection_to_an_old_version_or_an_undecided_result(rating, owner):
    newer = make_rating(run=rating.run, producer=rating.producer, version=2)
    refused("state", file, rating, owner)
    make_rating(run=rating.run, producer=rating.producer, version=3, status="pending", grade="C", vetoes=1)
    refused("state", file, newer, owner)
    assert not Objection.objects.exists()


def test_only_the_owner_objects_and_gives_reasons(rating, owner):
    refused("reasons", objections.file, rating=rating, reasons=" ", actor=owner)
    helper = MembershipFactory(user=UserFactory(role="helper"), producer=rating.producer, role="helper").user
    for actor in (helper, MembershipFactory().user, UserFactory()):
        with pytest.raises(PermissionDenied):
            file(rating, actor)
    assert not Standing.objects.get().objected


def test_extended_once_to_twenty_working_days_from_the_filing(rating, owner):
    objection = file(rating, owner)
    refused("reason", objections.extend, objection=objection, reason="", actor=UserFactory())
    objection = objections.extend(objection=objection, reason="须到现场核实。", actor=UserFactory())
    assert objection.decide_by == date(2026, 4, 14)
    refused("extended", objections.extend, objection=objection, reason="再延", actor=UserFactory())


def test_who_filed_published_or_decided_first_does_not_decide(rating, owner, publisher):
    proposer, confirmer = UserFactory(), UserFactory()
    day = date(2026, 2, 1)
    Decision.objects.create(
        run=rating.run,
        producer=rating.producer,
        rating_version=1,
        ground="lowest",
        grade="C",
        reasons="理由",
        basis="依据",
        state="confirmed",
        noticed_by=proposer,
        noticed_on=day,
        notice_served_on=day,
        statement_until=day,
        decided_by=confirmer,
        decided_on=date(2026, 2, 2),
    )
    objection = file(rating, owner)
    for actor in (publisher, proposer, confirmer):
        refused("same_person", objections.reject, objection=objection, reason="不", actor=actor)
        refused("same_person", objections.uphold, objection=objection, reason="是", actor=actor)
    assert Objection.objects.get().state == "open"
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Objection.objects.update(state="rejected", decided_by=owner)


def test_rejected_needs_reasons_and_takes_the_mark_away(rating, owner):
    objection = file(rating, owner)
    refused("reason", objections.reject, objection=objection, reason=" ", actor=UserFactory())
    assert Standing.objects.get().objected
    objection = objections.reject(objection=objection, reason="抽样单有签字。", actor=UserFactory())
    assert (objection.state, objection.outcome_reason) == ("rejected", "抽样单有签字。")
    assert not Standing.objects.get().objected
    assert not Job.objects.filter(kind=reissue.JOB).exists()
    refused("already_filed", file, rating, owner)


def test_of_two_decisions_at_once_one_holds(rating, owner):
    objection = file(rating, owner)
    stale = Objection.objects.get()
    objections.reject(objection=objection, reason="不成立。", actor=UserFactory())
    refused("already_decided", objections.uphold, objection=stale, reason="成立。", actor=UserFactory())
    assert Objection.objects.get().state == "rejected"
    assert not Job.objects.filter(kind=reissue.JOB).exists()


def test_only_officers_of_the_place_decide(rating, owner):
    objection = file(rating, owner)
    for actor in (owner, UserFactory(role="township_supervisor"), UserFactory(region_code="440825")):
        with pytest.raises(PermissionDenied):
            objections.reject(objection=objection, reason="不", actor=actor)


def test_facts_of_others_are_not_taken_back(rating, owner):
    ledger.post([draft(uid="foreign", producer=ProducerFactory())])
    objection = file(rating, owner)
    said = refused(
        "unknown_facts",
        objections.uphold,
        objection=objection,
        reason="有误。",
        actor=UserFactory(),
        uids=["foreign"],
    )
    assert "foreign" in said
    assert Objection.objects.get().state == "open"
    assert CreditEvent.objects.count() == 1


def test_upheld_the_fact_is_taken_back_and_the_result_issued_anew(calendar):
    shipped()
    examples.load()
    run = runs.start(scheme="gd-r1", region="44", year=2024, actor=None)
    run_all_jobs()
    best = Rating.objects.filter(run=run, status="rated", deductions=0).order_by("-score").first()
    runs.cancel(run=RatingRun.objects.get(pk=run.pk), reason="重来", actor=None)
    producer = best.producer
    day = date(2024, 6, 1)
    ledger.post(
        [draft(uid="wrong", producer=producer, kind="sampling.exceeded", outcome="none", occurred_on=day)]
    )
    run = runs.start(scheme="gd-r1", region="44", year=2024, actor=None)
    run_all_jobs()
    RatingRun.objects.filter(pk=run.pk).update(state="effective", effective_on=EFFECT)
    run.refresh_from_db()
    standings.apply_run(run)
    rating = Rating.objects.get(run=run, producer=producer)
    objection = file(rating, MembershipFactory(producer=producer).user)
    officer = UserFactory(role="city_officer")
    objections.uphold(objection=objection, reason="样品编号有误。", actor=officer, uids=["wrong"])
    run_all_jobs()
    new = Rating.objects.current().get(run=run, producer=producer)
    assert (new.version, new.score, new.grade, new.cause) == (
        2,
        best.score,
        best.grade,
        f"objection:{objection.pk}",
    )
    standing = Standing.objects.get(producer=producer)
    assert (standing.official_grade, standing.official_version, standing.objected) == (best.grade, 2, False)
    assert Objection.objects.get().reversed_uids == ["wrong"]
    assert CreditEvent.objects.filter(reverses__uid="wrong").count() == 1


def test_the_mark_shows_wherever_the_grade_does(client, rating, owner):
    producer = rating.producer
    certificate = issued(producer=producer)
    places = [f"/p/{producer.key}/", f"/c/{certificate.code}", f"/search/?q={producer.name}"]
    for place in places:
        assert "异议中" not in client.get(place).content.decode(), place
    api = f"/api/v1/public/producers/{producer.key}/"
    assert client.get(api).json()["objected"] is False
    file(rating, owner)
    for place in places:
        assert "异议中" in client.get(place).content.decode(), place
    assert client.get(api).json()["objected"] is True
    enter(client, owner)
    for place in ("/my/", "/my/score/", "/my/remedies/"):
        assert "异议中" in client.get(place).content.decode(), place
    enter(client, UserFactory())
    for place in ("standings/", f"runs/{rating.run_id}/ratings/"):
        [row] = client.get(f"/api/v1/rating/{place}").json()["results"]
        assert row["objected"] is True, place
    assert "异议中" in client.get(reverse("admin:rating_rating_changelist")).content.decode()


def test_a_producer_objects_on_its_own_page(client, rating, owner, calendar):
    enter(client, owner)
    assert "2026年3月30日前可以提出异议" in client.get("/my/remedies/").content.decode()
    address = "/my/remedies/objections/2025/"
    calendar.day = date(2026, 3, 31)
    assert "2026年3月30日" in client.post(address, {"reasons": SAID}).content.decode()
    calendar.day = date(2026, 3, 16)
    assert client.get(address).status_code == 200
    assert client.post(address, {"reasons": SAID}).status_code == 302
    html = client.get("/my/remedies/").content.decode()
    assert "异议中" in html
    assert "剩5个工作日" in html
    assert client.get("/my/remedies/objections/2020/").status_code == 404


def test_an_officer_sees_the_clock_and_decides_in_the_back_office(client, rating, owner, publisher):
    objection = file(rating, owner)
    enter(client, publisher)
    page = reverse("admin:rating_objection_change", args=[objection.pk])
    html = client.get(page).content.decode()
    assert "剩5个工作日（2026年3月23日前）" in html
    assert SAID in html
    act = reverse("admin:rating_objection_act", args=[objection.pk, "reject"])
    assert "不能是提出人" in client.post(act, {"reason": "不"}).content.decode()
    enter(client, UserFactory())
    uphold = reverse("admin:rating_objection_act", args=[objection.pk, "uphold"])
    said = client.post(uphold, {"reason": "有误", "uids": "no-such\n"}).content.decode()
    assert "no-such" in said
    assert "有误的不利信息" in said
    assert client.post(act, {"reason": "抽样单有签字。"}).status_code == 302
    assert Objection.objects.get().state == "rejected"
    assert client.get(reverse("admin:rating_objection_changelist")).status_code == 200


def test_the_officers_home_shows_the_nearest_clock(client, rating, owner):
    enter(client, UserFactory())
    assert "待办理的异议" not in client.get("/admin/").content.decode()
    file(rating, owner)
    html = client.get("/admin/").content.decode()
    assert "待办理的异议" in html
    assert "剩5个工作日（2026年3月23日前）" in html
    enter(client, UserFactory(region_code="440825"))
    assert "待办理的异议" not in client.get("/admin/").content.decode()
