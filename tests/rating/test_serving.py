"""Service with receipt, statements with papers, hearings, measures during the year, interviews, letters."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
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
    RatingRun,
    ServiceReceipt,
    Standing,
)
from rating.services import (
    attachments,
    decisions,
    explaining,
    hearings,
    interim,
    interviews,
    letters,
    overlay,
    reissue,
    runs,
    serving,
    standings,
    verifying,
)
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory
from tests.factories.ledger import draft
from tests.factories.rating import HANDED, make_rating, make_run, served, shipped
from tests.rating import examples

pytestmark = pytest.mark.django_db
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


def refused(code, call, *arguments, **named):
    with pytest.raises(ValidationError) as refusal:
        call(*arguments, **named)
    assert refusal.value.code == code


def paper(content=PDF, name="销毁记录.pdf"):
    return SimpleUploadedFile(name, content)


def test_the_days_run_from_service_over_a_holiday_and_its_make_up_days(pending, calendar):
    calendar.day = date(2025, 4, 25)
    decision = notice(pending)
    assert decision.statement_until is None
    refused("not_served", decisions.confirm, decision=decision, reason="", actor=UserFactory())
    decision = served(decision, UserFactory(), on=date(2025, 4, 25))
    # Sunday 27 April was worked for the Labour Day closure of 1 to 5 May.
    assert decision.statement_until == date(2025, 5, 6)
    receipt = ServiceReceipt.objects.get()
    assert (receipt.document, receipt.method, receipt.recipient) == ("notice", "direct", "负责人")


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("witness", {"method": "left"}),
        ("witness", {"refused": True}),
        ("recipient", {"recipient": " "}),
        ("posted", {"method": "public"}),
        ("posted", {"method": "public", "posted_on": date(2025, 3, 1)}),
        ("date", {"on": date(2025, 3, 15)}),
        ("date", {"on": date(2025, 3, 13)}),
    ],
)
def test_a_receipt_that_proves_nothing_is_refused(pending, code, how):
    decision = notice(pending)
    refused(code, served, decision, UserFactory(), **how)
    decision.refresh_from_db()
    assert decision.notice_served_on is None
    assert not ServiceReceipt.objects.exists()


def test_left_behind_before_a_witness_it_is_served(pending):
    decision = served(notice(pending), UserFactory(), method="left", refused=True, witness="村委会 王某")
    assert decision.statement_until == date(2025, 3, 21)
    with pytest.raises(IntegrityError, match="rating_service_left_before_a_witness"), transaction.atomic():
        ServiceReceipt.objects.update(witness="")
    refused("already_served", served, decision, UserFactory())


def test_the_database_too_refuses_a_decision_before_the_days_are_over(pending):
    decision = served(notice(pending), UserFactory())
    for fields in (
        {"state": "confirmed", "decided_on": FRIDAY},
        {"state": "effective", "decided_on": SATURDAY, "effective_on": SATURDAY},
    ):
        with pytest.raises(IntegrityError, match="rating_decision_"), transaction.atomic():
            Decision.objects.filter(pk=decision.pk).update(**fields)


def test_papers_are_judged_by_content_and_all_or_none_are_kept(pending):
    decision = served(notice(pending), UserFactory())
    owner = MembershipFactory(producer=pending.producer).user
    wrong = [paper(), paper(b"MZ...", "virus.pdf")]
    refused("upload", decisions.state_defence, decision=decision, statement="是。", actor=owner, papers=wrong)
    decision.refresh_from_db()
    assert (decision.statement, Attachment.objects.count()) == ("", 0)
    refused(
        "too_many",
        decisions.state_defence,
        decision=decision,
        statement="是。",
        actor=owner,
        papers=[paper()] * (attachments.MOST_FILES + 1),
    )
    decisions.state_defence(decision=decision, statement="是。", actor=owner, papers=[paper()])
    kept = Attachment.objects.get()
    assert (kept.kind, kept.name, kept.purpose, kept.uploaded_by) == (
        "pdf",
        "销毁记录.pdf",
        "statement",
        owner,
    )
    with attachments.open_file(kept) as file:
        assert file.read() == PDF
    assert Attachment.objects.visible_to(owner).count() == 1
    assert not Attachment.objects.visible_to(MembershipFactory().user).exists()
    assert not Attachment.objects.visible_to(UserFactory(region_code="440825")).exists()


def test_a_hearing_asked_for_in_time_is_held_before_the_decision(pending, calendar):
    proposer = UserFactory()
    decision = served(notice(pending, hearing_offered=True, actor=proposer), proposer)
    owner = MembershipFactory(producer=pending.producer).user
    hearings.request(decision=decision, request="对检测方法有异议", actor=owner)
    refused("already_requested", hearings.request, decision=decision, request="再", actor=owner)
    calendar.day = SATURDAY
    refused("hearing", decisions.confirm, decision=decision, reason="是", actor=UserFactory())
    when = {"place": "县局三楼", "actor": proposer}
    chair = UserFactory()
    refused(
        "too_soon", hearings.schedule, decision=decision, scheduled_on=date(2025, 3, 28), chair=chair, **when
    )
    refused(
        "same_person",
        hearings.schedule,
        decision=decision,
        scheduled_on=date(2025, 4, 7),
        chair=proposer,
        **when,
    )
    decision = hearings.schedule(decision=decision, scheduled_on=date(2025, 4, 7), chair=chair, **when)
    refused("too_early", hearings.hold, decision=decision, minutes="笔录", actor=chair)
    calendar.day = date(2025, 4, 7)
    decision = hearings.hold(decision=decision, minutes="当事人认为……", actor=chair, papers=[paper()])
    refused("reason", decisions.confirm, decision=decision, reason="", actor=UserFactory())
    decision = decisions.confirm(decision=decision, reason="听证意见不予采纳。", actor=UserFactory())
    assert (decision.state, Hearing.objects.get().state) == ("confirmed", "held")


def test_a_hearing_only_where_it_is_offered_and_in_time(pending, calendar):
    owner = MembershipFactory(producer=pending.producer).user
    decision = served(notice(pending), UserFactory())
    refused("not_offered", hearings.request, decision=decision, request="听证", actor=owner)
    Decision.objects.update(hearing_offered=True)
    decision.refresh_from_db()
    calendar.day = SATURDAY
    refused("too_late", hearings.request, decision=decision, request="听证", actor=owner)
    stranger = MembershipFactory().user
    refused("not_own", hearings.request, decision=decision, request="听证", actor=stranger)


def test_facts_that_count_no_more_carry_no_decision(pending, calendar):
    posted = ledger.post([draft(uid="b1", producer=pending.producer, kind="banned.found", outcome="none")])
    assert posted.new
    refused("facts_changed", notice, pending, evidence=["b1", "unknown"])
    decision = served(notice(pending, evidence=["b1"]), UserFactory())
    ledger.reverse(uid="b1", by_uid="b1-reversed", source="更正")
    calendar.day = SATURDAY
    refused("facts_changed", decisions.confirm, decision=decision, reason="", actor=UserFactory())
    decision.refresh_from_db()
    assert (decision.state, Rating.objects.count()) == ("noticed", 1)


def test_the_letters_are_papers(pending, calendar):
    decision = notice(pending, hearing_offered=True, evidence=[])
    assert list(letters.letters_of(decision)) == ["notice", "notice-receipt"]
    assert letters.of_decision(decision, "notice").startswith(b"%PDF")
    refused("no_letter", letters.of_decision, decision, "decision")
    decision = served(decision, UserFactory())
    calendar.day = SATURDAY
    decision = decisions.confirm(decision=decision, reason="成立。", actor=UserFactory())
    for name in ("decision", "decision-receipt", "notice-receipt"):
        assert letters.of_decision(decision, name).startswith(b"%PDF")


# --- during the year ------------------------------------------------------------------------------


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


# --- reissue in notice ----------------------------------------------------------------------------


def test_a_veto_reversed_while_the_run_is_in_notice(in_force, proposer, calendar):
    """The notice falls with it; the corrected version is the newest, the first one stays as it was."""
    run = in_force.run
    Standing.objects.all().delete()
    RatingRun.objects.filter(pk=run.pk).update(state="public_notice", effective_on=None)
    run.refresh_from_db()
    pending = (
        Rating.objects.filter(run=run, status="pending", vetoes__gt=0)
        .select_related("producer", "run")
        .first()
    )
    decision = decisions.give_notice(rating=pending, reasons="事实", basis="依据", actor=proposer)
    uids = [line.uid for veto in explaining.explain_rating(pending).explanation.vetoes for line in veto.lines]
    assert uids
    for uid in dict.fromkeys(uids):
        ledger.reverse(uid=uid, by_uid=f"back:{uid}", source="撤销处罚")
    reissue.correct(rating=pending, reason="处罚已撤销", actor=proposer)
    run_all_jobs()
    newest = Rating.objects.current().get(run=run, producer=pending.producer)
    assert (newest.version, newest.vetoes) == (2, 0)
    decision.refresh_from_db()
    assert decision.state == "withdrawn"
    first = Rating.objects.get(pk=pending.pk)
    assert (first.status, first.vetoes, first.score) == ("pending", pending.vetoes, pending.score)
    verdict = verifying.verify(run)
    assert (verdict.identical, verdict.later) == (True, {"reissue": 1})
    refused("state", reissue.correct, rating=first, reason="再", actor=proposer)


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
