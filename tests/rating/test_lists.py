"""Lawful lists imported whole or not at all; the watch list by two people; both move frequencies."""

import io
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.files import FileRefused
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import CreditEvent
from rating.models import DishonestyListing, Purpose, WatchEntry
from rating.services import credit_checks, listings, standings, watching
from supervision.models import FrequencyAssignment
from supervision.services import frequency
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory, ProducerFactory
from tests.factories.rating import make_rating, make_run
from tests.rating.refusals import refused

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 20)
HEADING = ",".join((*listings.REQUIRED, listings.UNTIL))
LAWFUL = {
    "list_name": "食品安全严重违法生产经营者黑名单",
    "authority": "遂溪县市场监督管理局",
    "basis": "食品安全法实施条例第六十六条",
    "document_number": "遂市监列〔2026〕3号",
    "source": "信用中国",
    "listed_on": date(2026, 3, 1),
    "valid_until": date(2029, 2, 28),
}


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    for module in (listings, watching, credit_checks):
        monkeypatch.setattr(module, "today", lambda: DAY)


@pytest.fixture
def producer():
    run = make_run(state="effective", year=2025, effective_on=date(2026, 3, 1))
    rating = make_rating(run=run)
    standings.apply_run(run)
    frequency.assign(run=run)
    return rating.producer


def risk(producer):
    assigned = FrequencyAssignment.objects.get(producer=producer)
    return assigned.risk, assigned.flags, assigned.visits


def row(producer, **changed):
    values = {
        listings.CODE: producer.credit_code,
        listings.NAME: LAWFUL["list_name"],
        listings.AUTHORITY: LAWFUL["authority"],
        listings.BASIS: LAWFUL["basis"],
        listings.NUMBER: LAWFUL["document_number"],
        listings.SOURCE: "信用中国",
        listings.SINCE: "2026-03-01",
        listings.UNTIL: "2029-02-28",
    } | changed
    return ",".join(values[name] for name in (*listings.REQUIRED, listings.UNTIL))


def load(actor, *rows, dry_run=False):
    file = io.BytesIO("\n".join((HEADING, *rows)).encode())
    return listings.load(file=file, name="名单.csv", actor=actor, dry_run=dry_run)


def test_an_entry_is_posted_answered_and_weighs_until_it_leaves(producer):
    officer = UserFactory()
    assert load(officer, row(producer), dry_run=True) == listings.Imported(1, 0)
    assert not DishonestyListing.objects.exists()
    assert load(officer, row(producer)) == listings.Imported(1, 0)
    assert load(officer, row(producer)) == listings.Imported(0, 1)
    listing = DishonestyListing.objects.get()
    event = CreditEvent.objects.get(uid=f"listing:{listing.pk}")
    assert (event.occurred_on, event.valid_until) == (date(2026, 3, 1), date(2029, 2, 28))
    run_all_jobs()
    assert risk(producer) == ("listed", ["listed"], None)
    [answer] = credit_checks.check(
        asked=[producer.key], purpose=Purpose.SUBSIDY, matter="补贴", actor=officer
    )
    assert [one.code for one in answer.consequences if one.basis] == ["listed"]
    removal = {"removed_on": date(2026, 5, 1), "removal": "移出"}
    with pytest.raises(PermissionDenied):
        listings.remove(listing=listing, actor=UserFactory(region_code="440825"), **removal)
    refused("removal", listings.remove, listing=listing, removed_on=DAY, removal=" ", actor=officer)
    refused(
        "date", listings.remove, listing=listing, removed_on=date(2026, 2, 1), removal="文", actor=officer
    )
    listings.remove(
        listing=listing, removed_on=date(2026, 5, 1), removal="遂市监移〔2026〕1号", actor=officer
    )
    counting = CreditEvent.objects.counting().get(kind=credit_checks.LISTED)
    assert (counting.uid, counting.valid_until) == (f"listing:{listing.pk}:until", date(2026, 4, 30))
    run_all_jobs()
    assert risk(producer)[1] == []
    refused("state", listings.remove, listing=listing, removed_on=DAY, removal="文", actor=officer)


def test_all_faults_of_all_rows_and_nothing_kept(producer):
    elsewhere = ProducerFactory(region="440825")
    with pytest.raises(FileRefused) as refusal:
        load(
            UserFactory(),
            row(producer),
            row(elsewhere),
            row(producer, **{listings.BASIS: "", listings.SINCE: "2027-01-01"}),
            row(producer, **{listings.UNTIL: "2026-01-01", listings.NUMBER: "9号"}),
        )
    said = {(fault.row, fault.column) for fault in refusal.value.faults}
    assert said == {
        (3, listings.CODE),
        (4, listings.BASIS),
        (4, listings.SINCE),
        (4, listings.CODE),
        (5, listings.UNTIL),
    }
    assert not DishonestyListing.objects.exists()
    with pytest.raises(FileRefused):
        listings.load(file=io.BytesIO(b"name\nx"), name="x.csv", actor=UserFactory(), dry_run=False)


