"""Intervals over several inputs, plots and batches, with leap days, against a slow and obvious reference."""

import datetime
import uuid
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archives.models import Harvest, InputUse
from archives.services.records import earliest_harvest
from archives.services.records.intervals import broken, harvests_after
from archives.services.records.waiting import earliest
from tests.factories.archives import PlotFactory, ProducerFactory, ProductFactory
from tests.factories.records import HarvestFactory, InputUseFactory, ProductionBatchFactory

LEAP = datetime.date(2024, 2, 20)
PRODUCTS = ("肉鸡", "鸡蛋", "长豇豆")


def test_the_day_of_use_is_not_counted_and_leap_days_are():
    assert earliest(datetime.date(2024, 2, 22), 7) == datetime.date(2024, 2, 29)
    assert earliest(datetime.date(2024, 2, 29), 1) == datetime.date(2024, 3, 1)
    assert earliest(datetime.date(2023, 2, 22), 7) == datetime.date(2023, 3, 1)
    assert earliest(datetime.date(2027, 12, 31), 0) == datetime.date(2027, 12, 31)


@dataclass(frozen=True)
class Use:
    """What happened, in plain numbers; places and batches from 1, 0 is none."""

    begun: int
    lasted: int
    days: int
    plot: int
    batch: int
    product: int
    meat: int | None
    egg: int | None
    reversed: bool


@dataclass(frozen=True)
class Pick:
    """A harvest, likewise."""

    day: int
    plot: int
    batch: int
    product: int


small = st.integers(0, 2)
withdrawal = st.none() | st.integers(0, 30)
uses = st.builds(
    Use,
    begun=st.integers(0, 40),
    lasted=st.integers(0, 4),
    days=st.integers(0, 30),
    plot=small,
    batch=small,
    product=small,
    meat=withdrawal,
    egg=withdrawal,
    reversed=st.booleans(),
)
picks = st.builds(Pick, day=st.integers(0, 50), plot=small, batch=small, product=small)


def same_ground(use, pick):
    if use.plot and pick.plot:
        return use.plot == pick.plot
    return not (use.batch and pick.batch) or use.batch == pick.batch


def until(use, pick):
    """The day, counted from the first, from which this use lets that product go; None: it says nothing."""
    last = use.begun + use.lasted
    if use.product == pick.product:
        return last + use.days
    if {PRODUCTS[use.product], PRODUCTS[pick.product]} != {"肉鸡", "鸡蛋"}:
        return None
    other = use.meat if PRODUCTS[pick.product] == "肉鸡" else use.egg
    return None if other is None else last + other


def slow(all_uses, pick):
    """The first day on which this harvest would have been allowed, None when it was."""
    waits = [
        until(use, pick)
        for use in all_uses
        if not use.reversed and use.begun <= pick.day and same_ground(use, pick)
    ]
    later = [wait for wait in waits if wait is not None and wait > pick.day]
    return LEAP + datetime.timedelta(days=max(later)) if later else None


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(uses, max_size=6), st.lists(picks, min_size=1, max_size=4))
def test_set_based_answers_are_those_of_the_slow_reference(all_uses, all_picks):
    InputUse.objects.all().delete()
    Harvest.objects.all().delete()
    farm, products, plots, batches = ground()
    for use in all_uses:
        last = LEAP + datetime.timedelta(days=use.begun + use.lasted)
        InputUseFactory(
            producer=farm, product=products[use.product], plot=plots[use.plot], production=batches[use.batch],
            occurred_on=LEAP + datetime.timedelta(days=use.begun), stopped_on=last, interval_days=use.days,
            meat_from=None if use.meat is None else earliest(last, use.meat),
            egg_from=None if use.egg is None else earliest(last, use.egg),
            **reversal(use.reversed),
        )  # fmt: skip
    rows = {}
    for pick in all_picks:
        day = LEAP + datetime.timedelta(days=pick.day)
        where = {
            "product": products[pick.product],
            "plot": plots[pick.plot],
            "production": batches[pick.batch],
        }
        assert earliest_harvest(producer=farm, on=day, **where) == slow(all_uses, pick)
        rows[HarvestFactory(producer=farm, occurred_on=day, **where).pk] = pick
    expected = {pk: day for pk, pick in rows.items() if (day := slow(all_uses, pick)) is not None}
    assert broken(rows) == expected
    standing = InputUse.objects.active().values_list("pk", flat=True)
    assert set(harvests_after(list(standing))) == set(expected)


def reversal(done):
    if not done:
        return {}
    moment = datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC)
    return {"status": "reversed", "reversed_at": moment, "reverse_reason": "记错"}


def ground():
    """A farm with two plots, two batches and three products; made once for all examples."""
    farm = ProducerFactory._meta.model.objects.filter(key="GROUND").first()
    if farm is None:
        farm = ProducerFactory(key="GROUND")
        for number in (1, 2):
            PlotFactory(producer=farm, name=f"{number}号")
        bean = ProductFactory(code="010101", name="长豇豆")
        ProductFactory(code="020102", name="肉鸡", category="畜禽", sector="livestock", animal="鸡")
        ProductFactory(code="020201", name="鸡蛋", category="禽蛋", sector="livestock", animal="鸡")
        for number in ("甲", "乙"):
            ProductionBatchFactory(producer=farm, product=bean, number=number, uid=uuid.uuid4())
    plots = [None, *farm.plots.order_by("name")]
    from archives.models import Product, ProductionBatch

    batches = [None, *ProductionBatch.objects.filter(producer=farm).order_by("pk")]
    products = [Product.objects.get(name=name) for name in PRODUCTS]
    return farm, products, plots, batches
