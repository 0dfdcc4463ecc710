"""Two people at once: of two who press, one succeeds, the other is told; nothing is done twice."""

import threading
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from agricredit.foundation.audit.models import AuditLine
from rating.models import ConsequenceTable, Decision, Objection, Rating, Repair, Standing
from rating.services import (
    consequences,
    decisions,
    objections,
    repairs,
    scheme_desk,
    schemes,
    serving,
    standings,
    steps,
)
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory
from tests.factories.ledger import draft
from tests.factories.rating import HANDED, make_rating, make_run, served, shipped

pytestmark = pytest.mark.django_db(transaction=True)
FRIDAY, SATURDAY = date(2025, 3, 14), date(2025, 3, 22)


@pytest.fixture
def calendar(monkeypatch):
    on = {"day": FRIDAY}
    for module in (decisions, serving, steps, objections, repairs):
        monkeypatch.setattr(module, "today", lambda: on["day"])
    return on


def at_once(*calls):
    """Run the calls at the same instant; what each came to: "done", or the refusal's code."""
    barrier, outcomes = threading.Barrier(len(calls)), []

    def run(call):
        barrier.wait()
        try:
            call()
            outcomes.append("done")
        except ValidationError as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.fixture
def noticed(calendar):
    rating = make_rating(run=make_run(state="effective"), grade="C", status="pending", vetoes=1)
    decision = decisions.give_notice(rating=rating, reasons="事实", basis="依据", actor=UserFactory())
    decision = served(decision, UserFactory())
    calendar["day"] = SATURDAY
    return decision


def test_two_deciders(noticed):
    def decide(actor):
        mine = Decision.objects.get(pk=noticed.pk)
        return lambda: decisions.confirm(decision=mine, reason="", actor=actor)

    assert at_once(decide(UserFactory()), decide(UserFactory())) == ["already_decided", "done"]
    assert AuditLine.objects.filter(verb="decision.confirmed").count() == 1


def test_one_confirms_while_another_withdraws(noticed):
    one, other = Decision.objects.get(), Decision.objects.get()
    confirmer, withdrawer = UserFactory(), UserFactory()
    outcomes = at_once(
        lambda: decisions.confirm(decision=one, reason="", actor=confirmer),
        lambda: decisions.withdraw(decision=other, reason="查证有误", actor=withdrawer),
    )
    assert outcomes == ["already_decided", "done"]
    assert Decision.objects.get().state in ("confirmed", "withdrawn")


def test_a_decision_served_twice_at_once_is_written_once(noticed):
    decisions.confirm(decision=noticed, reason="", actor=UserFactory())
    officer = UserFactory()

    def serve():
        mine = Decision.objects.get(pk=noticed.pk)
        return lambda: serving.serve_decision(decision=mine, actor=officer, **HANDED)

    outcomes = at_once(serve(), serve())
    assert outcomes[-1] == "done"
    assert outcomes[0] in ("already_served", "changed")
    assert Rating.objects.filter(producer=noticed.producer).count() == 2
    assert Standing.objects.get(producer=noticed.producer).official_version == 2


def test_two_approvals_of_an_effect(calendar):
    run = make_run(state="public_notice", notice_until=date(2025, 3, 10))
    make_rating(run=run)

    def effect(actor):
        mine = type(run).objects.get(pk=run.pk)
        return lambda: steps.take_effect(run=mine, actor=actor)

    assert at_once(effect(UserFactory()), effect(UserFactory())) == ["done", "state"]
    assert AuditLine.objects.filter(verb="run.effective").count() == 1


def test_two_approvals_of_a_table():
    author = UserFactory(role="city_officer")
    table = consequences.draft(note="", actor=author)

    def approve(actor):
        mine = ConsequenceTable.objects.get(pk=table.pk)
        return lambda: consequences.approve(table=mine, actor=actor)

    first, second = (UserFactory(role="city_officer") for _ in range(2))
    assert at_once(approve(first), approve(second)) == ["done", "state"]
    assert AuditLine.objects.filter(verb="consequences.approved").count() == 1


def test_two_approvals_of_a_scheme_and_none_by_its_author():
    author = UserFactory(role="city_officer")
    row = scheme_desk.clone(scheme=shipped(), version="9", actor=author)
    scheme_desk.submit(scheme=row, actor=author)
    day = date(2030, 1, 1)
    row.refresh_from_db()
    assert at_once(lambda: scheme_desk.approve(scheme=row, valid_from=day, actor=author)) == ["same_person"]

    def approve(actor):
        mine = type(row).objects.get(pk=row.pk)
        return lambda: scheme_desk.approve(scheme=mine, valid_from=day, actor=actor)

    outcomes = at_once(*(approve(UserFactory(role="city_officer")) for _ in range(2)))
    assert (outcomes.count("done"), len(outcomes)) == (1, 2)
    assert AuditLine.objects.filter(verb="scheme.approved").count() == 1
    assert schemes.parsed(row).code == "gd-r1"


def test_an_objection_upheld_and_rejected_at_once(calendar):
    run = make_run(state="effective", effective_on=date(2025, 3, 3), noticed_by=UserFactory())
    rating = make_rating(run=run)
    standings.apply_run(run)
    owner = MembershipFactory(producer=rating.producer).user
    filed = objections.file(rating=rating, reasons="不对", actor=owner)
    first, second = UserFactory(), UserFactory()
    one, other = (Objection.objects.get(pk=filed.pk) for _ in range(2))
    outcomes = at_once(
        lambda: objections.uphold(objection=one, reason="是", actor=first),
        lambda: objections.reject(objection=other, reason="否", actor=second),
    )
    assert outcomes == ["already_decided", "done"]
    assert not Standing.objects.get(producer=rating.producer).objected


def test_a_repair_applied_for_twice_at_once(calendar):
    from archives.models import CreditEvent
    from archives.services import ledger

    rating = make_rating(run=make_run(state="effective"))
    ledger.post(
        [
            draft(
                uid="n", producer=rating.producer, kind="complaint.upheld", outcome="none", occurred_on=FRIDAY
            )
        ]
    )
    event = CreditEvent.objects.get(uid="n")
    owner = MembershipFactory(producer=rating.producer).user
    calendar["day"] = date(2026, 5, 1)

    def ask():
        repairs.apply(producer=rating.producer, event=event, correction="已改正", pledge="承诺", actor=owner)

    assert at_once(ask, ask) == ["already_applied", "done"]
    assert Repair.objects.count() == 1
