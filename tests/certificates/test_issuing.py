"""Issuing and voiding: what a certificate says, and when it is refused, with the first allowed day."""

import datetime
import threading
import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import InternalError, connection, transaction

from agricredit.foundation.common.templatetags.formats import near_date
from archives.models import CreditEvent
from archives.services.ledger import EventDraft, post
from certificates.models import Certificate
from certificates.services.issuing import in_kilograms, void
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProducerFactory, ProductFactory
from tests.factories.certificates import issued
from tests.factories.records import HarvestFactory, InputUseFactory

pytestmark = pytest.mark.django_db


def refused(field, act):
    before = Certificate.objects.count(), CreditEvent.objects.count()
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        act()
    assert (Certificate.objects.count(), CreditEvent.objects.count()) == before
    return caught.value.message_dict[field]


def test_says_what_the_ministrys_form_says():
    certificate = issued()
    assert certificate.promise == "未使用禁用农药、兽药及其他化合物；使用的常规农药、兽药残留不超标。"
    assert certificate.basis_labels == ["质量安全控制符合要求"]
    assert certificate.issuer_name == certificate.producer.name
    assert len(certificate.code) == 16


def test_posts_that_it_is_complete_and_kept():
    certificate = issued()
    events = CreditEvent.objects.order_by("id").values_list("uid", "outcome")
    assert list(events) == [(f"checked:{certificate.uid}", 1), (f"retained:{certificate.uid}", 1)]


def test_sent_twice_is_issued_once():
    uid, harvest = uuid.uuid4(), HarvestFactory()
    assert issued(uid=uid, harvest=harvest) == issued(uid=uid, harvest=harvest)
    assert Certificate.objects.count() == 1


def test_the_same_uid_with_another_quantity_is_refused():
    uid, harvest = uuid.uuid4(), HarvestFactory()
    issued(uid=uid, harvest=harvest)
    with pytest.raises(ValidationError, match="内容不同"):
        issued(uid=uid, harvest=harvest, quantity=Decimal(41))


def test_a_running_interval_is_refused_with_the_first_allowed_day():
    harvest = HarvestFactory(occurred_on=datetime.date(2026, 10, 4))
    InputUseFactory(
        producer=harvest.producer, product=harvest.product, occurred_on=datetime.date(2026, 10, 1)
    )
    assert refused("harvest", lambda: issued(harvest=harvest)) == [
        f"阿维菌素还在安全间隔期内，{near_date(datetime.date(2026, 10, 8))}起可采收。"
    ]


def test_the_day_on_which_the_interval_ends_is_allowed():
    harvest = HarvestFactory(occurred_on=datetime.date(2026, 10, 8))
    InputUseFactory(
        producer=harvest.producer, product=harvest.product, occurred_on=datetime.date(2026, 10, 1)
    )
    assert issued(harvest=harvest).status == "issued"


def test_a_banned_input_is_refused_until_half_a_year_later():
    harvest = HarvestFactory(occurred_on=datetime.date(2026, 10, 4))
    post(
        [
            EventDraft(
                uid="b",
                producer_id=harvest.producer_id,
                kind="banned.found",
                occurred_on=datetime.date(2026, 9, 1),
            )
        ]
    )
    (sentence,) = refused("harvest", lambda: issued(harvest=harvest))
    day = near_date(datetime.date(2027, 2, 28))
    assert sentence == f"查出过禁用投入品，{day}前不能开具合格证；请联系乡镇监管人员。"


def test_more_than_was_harvested_asks_for_a_reason():
    harvest = HarvestFactory()
    issued(harvest=harvest, quantity=Decimal(80))
    assert refused("quantity", lambda: issued(harvest=harvest, quantity=Decimal(26))) == [
        "这批采收还可开证 20 公斤；超出请写明原因。"
    ]
    assert (
        issued(harvest=harvest, quantity=Decimal(26), over_quantity_reason="复秤").over_quantity_reason
        == "复秤"
    )


def test_five_percent_over_is_within_tolerance():
    assert issued(quantity=Decimal(105)).quantity == 105


@pytest.mark.parametrize(
    ("bases", "words"),
    [
        ([], "至少选择一项"),
        (["self_promise"], "至少选择一项"),
        (["self_test"], "自行检测"),
        (["entrusted_test"], "委托检测"),
    ],
)
def test_a_basis_without_anything_behind_it_is_refused(bases, words):
    harvest = HarvestFactory()
    assert words in refused("bases", lambda: issued(harvest=harvest, bases=bases))[0]


def test_a_product_outside_the_order_is_refused():
    harvest = HarvestFactory(product=ProductFactory(certificate_required=False, name="稻谷"))
    assert refused("harvest", lambda: issued(harvest=harvest)) == ["稻谷不在合格证开具范围内。"]


def test_a_paused_producer_is_refused():
    harvest = HarvestFactory(producer=ProducerFactory(status="paused"))
    with pytest.raises(ValidationError, match="不在正常经营状态"):
        issued(harvest=harvest)
    assert Certificate.objects.count() == 0


def test_a_natural_persons_certificate_shows_no_grade():
    assert not issued(producer=ProducerFactory(natural=True)).shows_grade


def test_voiding_keeps_it_readable_and_takes_its_events_back():
    certificate = void(certificate=issued(), reason="重量写错", actor=UserFactory())
    assert (certificate.status, certificate.void_reason) == ("void", "重量写错")
    assert CreditEvent.objects.counting().count() == 0


def test_voiding_without_a_reason_or_twice_is_refused():
    certificate = issued()
    assert refused("reason", lambda: void(certificate=certificate, reason=" ", actor=UserFactory())) == [
        "请写明作废原因。"
    ]
    void(certificate=certificate, reason="错", actor=UserFactory())
    with pytest.raises(ValidationError, match="已经作废"):
        void(certificate=certificate, reason="错", actor=UserFactory())


def test_the_database_refuses_to_change_or_delete_an_issued_one():
    certificate = issued()
    for act in (lambda: Certificate.objects.update(quantity=1), certificate.delete):
        with pytest.raises(InternalError), transaction.atomic():
            act()
    assert Certificate.objects.get().quantity == 40


def test_kilograms():
    assert in_kilograms(Decimal("3"), "斤") == Decimal("1.5")
    assert in_kilograms(Decimal("1.2"), "吨") == Decimal(1200)
    assert in_kilograms(Decimal(3), "盒") is None


@pytest.mark.django_db(transaction=True)
def test_many_at_once_cannot_overspend_a_batch():
    harvest, actor, outcomes = HarvestFactory(), UserFactory(), []

    def sell():
        try:
            issued(harvest=harvest, actor=actor)
            outcomes.append("issued")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=sell) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["issued"] * 2 + ["refused"] * 4
