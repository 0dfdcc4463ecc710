"""Traps of selling: the back button, more than a field bears, whole batches, several inputs, leap days."""

import datetime
from decimal import Decimal

import pytest

from agricredit.foundation.common.templatetags.formats import near_date
from archives.models import Harvest, Sale
from archives.services.records import record_batch, record_harvest, record_use
from certificates.models import Certificate
from certificates.services.obstacles import obstacles
from tests.archives.portal.farm import make_farm
from tests.certificates.selling import sale
from tests.factories.archives import PlotFactory, ProducerProductFactory, ProductFactory

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2028, 2, 20, 10, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    for name in ("agricredit.foundation.common.clock.now", "certificates.services.issuing.now"):
        monkeypatch.setattr(name, lambda: NOW)


@pytest.fixture
def farm():
    return make_farm()


def use(farm, days, plot=None, **fields):
    given = {"product": farm.product, "kind": "pesticide", "name": "阿维菌素", "unit": "瓶", **fields}
    return record_use(
        producer=farm.producer,
        occurred_on=TODAY,
        plot=plot,
        quantity=Decimal(1),
        interval_days=days,
        **given,
    )


def new(farm, plot=None):
    return f"/my/certificates/sell/new/?product={farm.product.pk}&plot={(plot or farm.plot).pk}"


def test_several_inputs_on_several_plots_each_hold_back_their_own_until_a_leap_day(farm):
    other = PlotFactory(producer=farm.producer, name="5号地")
    use(farm, 7, farm.plot, name="阿维菌素")
    use(farm, 9, farm.plot, name="吡虫啉")
    use(farm, 10, other, name="啶虫脒")
    said = {
        plot: [str(one.sentence) for one in obstacles(
            producer=farm.producer, product=farm.product, plot=plot, harvested_on=TODAY)]
        for plot in (farm.plot, other)
    }  # fmt: skip
    assert said == {
        farm.plot: ["吡虫啉还在安全间隔期内，2月29日起可采收。"],
        other: ["啶虫脒还在安全间隔期内，3月1日起可采收。"],
    }
    use(farm, 15, None, name="灭蝇胺")  # named no plot: it concerns them all
    assert "灭蝇胺还在安全间隔期内，3月6日起可采收。" in farm.get(new(farm))
    assert farm.client.post(new(farm, other), sale()).status_code == 200
    assert Harvest.objects.count() == Certificate.objects.count() == 0


def test_a_day_of_another_year_is_said_with_its_year(farm):
    assert near_date(datetime.date(2028, 2, 29)) == "2月29日"
    use(farm, 320, farm.plot)
    assert "2029年1月5日起可采收" in farm.get(new(farm))


def test_animals_wait_for_their_withdrawal_and_go_to_market(farm):
    hens = ProductFactory(code="020102", name="肉鸡", category="畜禽", sector="livestock", animal="鸡")
    eggs = ProductFactory(code="020201", name="鸡蛋", category="禽蛋", sector="livestock", animal="鸡")
    for product in (hens, eggs):
        ProducerProductFactory(producer=farm.producer, product=product)
    use(farm, 7, product=eggs, kind="veterinary_drug", name="氟苯尼考", meat_days=28)
    farm.producer.products.exclude(product=hens).delete()
    html = farm.get(f"/my/certificates/sell/new/?product={hens.pk}&plot=none")
    assert "氟苯尼考还在休药期内，3月19日起可上市。" in html


def test_another_production_batch_holds_nothing_back(farm):
    shared = {"producer": farm.producer, "product": farm.product}
    first, second = (
        record_batch(occurred_on=TODAY - datetime.timedelta(days=60), plots=[], number=name, **shared)
        for name in "甲乙"
    )
    use(farm, 9, production=first)
    picked = record_harvest(
        occurred_on=TODAY, production=second, quantity=Decimal(50), unit="公斤", plot=None, **shared
    )
    path = f"/my/certificates/sell/{picked.uid}/"
    assert "现在不能卖" not in farm.get(path)
    assert farm.client.post(path, sale()).status_code == 302


def test_the_same_once_more_after_the_back_button_asks_first(farm):
    farm.client.post(new(farm), sale())
    response = farm.client.post(new(farm), sale())
    assert "几分钟前刚开过一张同样的证（长豇豆 40 公斤）" in response.content.decode()
    assert Certificate.objects.count() == Harvest.objects.count() == 1
    assert response.context["form"]["once_more"].value() == "1"
    assert farm.client.post(new(farm), sale(once_more="1")).status_code == 302
    assert farm.client.post(new(farm), sale(quantity="41")).status_code == 302
    assert Certificate.objects.count() == Sale.objects.count() == 3


def test_more_than_the_field_bears_asks_for_a_reason_where_it_can_be_given(farm):
    farm.product.yield_kg_per_mu = 1000
    farm.product.save()
    farm.plot.area_mu = 1
    farm.plot.save()
    response = farm.client.post(new(farm), sale(quantity="1001"))
    form = response.context["form"]
    assert "超过了常规产量" in form.errors["quantity"][0]
    assert not form["over_quantity_reason"].is_hidden
    assert Harvest.objects.count() == 0
    again = sale(quantity="1001", over_quantity_reason="套种两茬")
    assert farm.client.post(new(farm), again).status_code == 302
    assert Harvest.objects.get().reason == "套种两茬"
