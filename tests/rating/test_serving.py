"""Service with receipt, statements with papers, hearings, measures during the year, interviews, letters."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from agricredit.foundation.jobs.testing import run_all_jobs
from archives.services import ledger
from rating.models import (
    Attachment,
    Decision,
    Hearing,
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
    letters,
    reissue,
    verifying,
)
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory
from tests.factories.ledger import draft
from tests.factories.rating import served
from tests.rating.refusals import refused
from tests.rating.served import (
    FRIDAY,
    PDF,
    SATURDAY,
    calendar,
    in_force,
    notice,
    paper,
    pending,
    proposer,
)

__all__ = ["calendar", "in_force", "pending", "proposer"]
pytestmark = pytest.mark.django_db


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
