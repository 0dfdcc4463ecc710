"""Coming back under a new registration: found by signs, confirmed by two, undone, remembered."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from archives.models import CreditEvent, Identity, Producer, Region
from archives.services import ledger
from rating.models import Reregistration, Standing
from rating.services import reregistrations
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory, PlotFactory, ProducerFactory, RegionFactory
from tests.factories.ledger import draft
from tests.factories.rating import make_run

pytestmark = pytest.mark.django_db
SINCE = datetime.date(2025, 3, 1)
LATER = datetime.date(2025, 6, 1)


@pytest.fixture
def bad():
    producer = ProducerFactory(name="红土生态养殖场", phone_hash="p1", region="440823100")
    run = make_run(results=[{"producer": producer, "grade": "C", "score": 3000}], state="effective")
    Standing.objects.create(
        producer=producer, official_grade="C", official_run=run, since=SINCE, status="rated"
    )
    return producer


def newer(**fields):
    return ProducerFactory(**{"registered_on": LATER, "region": "440823100", **fields})


def pairs():
    reregistrations.find()
    return {(row.old_id, row.new_id): row for row in Reregistration.objects.all()}


def test_the_same_phone_after_a_lowest_grade_is_found(bad):
    same = newer(phone_hash="p1", name="红土生态农场")
    newer(phone_hash="other")
    found = pairs()
    assert set(found) == {(bad.pk, same.pk)}
    assert found[bad.pk, same.pk].grade == "C"
    assert found[bad.pk, same.pk].signs == ["name", "phone"]


def test_weak_signs_count_together_and_never_alone(bad):
    bad.contact_name, bad.address = "陈阿妹", "遂城镇西溪村三组18号"
    bad.save()
    newer(contact_name="陈阿妹")
    both = newer(contact_name="陈阿妹", address="遂城镇 西溪村三组18号")
    region = Region.objects.get(pk="440823100")
    PlotFactory(producer=bad, name="东头塘", region=region, area_mu=12)
    ground = newer(contact_name="陈阿妹")
    PlotFactory(producer=ground, name="东头塘", region=region, area_mu=12)
    assert {new for _old, new in pairs()} == {both.pk, ground.pk}


def test_the_same_owners_account_is_found_for_a_closed_file():
    closed = ProducerFactory(status="closed")
    same = newer()
    owner = UserFactory(role=Role.PRODUCER)
    for producer in (closed, same):
        MembershipFactory(user=owner, producer=producer)
    assert set(pairs()) == {(closed.pk, same.pk)}


def test_earlier_files_good_grades_and_shared_numbers_are_not_brought_up(bad):
    newer(phone_hash="p1", registered_on=datetime.date(2019, 1, 1))
    newer(phone_hash="p1", registered_on=datetime.date(2020, 6, 1))
    good = ProducerFactory(phone_hash="p2", region="440823100")
    Standing.objects.create(
        producer=good, official_grade="B", official_run=Standing.objects.get().official_run
    )
    newer(phone_hash="p2")
    assert pairs() == {}
    for _ in range(21):
        newer(phone_hash="p1")
    assert pairs() == {}


def test_two_people_confirm_and_the_adverse_history_follows(bad):
    same = newer(phone_hash="p1")
    ledger.post([draft(producer=bad, uid="bad", kind="sampling.tested", outcome="fail")])
    row = pairs()[bad.pk, same.pk]
    one, two = UserFactory(), UserFactory()
    with pytest.raises(ValidationError, match="现为：待核实"):
        reregistrations.confirm(row=row, reason="同一人", actor=two)
    with pytest.raises(ValidationError, match="请填写理由"):
        reregistrations.propose(row=row, reason=" ", actor=one)
    reregistrations.propose(row=row, reason="同一经营者，同一塘", actor=one)
    with pytest.raises(ValidationError, match="提出人以外"):
        reregistrations.confirm(row=row, reason="同意", actor=one)
    assert Producer.objects.get(pk=bad.pk).status == "active"
    done = reregistrations.confirm(row=row, reason="现场核实", actor=two)
    assert (done.state, done.old_status) == ("confirmed", "active")
    assert Producer.objects.known_as(same.pk) == [same.pk, bad.pk]
    assert CreditEvent.objects.get(uid="bad").producer_id == bad.pk
    assert AuditLine.objects.filter(verb="reregistration.confirmed", actor=two).exists()
    assert set(pairs()) == {(bad.pk, same.pk)}


def test_undoing_gives_a_closed_file_its_status_back():
    closed, same = ProducerFactory(status="closed", phone_hash="p1"), newer(phone_hash="p1")
    row = pairs()[closed.pk, same.pk]
    reregistrations.propose(row=row, reason="同一人", actor=UserFactory())
    reregistrations.confirm(row=row, reason="同意", actor=UserFactory())
    reregistrations.reopen(row=row, reason="认错了", actor=UserFactory())
    closed.refresh_from_db()
    assert (closed.status, closed.merged_into_id) == ("closed", None)
    row.refresh_from_db()
    assert (row.state, row.old_status, row.proposed_by) == ("found", "", None)


def test_not_the_same_is_remembered_until_it_is_taken_back(bad):
    same = newer(phone_hash="p1")
    row = pairs()[bad.pk, same.pk]
    reregistrations.tell_apart(row=row, reason="父子分家经营", actor=UserFactory())
    assert pairs()[bad.pk, same.pk].state == "distinct"
    with pytest.raises(ValidationError, match="已办理，现为：不是同一经营者"):
        reregistrations.propose(row=row, reason="同一人", actor=UserFactory())
    reregistrations.reopen(row=row, reason="再核实", actor=UserFactory())
    Producer.objects.filter(pk=same.pk).update(phone_hash="changed")
    assert pairs() == {}


def test_the_desk_shows_both_files_and_keeps_to_the_own_region(client, bad):
    same = newer(phone_hash="p1", contact_name="陈阿妹")
    ledger.post([draft(producer=bad, uid="bad", kind="sampling.tested", outcome="fail")])
    row = pairs()[bad.pk, same.pk]
    desk = enter(client, UserFactory())
    page = desk.get(reverse("admin:rating_reregistration_change", args=[row.pk])).content.decode()
    assert "监督抽查结果" in page
    assert reverse("office-producer", args=[bad.pk]) in page
    act = reverse("admin:rating_reregistration_act", args=[row.pk, "propose"])
    assert desk.post(act, {"reason": "同一经营者"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "proposed"
    assert desk.post(reverse("admin:rating_reregistration_find"), {"act": "find"}).status_code == 302
    RegionFactory(code="440825")
    Producer.objects.filter(pk=same.pk).update(region="440825")
    assert desk.get(reverse("admin:rating_reregistration_change", args=[row.pk])).status_code == 302


def test_one_person_behind_both_files_is_found(bad):
    same, stranger = newer(), newer()
    for producer, mark in ((bad, "m1"), (same, "m1"), (stranger, "m2")):
        Identity.objects.create(
            producer=producer, kind="identity", relation="legal", number="x", number_hash=mark, shown="x"
        )
    assert pairs()[bad.pk, same.pk].signs == ["principal"]
    assert set(pairs()) == {(bad.pk, same.pk)}
