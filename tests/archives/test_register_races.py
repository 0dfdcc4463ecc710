"""Two at once: the same record sent twice, a use beside a harvest, two merges that would close a loop."""

import datetime
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import close_old_connections, connections

from archives.models import CreditEvent, Harvest, InputUse, Producer
from archives.services.producers import register
from archives.services.records import record_harvest, record_use
from archives.services.status import merge
from tests.factories.archives import ProducerFactory, ProducerProductFactory, RegionFactory

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.date(2026, 10, 1)


def together(*acts):
    """Run them at the same moment, each on its own connection; return results or refusals."""
    barrier = Barrier(len(acts))

    def run(act):
        close_old_connections()
        barrier.wait()
        try:
            return act()
        except ValidationError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def farm():
    producer = ProducerFactory()
    producer.bean = ProducerProductFactory(producer=producer).product
    return producer


def harvest(farm, **fields):
    return record_harvest(
        producer=farm, product=farm.bean, quantity=Decimal(1), unit="公斤",
        **{"occurred_on": DAY, **fields},
    )  # fmt: skip


def test_the_same_record_sent_twice_at_once_is_one_record(farm):
    uid = uuid.uuid4()
    rows = together(*[lambda: harvest(farm, uid=uid)] * 4)
    assert {row.pk for row in rows} == {Harvest.objects.get().pk}
    assert CreditEvent.objects.filter(uid__startswith=f"{uid}:").count() == 6


def test_one_batch_number_at_once_is_given_once(farm):
    rows = together(*[lambda: harvest(farm, batch="A")] * 3)
    assert sorted(isinstance(row, ValidationError) for row in rows) == [False, True, True]
    assert Harvest.objects.count() == 1


def test_a_use_and_a_harvest_at_once_never_pass_each_other(farm):
    def use():
        return record_use(
            producer=farm, product=farm.bean, occurred_on=DAY, kind="pesticide", name="阿维菌素",
            quantity=Decimal(1), unit="瓶", interval_days=7,
        )  # fmt: skip

    together(use, lambda: harvest(farm, occurred_on=DAY + datetime.timedelta(days=3), reason="抢收"))
    assert InputUse.objects.count() == 1
    assert Harvest.objects.get().interval_kept is False


def test_two_merges_that_would_close_a_loop_are_one_merge():
    first, second = ProducerFactory(), ProducerFactory()
    results = together(
        lambda: merge(producer=first, into=second, reason="重复"),
        lambda: merge(producer=second, into=first, reason="重复"),
    )
    assert sum(isinstance(result, ValidationError) for result in results) == 1
    assert Producer.objects.filter(status="merged").count() == 1


def test_one_credit_code_at_once_is_registered_once():
    RegionFactory()
    fields = {
        "name": "测试合作社", "kind": "cooperative", "nature": "legal_person", "region": "440823",
        "credit_code": "93440823542870721H",
    }  # fmt: skip
    results = together(*[lambda: register(**fields)] * 3)
    refusals = [result for result in results if isinstance(result, ValidationError)]
    assert [refusal.message_dict for refusal in refusals] == [
        {"credit_code": ["已有主体使用这个统一社会信用代码。"]}
    ] * 2
    assert Producer.objects.count() == 1
