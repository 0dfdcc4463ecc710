"""Nobody falls to the lowest grade without notice, days to answer, and a second person."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from agricredit.foundation.audit.models import AuditLine
from rating.models import Decision, Rating, RatingRun, Standing
from rating.services import decisions, serving, standings
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory, ProducerFactory
from tests.factories.rating import make_rating, make_run, served
from tests.rating.refusals import refused

pytestmark = pytest.mark.django_db
FRIDAY, NEXT_FRIDAY, SATURDAY = date(2025, 3, 14), date(2025, 3, 21), date(2025, 3, 22)


class Calendar:
    day = FRIDAY


@pytest.fixture(autouse=True)
def calendar(monkeypatch):
    today = Calendar()
    for module in (decisions, serving):
        monkeypatch.setattr(module, "today", lambda: today.day)
    return today


@pytest.fixture
def pending():
    run = make_run(state="in_review")
    return make_rating(run=run, grade="C", score=6500, status="pending", vetoes=0b1)


def notice(rating, actor=None, serve=True, **fields):
    actor = actor or UserFactory()
    values = {"reasons": "监督抽查检出禁用农药。", "basis": "方案 GD-V1", "actor": actor}
    decision = decisions.give_notice(rating=rating, **(values | fields))
    return served(decision, actor, on=fields.get("on")) if serve else decision


def test_a_notice_names_grade_reasons_and_the_days_to_answer(pending):
    officer = UserFactory()
    decision = notice(pending, officer)
    assert (decision.state, decision.ground, decision.grade) == ("noticed", "veto", "C")
    assert (decision.noticed_on, decision.statement_until) == (FRIDAY, NEXT_FRIDAY)
    assert (decision.noticed_by, decision.rating_version) == (officer, 1)
    line = AuditLine.objects.get(verb="decision.notice_served")
    assert (line.actor, line.region_code, line.facts["until"]) == (officer, "440823", "2025-03-21")


def test_confirmation_is_a_new_version_and_applies_when_the_run_is_in_effect(pending, calendar):
    run = pending.run
    before = make_run(year=2023, results=[{"producer": pending.producer}])
    RatingRun.objects.filter(pk=before.pk).update(state="effective", effective_on=date(2024, 3, 1))
    before.refresh_from_db()
    standings.apply_run(before)
    RatingRun.objects.filter(pk=run.pk).update(state="effective", effective_on=FRIDAY)
    run.refresh_from_db()
    standings.apply_run(run)
    assert Standing.objects.get().official_grade == "AAA"
    decision = notice(Rating.objects.get(pk=pending.pk))
    calendar.day = SATURDAY
    decision = decisions.confirm(decision=decision, reason="", actor=UserFactory())
    assert (decision.state, decision.decided_on) == ("confirmed", SATURDAY)
    assert decision.serve_by == date(2025, 4, 1)
    assert Standing.objects.get().official_grade == "AAA"
    decision = served(decision, UserFactory())
    assert (decision.state, decision.effective_on, decision.written_version) == ("effective", SATURDAY, 2)
    versions = Rating.objects.filter(run=run).order_by("version")
    assert list(versions.values_list("version", "status", "grade", "score", "vetoes")) == [
        (1, "pending", "C", 6500, 1),
        (2, "rated", "C", 6500, 1),
    ]
    standing = Standing.objects.get()
    assert (standing.status, standing.official_grade, standing.official_year) == ("rated", "C", 2024)
    assert (standing.since, standing.official_version) == (SATURDAY, 2)
    assert (standing.previous_grade, standing.previous_year, standing.pending_run) == ("AAA", 2023, None)


def test_confirmed_before_effect_the_grade_waits_for_the_run(pending, calendar):
    decision = notice(pending)
    calendar.day = SATURDAY
    decision = decisions.confirm(decision=decision, reason="", actor=UserFactory())
    assert Rating.objects.current().get().status == "pending"
    served(decision, UserFactory())
    assert Rating.objects.current().get().status == "rated"
    assert not Standing.objects.exists()


def test_the_same_person_cannot_propose_and_confirm(pending, calendar):
    officer = UserFactory()
    decision = notice(pending, officer)
    calendar.day = SATURDAY
    refused("same_person", decisions.confirm, decision=decision, reason="", actor=officer)
    assert Rating.objects.count() == 1
    assert Decision.objects.get().state == "noticed"


def test_the_database_too_refuses_one_person_for_both(pending):
    decision = notice(pending)
    with pytest.raises(IntegrityError, match="rating_decision_second_person"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(state="confirmed", decided_by=decision.noticed_by)


def test_not_before_the_days_are_over(pending, calendar):
    decision = notice(pending)
    calendar.day = NEXT_FRIDAY
    refused("too_early", decisions.confirm, decision=decision, reason="", actor=UserFactory())
    assert Rating.objects.count() == 1


def test_what_is_decided_stays_decided(pending, calendar):
    decision = notice(pending)
    calendar.day = SATURDAY
    decisions.confirm(decision=Decision.objects.get(), reason="", actor=UserFactory())
    refused("already_decided", decisions.confirm, decision=decision, reason="", actor=UserFactory())
    refused("already_decided", decisions.withdraw, decision=decision, reason="查证有误", actor=UserFactory())
    refused("already_noticed", notice, Rating.objects.get(pk=pending.pk))
    served(Decision.objects.get(), UserFactory())
    refused("already_served", served, decision, UserFactory())
    assert Rating.objects.count() == 2
    refused("not_pending", notice, Rating.objects.get(pk=pending.pk))


def test_a_second_notice_is_refused_while_one_is_open(pending):
    notice(pending)
    refused("already_noticed", notice, pending)
    assert Decision.objects.count() == 1


def test_a_notice_withdrawn_can_be_given_again(pending):
    decision = notice(pending)
    decisions.withdraw(decision=decision, reason="检测机构更正了报告。", actor=UserFactory())
    assert Rating.objects.current().get().status == "pending"
    assert notice(pending).state == "noticed"


@pytest.mark.parametrize("state", ["computing", "computed", "superseded", "cancelled"])
def test_no_notice_outside_review_notice_and_effect(pending, state):
    RatingRun.objects.filter(pk=pending.run_id).update(state=state)
    refused("state", notice, Rating.objects.get(pk=pending.pk))


def test_no_notice_without_reasons_and_basis(pending):
    refused("reasons", notice, pending, basis=" ")
    refused("reasons", notice, pending, reasons="")


def test_no_notice_about_a_result_that_is_not_pending():
    rating = make_rating(run=make_run(state="in_review"))
    refused("not_pending", notice, rating)


def test_permissions_and_region(pending, calendar):
    for actor in (UserFactory(role="township_supervisor"), UserFactory(region_code="440825")):
        with pytest.raises(PermissionDenied):
            notice(pending, actor)
    decision = notice(pending)
    calendar.day = SATURDAY
    with pytest.raises(PermissionDenied):
        decisions.confirm(decision=decision, reason="", actor=UserFactory(region_code="440825"))


def test_the_producer_answers_in_time_and_the_answer_is_answered(pending, calendar):
    decision = notice(pending)
    owner = MembershipFactory(producer=pending.producer).user
    calendar.day = NEXT_FRIDAY
    decisions.state_defence(decision=decision, statement="样品不是我们的。", actor=owner)
    calendar.day = SATURDAY
    refused("reason", decisions.confirm, decision=decision, reason="", actor=UserFactory())
    decisions.confirm(decision=decision, reason="抽样单有当事人签字，不予采纳。", actor=UserFactory())
    assert Decision.objects.get().statement == "样品不是我们的。"


def test_an_answer_too_late_or_by_a_stranger_is_refused(pending, calendar):
    decision = notice(pending)
    stranger = MembershipFactory().user
    refused("not_own", decisions.state_defence, decision=decision, statement="是。", actor=stranger)
    calendar.day = SATURDAY
    refused("too_late", decisions.state_defence, decision=decision, statement="是。", actor=None)


def test_only_generated_producers_have_dates_in_the_past(calendar):
    run = make_run(state="in_review")
    real = make_rating(run=run, status="pending", grade="C", vetoes=1)
    refused("date", notice, real, on=date(2025, 3, 3))
    made_up = make_rating(
        run=run, status="pending", grade="C", vetoes=1, producer=ProducerFactory(is_generated=True)
    )
    refused("date", notice, made_up, on=date(2025, 3, 17))
    decision = notice(made_up, on=date(2025, 3, 3))
    decision = decisions.confirm(decision=decision, reason="", actor=UserFactory(), on=date(2025, 3, 11))
    assert served(decision, UserFactory(), on=date(2025, 3, 12)).effective_on == date(2025, 3, 12)
    assert (decision.statement_until, decision.decided_on) == (date(2025, 3, 10), date(2025, 3, 11))


def test_the_draft_of_the_reasons_names_the_vetoes_or_the_score(pending):
    assert decisions.evidence_text(pending).startswith("符合一票否决情形：GD-V1 ")
    low = make_rating(run=pending.run, grade="C", score=3105, status="pending")
    assert decisions.evidence_text(low) == "年度得分31.05分，属最低等级C。"