def test_no_list_of_our_own_making(producer):
    officer = UserFactory()
    refused("unlawful", listings.enter, producer=producer, actor=officer, **(LAWFUL | {"authority": " "}))
    listings.enter(producer=producer, actor=officer, **LAWFUL)
    refused("known", listings.enter, producer=producer, actor=officer, **LAWFUL)
    with pytest.raises(IntegrityError, match="rating_listing_is_lawful"), transaction.atomic():
        DishonestyListing.objects.update(basis="")


def test_an_entry_ends_with_its_term(producer, monkeypatch):
    listings.enter(producer=producer, actor=UserFactory(), **(LAWFUL | {"valid_until": date(2026, 5, 31)}))
    assert listings.end_due() == 0
    monkeypatch.setattr(listings, "today", lambda: date(2026, 6, 1))
    assert listings.end_due() == 1
    assert DishonestyListing.objects.get().state == "ended"
    assert listings.end_due() == 0


def watch(producer, actor, **changed):
    values = {"reason": "两次抽检不合格", "basis": "县局重点监管办法", "review_by": date(2026, 11, 20)}
    return watching.propose(producer=producer, actor=actor, **(values | changed))


def test_watched_and_let_go_by_two_people_each_time(producer):
    first, second = UserFactory(), UserFactory()
    entry = watch(producer, first)
    refused("already", watch, producer=producer, actor=second)
    refused("same_person", watching.enter, entry=entry, reason="", actor=first)
    entry = watching.enter(entry=entry, reason="同意", actor=second)
    run_all_jobs()
    assert risk(producer) == ("high", ["watched"], 4)
    refused("state", watching.refuse, entry=entry, reason="否", actor=second)
    entry = watching.propose_exit(entry=entry, reason="已整改", actor=second)
    refused("same_person", watching.leave, entry=entry, actor=second)
    entry = watching.leave(entry=entry, actor=first)
    run_all_jobs()
    assert (entry.state, risk(producer)[1]) == ("left", [])
    verbs = set(AuditLine.objects.filter(verb__startswith="watch.").values_list("verb", flat=True))
    assert verbs == {"watch.proposed", "watch.entered", "watch.leaving", "watch.left"}
    with pytest.raises(IntegrityError, match="rating_watch_second_person"), transaction.atomic():
        WatchEntry.objects.update(decided_by=first)


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("reason", {"reason": " "}),
        ("reason", {"basis": ""}),
        ("date", {"review_by": DAY}),
        ("facts_changed", {"evidence": ["nothing"]}),
    ],
)
def test_nobody_is_watched_without_grounds(producer, code, wrong):
    refused(code, watch, producer=producer, actor=UserFactory(), **wrong)
    assert not WatchEntry.objects.exists()


def test_the_watch_list_is_the_offices_own(producer, client):
    watching.enter(entry=watch(producer, UserFactory()), reason="同意", actor=UserFactory())
    owner = MembershipFactory(producer=producer).user
    agency = UserFactory(role="agency", region_code="440823")
    for user in (owner, agency):
        assert not WatchEntry.objects.visible_to(user).exists()
    page = client.get(f"/p/{producer.key}/").content.decode()
    assert "重点监管" not in page
    client.force_login(owner)
    for address in ("/my/", "/my/remedies/", "/my/score/"):
        assert "重点监管" not in client.get(address).content.decode()
    [answer] = credit_checks.check(
        asked=[producer.key], purpose=Purpose.SUBSIDY, matter="补贴", actor=UserFactory()
    )
    assert (answer.lists, [one.code for one in answer.consequences if one.code == "listed"]) == ([], [])


def test_the_office_imports_and_watches(producer, client):
    officer = UserFactory()
    enter(client, officer)
    address = reverse("admin:rating_dishonestylisting_add")
    sent = f"{HEADING}\n{row(producer)}".encode()

    def post(**more):
        file = SimpleUploadedFile("名单.csv", sent)
        return client.post(address, {"file": file, **more}, follow=True).content.decode()

    assert "检查通过：可新录入1条" in post(dry_run="on")
    assert "已录入1条" in post()
    bad = client.post(address, {"file": SimpleUploadedFile("名单.csv", sent.replace(b"2026-03", b"2028-03"))})
    assert "应为不晚于今天的日期" in bad.content.decode()
    values = {"key": producer.key, "reason": "因", "basis": "据", "review_by": "2026-12-01"}
    assert client.post(reverse("admin:rating_watchentry_add"), values).status_code == 302
    entry = WatchEntry.objects.get()
    act = reverse("admin:rating_watchentry_act", args=[entry.pk, "enter"])
    assert "决定的人不能与提出的人相同" in client.post(act, {"reason": "可"}).content.decode()
    enter(client, UserFactory())
    assert client.post(act, {"reason": "可"}).status_code == 302
