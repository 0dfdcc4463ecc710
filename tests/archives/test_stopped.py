"""Before its day nothing is harvested or sold: stopped with the day, taken only with a reason."""

import datetime
from decimal import Decimal

import pytest

from archives.models import CreditEvent, Harvest, RecordReview, Sale
from archives.services.records import HarvestDraft, RecordsRefused, record_batch, record_many, record_sale
from tests.archives.conftest import MONDAY, pick, spray
from tests.factories.archives import PlotFactory, ProducerProductFactory, ProductFactory


def day(count):
    return MONDAY + datetime.timedelta(days=count)


def stopped(error):
    return {fault.field: fault.message for fault in error.value.faults}


def test_a_harvest_before_its_day_is_stopped_and_nothing_is_kept(field):
    spray(field, interval_days=5)
    spray(field, name="另一种药", interval_days=9)
    before = CreditEvent.objects.count()
    with pytest.raises(RecordsRefused) as error:
        pick(field, day(8))
    assert stopped(error)["reason"].startswith("长豇豆 11月11日起才可采收，现在还不能采。")
    assert not Harvest.objects.exists()
    assert CreditEvent.objects.count() == before
    assert pick(field, day(9)).interval_kept


def test_what_has_happened_is_kept_with_its_reason_for_officers_to_see(field):
    spray(field, interval_days=9)
    early = pick(field, day(3), reason="台风前抢收")
    early.refresh_from_db()
    assert not early.interval_kept
    assert early.reason in RecordReview.objects.get(uid=early.uid).notes["unusual"]
    sold = {
        "producer": field,
        "product": field.bean,
        "harvest": early,
        "quantity": Decimal(10),
        "unit": "公斤",
    }
    with pytest.raises(RecordsRefused) as error:
        record_sale(occurred_on=day(4), **sold)
    assert "不能卖" in stopped(error)["reason"]
    assert not Sale.objects.exists()
    sale = record_sale(occurred_on=day(4), reason="卖了才知道", **sold)
    assert "卖了才知道" in RecordReview.objects.get(uid=sale.uid).notes["unusual"]


def test_fish_are_stopped_in_their_own_words(field):
    fish = ProductFactory(code="030104", name="草鱼", category="水产品", sector="aquaculture")
    ProducerProductFactory(producer=field, product=fish)
    spray(field, kind="veterinary_drug", name="恩诺沙星", product=fish, interval_days=None,
          degree_days=400, water_temperature=Decimal(25))  # fmt: skip
    with pytest.raises(RecordsRefused) as error:
        pick(field, day(15), product=fish)
    assert stopped(error)["reason"].startswith("草鱼 11月18日起才可上市，现在还不能出栏、捕捞。")
    assert pick(field, day(16), product=fish).interval_kept


def test_a_load_is_stopped_row_by_row_in_one_question_to_the_database(field, django_assert_max_num_queries):
    other = PlotFactory(producer=field)
    herd = record_batch(producer=field, product=field.bean, occurred_on=MONDAY)
    spray(field, interval_days=9)
    spray(field, name="灌根药", plot=None, production=herd, interval_days=9)

    def draft(count, **more):
        given = {"plot_id": field.plot.pk, **more}
        return HarvestDraft(
            producer_id=field.pk, product_id=field.bean.pk, occurred_on=day(count), quantity=Decimal(5),
            unit="公斤", **given,
        )  # fmt: skip

    load = [
        draft(3), draft(3, reason="抢收"), draft(9), draft(3, plot_id=other.pk, production=herd.uid),
        draft(3, plot_id=None), draft(0), draft(-1),
    ]  # fmt: skip
    with pytest.raises(RecordsRefused) as error:
        record_many("harvest", load)
    assert [(fault.index, fault.field) for fault in error.value.faults] == [
        (0, "reason"), (3, "reason"), (4, "reason"), (5, "reason"),
    ]  # fmt: skip
    with django_assert_max_num_queries(26):
        record_many("harvest", [load[1], load[2], load[6]])
    assert list(Harvest.objects.order_by("occurred_on").values_list("interval_kept", flat=True)) == [
        True, False, True,
    ]  # fmt: skip
