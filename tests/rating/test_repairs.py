"""Credit repair: terms by the regulation in force, refusals, a second person, effect at once."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.jobs.models import Job, OutboxMessage
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import CreditEvent
from archives.services import ledger
from rating.models import Rating, RatingRun, Repair, Standing, Tier
from rating.services import publication, reissue, repairs, runs, standings
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory, ProducerFactory
from tests.factories.ledger import draft
from tests.factories.rating import shipped
from tests.rating import examples
from tests.rating.refusals import refused

pytestmark = pytest.mark.django_db
SAID = {"correction": "罚款已缴清，问题批次已销毁。", "pledge": "不再发生同类问题。"}


class Calendar:
    day = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def calendar(monkeypatch):
    today = Calendar()
    for module in (repairs, reissue):
        monkeypatch.setattr(module, "today", lambda: today.day)
    monkeypatch.setattr("rating.portal.views.today", lambda: today.day)
    monkeypatch.setattr("rating.services.remedies.today", lambda: today.day)
    return today


def fault(producer, kind="sampling.exceeded", day=date(2026, 6, 1), uid="fault", **fields):
    values = {"uid": uid, "producer": producer, "kind": kind, "outcome": "none", "occurred_on": day}
    [key] = ledger.post([draft(**(values | fields))]).new
    return CreditEvent.objects.get(pk=key)


@pytest.fixture
def owner():
    return MembershipFactory().user


@pytest.fixture
def producer(owner):
    return owner.memberships.get().producer


def applied(producer, owner, **fields):
    return repairs.apply(producer=producer, event=fault(producer, **fields), actor=owner, **SAID)


@pytest.mark.parametrize(
    ("kind", "value", "decided", "asked", "tier", "first", "until"),
    [
        (
            "sampling.exceeded",
            None,
            date(2026, 6, 1),
            date(2026, 6, 2),
            "general",
            (2026, 9, 1),
            (2027, 6, 1),
        ),
        ("banned.found", None, date(2026, 6, 1), date(2026, 6, 2), "serious", (2027, 6, 1), (2029, 6, 1)),
        ("penalty.imposed", 300, date(2026, 6, 1), date(2026, 6, 2), "minor", (2026, 6, 1), (2026, 9, 1)),
        (
            "penalty.imposed",
            1000,
            date(2026, 11, 30),
            date(2026, 12, 1),
            "general",
            (2027, 2, 28),
            (2027, 11, 30),
        ),
        # before 2026-04-01 the food sector's year; the new regulation lets a general lapse out sooner
        (
            "sampling.exceeded",
            None,
            date(2025, 6, 1),
            date(2026, 3, 1),
            "general",
            (2026, 4, 1),
            (2028, 6, 1),
        ),
        (
            "sampling.exceeded",
            None,
            date(2024, 6, 1),
            date(2025, 3, 1),
            "general",
            (2025, 6, 1),
            (2027, 6, 1),
        ),
        ("banned.found", None, date(2025, 6, 1), date(2026, 3, 1), "serious", (2026, 6, 1), (2028, 6, 1)),
    ],
)
def test_terms_by_the_regulation_in_force(producer, kind, value, decided, asked, tier, first, until):
    event = fault(producer, kind=kind, day=decided, value=value)
    term = publication.term_of(event, asked)
    assert (term.tier, term.repairable_from, term.published_until) == (tier, date(*first), date(*until))


def test_publication_ends_by_itself(producer):
    term = publication.term_of(fault(producer), date(2026, 11, 20))
    assert not term.over(date(2027, 6, 1))
    assert term.over(date(2027, 6, 2))


def test_before_the_shortest_term_it_is_refused_with_the_first_day(producer, owner, calendar):
    calendar.day = date(2026, 8, 31)
    said = refused("too_early", applied, producer, owner)
    assert "2026年9月1日" in said
    assert not Repair.objects.exists()
    calendar.day = date(2026, 9, 1)
    repair = repairs.apply(producer=producer, event=CreditEvent.objects.get(), actor=owner, **SAID)
    assert (repair.state, repair.tier, repair.accept_by) == ("applied", "general", date(2026, 9, 4))


def test_what_cannot_be_repaired(producer, owner):
    good = fault(producer, kind="pledge.signed", uid="good")
    refused("not_repairable", repairs.apply, producer=producer, event=good, actor=owner, **SAID)
    passed = fault(producer, kind="sampling.tested", uid="passed", outcome="pass")
    refused("not_repairable", repairs.apply, producer=producer, event=passed, actor=owner, **SAID)
    foreign = fault(ProducerFactory(), uid="foreign")
    refused("not_repairable", repairs.apply, producer=producer, event=foreign, actor=owner, **SAID)
    gone = fault(producer, uid="gone")
    ledger.reverse(uid="gone", by_uid="gone-back", source="test")
    refused("not_repairable", repairs.apply, producer=producer, event=gone, actor=owner, **SAID)
    event = fault(producer)
    for missing in ({"correction": " "}, {"pledge": ""}):
        refused("incomplete", repairs.apply, producer=producer, event=event, actor=owner, **(SAID | missing))
    assert not Repair.objects.exists()


def test_one_open_application_an_event(producer, owner):
    repair = applied(producer, owner)
    refused("already_applied", repairs.apply, producer=producer, event=repair.event, actor=owner, **SAID)
    assert Repair.objects.count() == 1


def test_only_the_owner_or_an_officer_of_the_place_may_apply(producer, owner):
    event = fault(producer)
    helper = MembershipFactory(user=UserFactory(role="helper"), producer=producer, role="helper").user
    for actor in (helper, MembershipFactory().user, UserFactory(region_code="440825")):
        with pytest.raises(PermissionDenied):
            repairs.apply(producer=producer, event=event, actor=actor, **SAID)
    officer = UserFactory()
    repair = repairs.apply(producer=producer, event=event, actor=officer, tier=Tier.MINOR, **SAID)
    assert (repair.applied_by, repair.tier) == (officer, "minor")


def test_acceptance_starts_the_clock_and_may_find_the_lapse_graver(producer, owner):
    repair = applied(producer, owner)
    said = refused("too_early", repairs.accept, repair=repair, actor=UserFactory(), tier=Tier.SERIOUS)
    assert "2027年6月1日" in said
    assert Repair.objects.get().state == "applied"
    repair = repairs.accept(repair=repair, actor=UserFactory())
    assert (repair.state, repair.accepted_on, repair.decide_by) == (
        "accepted",
        date(2026, 11, 20),
        date(2026, 12, 4),
    )
    refused("state", repairs.accept, repair=repair, actor=UserFactory())


def test_the_deadline_is_put_off_once_for_a_reason(producer, owner):
    repair = applied(producer, owner)
    officer = UserFactory()
    refused("extended", repairs.extend, repair=repair, reason="需核实", actor=officer)
    repair = repairs.accept(repair=repair, actor=officer)
    refused("reason", repairs.extend, repair=repair, reason=" ", actor=officer)
    stale = Repair.objects.get()
    repair = repairs.extend(repair=repair, reason="须现场核实。", actor=officer)
    assert repair.decide_by == date(2026, 12, 18)
    refused("extended", repairs.extend, repair=repair, reason="再延", actor=officer)
    refused("state", repairs.extend, repair=stale, reason="同时延", actor=officer)
    assert Repair.objects.get().decide_by == date(2026, 12, 18)


def test_who_applied_found_or_graded_does_not_decide(producer, owner):
    finder = UserFactory()
    event = fault(producer)
    officer = UserFactory()
    repair = repairs.apply(producer=producer, event=event, actor=officer, **SAID)
    repair = repairs.accept(repair=repair, actor=UserFactory(), found_by=finder)
    for actor in (officer, finder):
        refused("same_person", repairs.grant, repair=repair, reason="", actor=actor)
        refused("same_person", repairs.refuse, repair=repair, reason="不", actor=actor)
    assert Repair.objects.get().state == "accepted"
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Repair.objects.update(state="granted", decided_by=finder)


def test_a_refusal_has_reasons_and_leaves_the_way_open(producer, owner):
    repair = repairs.accept(repair=applied(producer, owner), actor=UserFactory())
    refused("reason", repairs.refuse, repair=repair, reason="", actor=UserFactory())
    repair = repairs.refuse(repair=repair, reason="罚款尚未缴清。", actor=UserFactory())
    assert (repair.state, repair.outcome_reason) == ("refused", "罚款尚未缴清。")
    assert not Job.objects.filter(kind="rating.reissue").exists()
    again = repairs.apply(producer=producer, event=repair.event, actor=owner, **SAID)
    assert again.state == "applied"


def test_of_two_decisions_at_once_one_holds(producer, owner):
    repair = repairs.accept(repair=applied(producer, owner), actor=UserFactory())
    stale = Repair.objects.get()
    repairs.grant(repair=repair, reason="", actor=UserFactory())
    refused("state", repairs.refuse, repair=stale, reason="不", actor=UserFactory())
    refused("state", repairs.grant, repair=stale, reason="", actor=UserFactory())
    assert Repair.objects.get().state == "granted"
    assert CreditEvent.objects.filter(repairs__isnull=False).count() == 1


def test_permissions_and_region_of_those_who_decide(producer, owner):
    repair = applied(producer, owner)
    for actor in (owner, UserFactory(role="township_supervisor"), UserFactory(region_code="440825")):
        with pytest.raises(PermissionDenied):
            repairs.accept(repair=repair, actor=actor)


@pytest.fixture
def rated():
    """The worked example in effect, with a late fault that lowered a result by ten points."""
    shipped()
    examples.load()
    clean = runs.start(scheme="gd-r1", region="44", year=2024, actor=None)
    run_all_jobs()
    best = Rating.objects.filter(run=clean, status="rated", deductions=0).order_by("-score").first()
    runs.cancel(run=RatingRun.objects.get(pk=clean.pk), reason="重来", actor=None)
    event = fault(best.producer, day=date(2024, 6, 1))
    run = runs.start(scheme="gd-r1", region="44", year=2024, actor=None)
    run_all_jobs()
    RatingRun.objects.filter(pk=run.pk).update(state="effective", effective_on=date(2025, 3, 1))
    run.refresh_from_db()
    standings.apply_run(run)
    return best, event, run


def test_granted_the_grade_in_force_is_issued_anew(rated):
    best, event, run = rated
    producer = event.producer
    assert Rating.objects.get(run=run, producer=producer).deductions == 1000
    officer = UserFactory(role="city_officer")
    repair = repairs.apply(producer=producer, event=event, actor=officer, **SAID)
    repair = repairs.accept(repair=repair, actor=officer)
    repair = repairs.grant(repair=repair, reason="已改正。", actor=UserFactory(role="city_officer"))
    run_all_jobs()
    new = Rating.objects.current().get(run=run, producer=producer)
    assert (new.version, new.cause, new.score, new.grade) == (
        2,
        f"repair:{repair.pk}",
        best.score,
        best.grade,
    )
    assert (new.deductions, new.run.window_end) == (0, date(2024, 12, 31))
    standing = Standing.objects.get(producer=producer)
    assert (standing.official_grade, standing.official_version) == (best.grade, 2)
    assert standing.since == date(2026, 11, 20)
    old = Rating.objects.get(run=run, producer=producer, version=1)
    assert old.deductions == 1000
    assert old not in Rating.objects.public()
    assert OutboxMessage.objects.get(topic="rating.reissued").delivered_at
    assert event.pk not in {row.pk for row in repairs.repairable(producer)}
    assert AuditLine.objects.filter(verb="repair.granted").count() == 1


def test_an_officer_accepts_and_another_grants_in_the_back_office(client, producer, owner):
    repair = applied(producer, owner)
    first, second = UserFactory(), UserFactory()
    enter(client, first)
    html = client.get(reverse("admin:rating_repair_change", args=[repair.pk])).content.decode()
    assert "受理" in html
    assert "剩3个工作日" in html

    def act(name, **values):
        return client.post(reverse("admin:rating_repair_act", args=[repair.pk, name]), values)

    assert "没有这个登录名" in act("accept", tier="general", found_by="nobody").content.decode()
    assert act("accept", tier="general", found_by=first.username).status_code == 302
    assert "不能是申请人" in act("grant").content.decode()
    enter(client, second)
    assert act("grant", reason="已改正").status_code == 302
    assert Repair.objects.get().state == "granted"
    assert "准予修复" in client.get(reverse("admin:rating_repair_changelist")).content.decode()


def test_a_producer_applies_on_its_own_page(client, producer, owner, calendar):
    event = fault(producer)
    enter(client, owner)
    html = client.get("/my/remedies/").content.decode()
    assert "申请修复" in html
    address = f"/my/remedies/repairs/{event.pk}/"
    assert "怎样改正的" in client.get(address).content.decode()
    calendar.day = date(2026, 7, 1)
    assert "2026年9月1日" in client.post(address, SAID).content.decode()
    calendar.day = date(2026, 11, 20)
    assert client.post(address, SAID).status_code == 302
    assert "待受理" in client.get("/my/remedies/").content.decode()
    assert client.get(f"/my/remedies/repairs/{fault(ProducerFactory(), uid='x').pk}/").status_code == 404
    helper = MembershipFactory(user=UserFactory(role="helper"), producer=producer, role="helper").user
    enter(client, helper)
    assert client.get(address).status_code == 403


def test_a_producer_reads_superseded_versions(client, rated):
    _best, event, _run = rated
    owner = MembershipFactory(producer=event.producer).user
    reissue.reissue(producer_id=event.producer_id, cause="repair:1")
    enter(client, owner)
    html = client.get("/my/remedies/").content.decode()
    assert "2024年度 第2版" in html
    assert "2024年度 第1版" in html
    assert "信用修复" in html
