"""Selling without naming a batch while an interval runs: the same rule at page, phone and file."""

from datetime import timedelta
from decimal import Decimal

import pytest

from agricredit.foundation.common import clock
from archives.models import Harvest, Sale
from archives.services.records import record_harvest, record_use
from tests.archives.exchange.files import faults, looked_at
from tests.archives.offline.parcels import item, send
from tests.archives.portal.farm import hidden
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def days_ago(count):
    return clock.today() - timedelta(days=count)


def picked(farm, ago, **more):
    return record_harvest(
        producer=farm.producer, product=farm.product, plot=farm.plot, occurred_on=days_ago(ago),
        quantity=Decimal(100), unit="公斤", **more,
    )  # fmt: skip


def sprayed(farm, ago=1, days=7):
    record_use(
        producer=farm.producer, product=farm.product, plot=farm.plot, occurred_on=days_ago(ago),
        kind="pesticide", name="自配药", manufacturer="某厂", method="喷雾", quantity=1, unit="瓶",
        interval_days=days,
    )  # fmt: skip


def sold(ago=0, **more):
    return {"quantity": "50", "unit": "公斤", "buyer": "市场", "day": days_ago(ago).isoformat(), **more}


def test_the_page_takes_the_only_batch_and_says_so_before_it_is_saved(farm):
    batch = picked(farm, 2)
    sprayed(farm)
    asked = {"harvest": "none", **sold(), "at": "when"}
    html = farm.get("/my/records/new/sale/", **asked)
    assert "这一笔就记在这一批" in html
    assert 'name="reason"' not in html
    saved = farm.client.post("/my/records/new/sale/", {"harvest": "none", **sold()})
    assert Sale.objects.get().harvest == batch
    assert batch.batch in farm.get(saved["Location"])


def test_the_page_asks_which_batch_and_one_answer_later_it_is_saved(farm):
    first, _second = picked(farm, 3), picked(farm, 2)
    sprayed(farm)
    response = farm.client.post("/my/records/new/sale/", {"harvest": "none", **sold()})
    form = response.context["form"]
    assert form.slug == "batch"
    assert "卖的是哪一批？" in form.errors["harvest"][0]
    carried = hidden(response.content.decode())
    response = farm.client.get("/my/records/new/sale/", {**carried, "harvest": str(first.uid)})
    assert response.context["last"]  # all else was answered
    assert 'name="reason"' not in response.content.decode().split("<details")[0]
    farm.client.post("/my/records/new/sale/", {**carried, "harvest": str(first.uid), **sold()})
    assert Sale.objects.get().harvest == first


def test_who_cannot_say_which_batch_finds_where_to_write_why(farm):
    """Also of a day on which the interval ran, though it is over by now."""
    picked(farm, 9), picked(farm, 8)
    sprayed(farm, ago=8, days=7)
    response = farm.client.post("/my/records/new/sale/", {"harvest": "none", **sold(ago=2)})
    carried = hidden(response.content.decode())
    assert response.context["form"].slug == "batch"
    html = farm.get("/my/records/new/sale/", **{**carried, "harvest": "none"})
    assert 'name="reason"' in html.split("<details")[0]
    farm.client.post("/my/records/new/sale/", {**carried, "harvest": "none", **sold(2, reason="混着卖的")})
    assert Sale.objects.get().reason == "混着卖的"


def test_nothing_harvested_in_time_is_stopped_on_the_page_and_in_the_queue(farm):
    sprayed(farm)
    html = farm.get("/my/records/new/sale/", **sold(), at="when")
    assert "没到日子的不能卖" in html
    assert 'name="reason"' in html.split("<details")[0]
    response = farm.client.post("/my/records/new/sale/", sold())
    assert response.context["form"].slug == "when"
    queued = item(farm, "sale", now=clock.now())
    [result] = send(farm, [queued], now=clock.now())
    assert (result["status"], result["faults"][0]["field"]) == ("refused", "reason")
    assert not Sale.objects.exists()
    queued["answers"]["reason"] = "已经卖了"
    assert send(farm, [queued], now=clock.now())[0]["status"] == "sent"


def test_the_queue_says_in_which_batch_a_sale_was_put_down(farm):
    batch = picked(farm, 2)
    sprayed(farm)
    [result] = send(farm, [item(farm, "sale", {"harvest": "none"}, now=clock.now())], now=clock.now())
    assert batch.batch in result["said"]
    picked(farm, 2)
    [result] = send(farm, [item(farm, "sale", {"harvest": "none"}, now=clock.now())], now=clock.now())
    assert [fault["question"] for fault in result["faults"]] == ["batch", "when"]


def test_a_file_is_asked_for_the_batch_in_its_own_columns(farm):
    picked(farm, 3, batch="A-1"), picked(farm, 2, batch="A-2")
    sprayed(farm)
    row = {"producer": farm.producer.key, "occurred_on": clock.today().isoformat(), "product": "长豇豆",
           "quantity": "50", "unit": "公斤", "buyer": "市场"}  # fmt: skip
    said = faults(looked_at("record_sale", UserFactory(), row))
    assert "A-2" in said[2, "harvest"]
    assert "写明原因" in said[2, "reason"]
    assert Harvest.objects.count() == 2
