"""Verification: what is put up, who may not decide, bulk confirmation and its undo, returning, reversing."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock
from archives.models import CreditEvent, Harvest, RecordReview, ReviewSubstitute
from archives.services.records import HarvestDraft, record_harvest, record_many, record_use, reverse_record
from archives.services.reviews import deciding, substitutes
from tests.archives.test_register_races import together
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory, ProducerFactory, ProducerProductFactory, RegionFactory
from tests.factories.records import RecordReviewFactory

pytestmark = pytest.mark.django_db
TOWN, NEIGHBOUR = "440823100", "440823101"


@pytest.fixture
def farm():
    RegionFactory(code=TOWN)
    producer = ProducerFactory(region="440823100201")
    producer.bean = ProducerProductFactory(producer=producer).product
    return producer


@pytest.fixture
def officer():
    return UserFactory(role=Role.TOWNSHIP_SUPERVISOR, name="吴镇巡")


@pytest.fixture
def other():
    return UserFactory(role=Role.COUNTY_OFFICER, name="黄县农")


def harvest(farm, ago=0, **fields):
    day = clock.today() - datetime.timedelta(days=ago)
    given = {"quantity": 10, "unit": "公斤", "product": farm.bean, "uid": uuid.uuid4(), **fields}
    return record_harvest(producer=farm, occurred_on=day, **given)


def flags():
    return {str(row.uid): row.flags for row in RecordReview.objects.all()}


def late(farm, **fields):
    return RecordReview.objects.get(uid=harvest(farm, ago=10, **fields).uid)


def test_an_ordinary_record_is_not_put_up(farm):
    harvest(farm, ago=7)
    assert flags() == {}


def test_late_repeated_and_corrected_records_are_put_up_with_what_was_seen(farm):
    slow = harvest(farm, ago=8)
    assert flags() == {str(slow.uid): ["late"]}
    assert RecordReview.objects.get().reasons == [("补录较晚", "发生后8天才录入")]
    twice = [harvest(farm, ago=1), harvest(farm, ago=1)]
    assert flags()[str(twice[1].uid)] == ["duplicate"]
    assert str(twice[0].uid) not in flags()
    wrong = harvest(farm, ago=2, quantity=1000)
    reverse_record(row=wrong, reason="多写了两个零")
    right = harvest(farm, ago=2, quantity=11)
    assert flags()[str(right.uid)] == ["correction"]


def test_an_early_harvest_and_a_use_out_of_scope_are_unusual(farm):
    use = record_use(
        producer=farm, occurred_on=clock.today(), kind="pesticide", name="阿维菌素", product=farm.bean,
        quantity=1, unit="瓶", interval_days=7, on_label=False,
    )  # fmt: skip
    early = harvest(farm, reason="台风前抢收")
    assert flags() == {str(use.uid): ["unusual"], str(early.uid): ["unusual"]}


def test_a_burst_is_put_up_and_a_load_of_the_past_is_not(farm):
    day = clock.today() - datetime.timedelta(days=1)
    drafts = [
        HarvestDraft(
            producer_id=farm.pk, occurred_on=day, product_id=farm.bean.pk, quantity=Decimal(n), unit="公斤"
        )
        for n in range(1, 22)
    ]
    record_many("harvest", drafts)
    assert set(map(tuple, flags().values())) == {("burst",)}
    RecordReview.objects.all().delete()
    old = clock.now() - datetime.timedelta(days=200)
    draft = HarvestDraft(
        producer_id=farm.pk, occurred_on=old.date() - datetime.timedelta(days=40), entered_at=old,
        product_id=farm.bean.pk, quantity=Decimal(5), unit="公斤",
    )  # fmt: skip
    record_many("harvest", [draft])
    assert flags() == {}


def test_confirming_in_bulk_and_taking_it_back(farm, officer):
    rows = [late(farm), late(farm, quantity=20)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        done = deciding.confirm(reviews=[row.pk for row in rows], actor=officer)
    assert (done.count, done.own, done.decided) == (2, 0, 0)
    assert len(queries) <= 6
    assert set(RecordReview.objects.values_list("state", "decided_by__name")) == {("confirmed", "吴镇巡")}
    assert deciding.undo(act=done.act, actor=officer) == 2
    assert set(RecordReview.objects.values_list("state", "decided_by")) == {("open", None)}
    verbs = AuditLine.objects.filter(verb__startswith="reviews.").order_by("pk")
    assert [line.verb for line in verbs] == ["reviews.confirmed", "reviews.undone"]


def test_it_cannot_be_taken_back_by_another_or_late(farm, officer, other, monkeypatch):
    done = deciding.confirm(reviews=[late(farm).pk], actor=officer)
    with pytest.raises(ValidationError, match="30分钟内撤回自己的"):
        deciding.undo(act=done.act, actor=other)
    moment = clock.now() + datetime.timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: moment)
    with pytest.raises(ValidationError, match="30分钟内"):
        deciding.undo(act=done.act, actor=officer)
    assert RecordReview.objects.get().state == "confirmed"


def test_four_eyes_who_entered_answered_or_helps_does_not_verify(farm, officer, other):
    entered = late(farm, actor=officer)
    with pytest.raises(ValidationError, match="须由他人核实"):
        deciding.confirm(reviews=[entered.pk], actor=officer)
    with pytest.raises(ValidationError, match="须由他人核实"):
        deciding.send_back(review=entered, reason="x", actor=officer)
    helped = ProducerFactory(region="440823100201")
    helped.bean = farm.bean
    ProducerProductFactory(producer=helped, product=farm.bean)
    MembershipFactory(producer=helped, user=officer, role="helper")
    member_of = late(helped)
    mixed = deciding.confirm(reviews=[entered.pk, member_of.pk, late(farm, quantity=3).pk], actor=officer)
    assert (mixed.count, mixed.own) == (1, 2)
    assert deciding.confirm(reviews=[entered.pk, member_of.pk], actor=other).count == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        RecordReview.objects.filter(pk=entered.pk).update(decided_by=officer)


def test_a_township_with_one_officer_is_helped_by_its_neighbour(farm, officer, other):
    entered = late(farm, actor=officer)
    neighbour = UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code=NEIGHBOUR, name="邻镇")
    assert not RecordReview.objects.visible_to(neighbour).exists()
    today = clock.today()
    town = RegionFactory(code=TOWN)
    arrangement = substitutes.assign(
        region=town, user=neighbour, valid_from=today, valid_until=today, reason="只有一名监管员", actor=other
    )
    assert RecordReview.objects.visible_to(neighbour).get() == entered
    assert deciding.confirm(reviews=[entered.pk], actor=neighbour).count == 1
    substitutes.end(substitute=arrangement, reason="已调入一人", actor=other)
    assert not RecordReview.objects.visible_to(neighbour).exists()
    assert RecordReview.objects.visible_to(other).count() == 1


def test_arrangements_that_make_no_sense_are_refused(officer, other):
    town, today = RegionFactory(code=TOWN), clock.today()
    far = UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code="440825100")
    near = UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code=NEIGHBOUR)
    common = {"region": town, "valid_from": today, "valid_until": today, "reason": "缺人", "actor": other}
    for sentence, wrong in {
        "只能按乡镇": {"user": near, "region": RegionFactory(code="440823")},
        "乡镇监管员账号": {"user": other},
        "同一县": {"user": far},
        "其他乡镇": {"user": officer},
        "不早于今天": {"user": near, "valid_until": today - datetime.timedelta(days=1)},
        "填写理由": {"user": near, "reason": " "},
    }.items():
        with pytest.raises(ValidationError, match=sentence):
            substitutes.assign(**{**common, **wrong})
    substitutes.assign(user=near, **common)
    with pytest.raises(ValidationError, match="已经代核"):
        substitutes.assign(user=near, **common)
    assert ReviewSubstitute.objects.count() == 1


def test_returned_answered_and_confirmed(farm, officer):
    review = late(farm)
    with pytest.raises(ValidationError, match="请填写理由"):
        deciding.send_back(review=review, reason=" ", actor=officer)
    deciding.send_back(review=review, reason="数量与票据不符", actor=officer)
    with pytest.raises(ValidationError, match="吴镇巡已处理这条记录，现为：已退回"):
        deciding.confirm(reviews=[review.pk], actor=officer)
    owner = UserFactory(role=Role.PRODUCER)
    with pytest.raises(ValidationError, match="请写明情况"):
        deciding.answer(review=review, text="", actor=owner)
    deciding.answer(review=review, text="票据另有一张", actor=owner)
    with pytest.raises(ValidationError, match="不需要说明"):
        deciding.answer(review=review, text="再说一次", actor=owner)
    assert deciding.confirm(reviews=[review.pk], actor=officer).count == 1


def test_reversing_takes_the_record_and_its_events_back(farm, officer):
    review = late(farm)
    deciding.reverse(review=review, reason="查无此事", actor=officer)
    review.refresh_from_db()
    assert (review.state, review.reason, review.decided_by) == ("reversed", "查无此事", officer)
    assert Harvest.objects.get().status == "reversed"
    events = CreditEvent.objects.filter(producer=farm)
    assert events.filter(reverses__isnull=False).count() * 2 == events.exclude(kind=41).count()
    with pytest.raises(ValidationError, match="现为：已撤销"):
        deciding.reverse(review=review, reason="再来", actor=officer)


def test_a_record_its_producer_takes_back_needs_no_verification(farm):
    review = late(farm)
    reverse_record(row=Harvest.objects.get(), reason="记错")
    review.refresh_from_db()
    assert (review.state, review.reason) == ("reversed", "记错")


@pytest.mark.django_db(transaction=True)
def test_two_verifiers_at_once():
    review, officers = RecordReviewFactory(), (UserFactory(), UserFactory())
    results = together(
        *(lambda who=who: deciding.confirm(reviews=[review.pk], actor=who) for who in officers)
    )
    (refusal,) = [result for result in results if isinstance(result, ValidationError)]
    assert refusal.messages == [f"{RecordReview.objects.get().decided_by.name}已处理这条记录，现为：已核实。"]


@pytest.mark.django_db(transaction=True)
def test_reversing_beside_the_producers_own_reversal():
    farm = ProducerFactory(region="440823100201")
    farm.bean = ProducerProductFactory(producer=farm).product
    review, officer = late(farm), UserFactory()
    row = Harvest.objects.get()
    results = together(
        lambda: deciding.reverse(review=review, reason="查无此事", actor=officer),
        lambda: reverse_record(row=row, reason="记错"),
    )
    assert sum(isinstance(result, ValidationError) for result in results) == 1
    assert RecordReview.objects.get().state == "reversed"
