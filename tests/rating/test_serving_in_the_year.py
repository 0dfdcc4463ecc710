"""Measures on a grade in force, interviews, and the pages of both sides."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from agricredit.foundation.jobs.models import OutboxMessage
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import CreditEvent
from archives.services import ledger
from rating.models import (
    Attachment,
    Decision,
    Hearing,
    Interview,
    Rating,
    ServiceReceipt,
    Standing,
)
from rating.services import (
    decisions,
    interim,
    interviews,
    letters,
    reissue,
    serving,
    verifying,
)
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory
from tests.factories.rating import HANDED, make_rating, make_run
from tests.rating.refusals import refused
from tests.rating.served import (
    FRIDAY,
    PDF,
    SATURDAY,
    calendar,
    city,
    in_force,
    measure,
    notice,
    paper,
    pending,
    proposer,
)

__all__ = ["calendar", "in_force", "pending", "proposer"]
pytestmark = pytest.mark.django_db


def test_a_grade_in_force_is_lowered_by_decision_and_lifted_again(in_force, proposer, calendar):
    confirmer = city(in_force)
    decision = measure(in_force, actor=proposer)
    standing = Standing.objects.get(producer=in_force.producer)
    assert standing.official_grade == in_force.grade
    decision = serving.serve_notice(decision=decision, actor=None, **HANDED)
    calendar.day = SATURDAY
    decision = decisions.confirm(decision=decision, reason="成立", actor=confirmer)
    standing.refresh_from_db()
    assert standing.official_grade == in_force.grade
    OutboxMessage.objects.all().delete()
    decision = serving.serve_decision(decision=decision, actor=None, **HANDED)
    standing.refresh_from_db()
    assert (standing.official_grade, standing.since, standing.official_version) == ("B", SATURDAY, 2)
    assert OutboxMessage.objects.get(topic="rating.decided").keys["producer_id"] == in_force.producer_id
    assert verifying.verify(in_force.run).later == {"decision": 1}
    # an unrelated reissue keeps the measure and verifies
    [again] = reissue.reissue(producer_id=in_force.producer_id, cause="objection:9")
    assert (again.grade, again.score) == ("B", in_force.score)
    verdict = verifying.verify(in_force.run)
    assert (verdict.identical, verdict.later) == (True, {"decision": 1, "reissue": 1})
    refused("reason", interim.lift, decision=decision, reason=" ", actor=proposer)
    interim.lift(decision=decision, reason="整改验收合格", actor=proposer)
    run_all_jobs()
    standing.refresh_from_db()
    assert (standing.official_grade, standing.official_version) == (in_force.grade, 4)
    assert verifying.verify(in_force.run).identical
    decision.refresh_from_db()
    assert (decision.state, decision.lifted_version) == ("lifted", 4)
    refused("state", interim.lift, decision=decision, reason="再", actor=proposer)


def test_a_suspended_grade_shows_nowhere_and_falls_with_its_facts(in_force, proposer, calendar):
    confirmer = city(in_force)
    decision = measure(in_force, ground="suspended", grade="", actor=proposer)
    decision = serving.serve_notice(decision=decision, actor=None, **HANDED)
    calendar.day = SATURDAY
    decision = decisions.confirm(decision=decision, reason="成立", actor=confirmer)
    serving.serve_decision(decision=decision, actor=None, **HANDED)
    standing = Standing.objects.get(producer=in_force.producer)
    assert (standing.status, standing.official_grade, standing.official_score) == ("suspended", "", None)
    assert not Standing.objects.public().filter(pk=standing.pk).exists()
    assert not Rating.objects.public().filter(producer=in_force.producer, run=in_force.run).exists()
    assert verifying.verify(in_force.run).identical
    ledger.reverse(uid="b1", by_uid="b1r", source="更正")
    [again] = reissue.reissue(producer_id=in_force.producer_id, cause="objection:4")
    assert (again.grade, again.status) == (in_force.grade, "rated")
    decision.refresh_from_db()
    assert (decision.state, decision.lifted_version) == ("lifted", again.version)
    assert verifying.verify(in_force.run).identical


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("not_lower", {"grade": "AAAA"}),
        ("not_lower", {"grade": "X"}),
        ("evidence", {"evidence": []}),
        ("facts_changed", {"evidence": ["nothing"]}),
        ("reasons", {"basis": " "}),
        ("ground", {"ground": "veto"}),
    ],
)
def test_a_measure_without_ground_is_refused(in_force, proposer, code, wrong):
    refused(code, measure, in_force, actor=proposer, **wrong)
    assert not Decision.objects.exists()


def test_only_a_grade_in_force_and_one_measure_at_a_time(in_force, proposer):
    measure(in_force, actor=proposer)
    refused("already_noticed", measure, in_force, ground="suspended", actor=proposer)
    Decision.objects.all().delete()
    Standing.objects.update(official_grade="")
    refused("no_grade", measure, in_force, actor=proposer)
    with pytest.raises(PermissionDenied):
        measure(in_force, actor=UserFactory(role="township_supervisor"))


# --- interviews -----------------------------------------------------------------------------------


def test_an_interview_from_the_call_to_what_became_of_it(calendar):
    rating = make_rating(run=make_run(state="in_review"))
    officer = UserFactory()
    values = {
        "reason": "抽检不合格",
        "basis": "农产品质量安全法第五十五条",
        "place": "县局",
        "actor": officer,
    }
    refused("date", interviews.call, producer=rating.producer, scheduled_on=date(2025, 3, 1), **values)
    interview = interviews.call(producer=rating.producer, scheduled_on=date(2025, 3, 18), **values)
    assert letters.of_interview(interview).startswith(b"%PDF")
    held = {"attended": "王某", "interviewers": "李某、张某", "agreed": "停用问题投入品"}
    refused("too_early", interviews.hold, interview=interview, actor=officer, **held)
    calendar.day = date(2025, 3, 18)
    interview = interviews.miss(interview=interview, reason="未到场", actor=officer)
    interview = interviews.hold(interview=interview, actor=officer, follow_up_by=date(2025, 4, 1), **held)
    event = CreditEvent.objects.get(uid=f"interview:{interview.pk}")
    assert (event.event_kind.name, event.occurred_on) == ("interview.held", calendar.day)
    assert list(Interview.objects.visible_to(officer).due()) == [interview]
    refused("outcome", interviews.close, interview=interview, outcome="", actor=officer)
    interview = interviews.close(interview=interview, outcome="已更换供应商", actor=officer)
    assert (interview.state, interview.followed_up_on) == ("closed", calendar.day)
    refused("state", interviews.close, interview=interview, outcome="再", actor=officer)
    with pytest.raises(IntegrityError, match="says_what_was_agreed"), transaction.atomic():
        Interview.objects.update(agreed="")


# --- the pages ------------------------------------------------------------------------------------


def test_the_producer_receives_answers_and_reads_its_papers(client, pending, calendar):
    decision = notice(pending, hearing_offered=True)
    owner = MembershipFactory(producer=pending.producer).user
    client.force_login(owner)
    address = reverse("my:decision", args=[decision.pk])
    assert address in client.get(reverse("my:remedies")).content.decode()
    assert "签收告知书" in client.get(address).content.decode()
    client.post(reverse("my:decision-received", args=[decision.pk]))
    receipt = ServiceReceipt.objects.get()
    assert (receipt.method, receipt.served_on, receipt.recorded_by) == ("electronic", FRIDAY, None)
    page = client.post(
        reverse("my:decision-statement", args=[decision.pk]),
        {"statement": "已在上市前销毁。", "papers": [paper(), paper(b"\xff\xd8\xff photo", "照片.jpg")]},
    )
    assert page.status_code == 302
    html = client.get(address).content.decode()
    assert "照片.jpg" in html
    file = Attachment.objects.get(kind="pdf")
    sent = client.get(reverse("my:remedy-file", args=[file.pk]))
    assert b"".join(sent.streaming_content) == PDF
    assert sent["Content-Security-Policy"] == "sandbox"
    letter = client.get(reverse("my:decision-letter", args=[decision.pk, "notice"]))
    assert letter["Content-Type"] == "application/pdf"
    assert client.get(reverse("my:decision-letter", args=[decision.pk, "decision"])).status_code == 404
    client.post(reverse("my:decision-hearing", args=[decision.pk]), {"request": "对方法有异议"})
    assert Hearing.objects.get().requested_by == owner
    client.force_login(MembershipFactory().user)
    assert client.get(address).status_code == 404
    assert client.get(reverse("my:remedy-file", args=[file.pk])).status_code == 404


def test_the_office_serves_with_a_receipt_and_prints(client, pending, calendar):
    officer = UserFactory()
    decision = notice(pending, actor=officer)
    enter(client, officer)
    change = reverse("admin:rating_decision_change", args=[decision.pk])
    assert "登记告知书送达" in client.get(change).content.decode()
    act = reverse("admin:rating_decision_act", args=[decision.pk, "serve-notice"])
    values = {"method": "left", "on": "2025-03-14", "recipient": "王某"}
    assert "须写明见证人" in client.post(act, values).content.decode()
    values |= {"witness": "村委会 李某", "papers": [paper(b"\x89PNG\r\n\x1a\n", "回证.png")]}
    assert client.post(act, values).status_code == 302
    html = client.get(change).content.decode()
    assert "回证.png" in html
    assert "留置送达" in html
    file = reverse("admin:rating_attachment_file", args=[Attachment.objects.get().pk])
    assert client.get(file).status_code == 200
    letter = reverse("admin:rating_decision_letter", args=[decision.pk, "notice"])
    assert client.get(letter)["Content-Type"] == "application/pdf"
    enter(client, UserFactory(region_code="440825"))
    assert client.get(file).status_code == 404
    assert client.get(letter).status_code == 404


def test_measures_and_interviews_begin_on_the_standing(client, in_force, calendar):
    officer = UserFactory(role="city_officer", region_code=in_force.region_id[:4])
    enter(client, officer)
    standing = Standing.objects.get(producer=in_force.producer)
    html = client.get(reverse("admin:rating_standing_change", args=[standing.pk])).content.decode()
    assert "拟下调或暂停等级" in html
    address = reverse("admin:rating_standing_measure", args=[standing.pk])
    values = {"ground": "lowered", "grade": "B", "reasons": "检出", "basis": "依据", "evidence": "b1\n"}
    assert client.post(address, values).status_code == 302
    assert Decision.objects.get().evidence_uids == ["b1"]
    address = reverse("admin:rating_standing_interview", args=[standing.pk])
    values = {"reason": "抽检不合格", "basis": "依据", "scheduled_on": "2025-03-20", "place": "县局"}
    assert client.post(address, values).status_code == 302
    assert Interview.objects.get().producer == in_force.producer
