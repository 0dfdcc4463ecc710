"""The random subset: once a week and township, sized by its setting, and drawn again from its seed."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import Harvest, InputPurchase, RecordReview, ReviewSample, ReviewSetting
from archives.services.records import reverse_record
from archives.services.reviews import sampling
from archives.tasks import draw_reviews_weekly
from tests.archives.test_register_races import together
from tests.factories.archives import ProducerFactory, ProductFactory, RegionFactory
from tests.factories.records import HarvestFactory, InputPurchaseFactory

pytestmark = pytest.mark.django_db
FIRST, LAST = datetime.date(2026, 9, 28), datetime.date(2026, 10, 4)
TOWN, NEXT = "440823100", "440823101"


def records(town=TOWN, count=20):
    RegionFactory(code=town)
    producer = ProducerFactory(region=f"{town}201")
    product = ProductFactory(code="010101")
    HarvestFactory.create_batch(count // 2, producer=producer, product=product)
    InputPurchaseFactory.create_batch(count - count // 2, producer=producer)
    return producer


def draw(region=TOWN):
    return sampling.draw(region=region, first=FIRST, last=LAST)


def test_a_share_between_least_and_most_is_put_up():
    records(count=30)
    (sample,) = draw()
    assert (sample.pool_size, sample.size, RecordReview.objects.count()) == (30, 5, 5)
    assert {tuple(row.flags) for row in RecordReview.objects.all()} == {("sample",)}


def test_the_nearest_setting_holds():
    records(count=20)
    records(NEXT, count=20)
    county, town = RegionFactory(code="440823"), RegionFactory(code=TOWN)
    sampling.configure(region=county, percent=50, least=1, most=50)
    sampling.configure(region=town, percent=100, least=1, most=12)
    assert {sample.region_id: sample.size for sample in draw("440823")} == {TOWN: 12, NEXT: 10}


def test_it_is_drawn_again_from_its_seed():
    producer = records(count=24)
    sampling.configure(region=RegionFactory(code=TOWN), percent=30, least=1, most=50)
    (sample,) = draw()
    chosen = {str(uid) for uid in RecordReview.objects.values_list("uid", flat=True)}
    again = sampling.redraw(sample)
    assert (again.pool_size, again.pool_hash) == (sample.pool_size, sample.pool_hash)
    assert set(again.uids) == chosen
    # What happens afterwards changes nothing about it.
    reverse_record(row=Harvest.objects.first(), reason="记错")
    RecordReview.objects.filter(sample=sample).update(state="confirmed", decided_at=clock.now())
    assert set(sampling.redraw(sample).uids) == chosen
    # A record that was slipped in does.
    InputPurchaseFactory(producer=producer)
    assert sampling.redraw(sample).pool_hash != sample.pool_hash


def test_reversed_flagged_and_later_records_are_not_in_the_pool():
    producer = records(count=10)
    reverse_record(row=InputPurchase.objects.first(), reason="记错")
    late = datetime.datetime(2026, 10, 5, 0, 0, tzinfo=clock.SHANGHAI)
    InputPurchaseFactory(producer=producer, entered_at=late)
    last = datetime.datetime(2026, 10, 4, 23, 59, tzinfo=clock.SHANGHAI)
    InputPurchaseFactory(producer=producer, entered_at=last)
    (sample,) = draw()
    assert sample.pool_size == 10


def test_a_second_draw_of_the_week_draws_nothing():
    records()
    draw()
    before = set(RecordReview.objects.values_list("uid", flat=True))
    assert draw() == []
    assert set(RecordReview.objects.values_list("uid", flat=True)) == before


def test_a_township_without_records_has_no_sample():
    RegionFactory(code=TOWN)
    assert draw() == []
    assert not ReviewSample.objects.exists()


def test_refusals():
    with pytest.raises(ValidationError, match="已经结束"):
        sampling.draw(region=TOWN, first=FIRST, last=clock.today())
    town = RegionFactory(code=TOWN)
    for sentence, given in {
        "1至100": {"percent": 0, "least": 1, "most": 2},
        "最少≤最多": {"percent": 5, "least": 3, "most": 2},
        "不超过500": {"percent": 5, "least": 3, "most": 501},
    }.items():
        with pytest.raises(ValidationError, match=sentence):
            sampling.configure(region=town, **given)
    assert not ReviewSetting.objects.exists()


def test_the_weekly_task_draws_last_week(monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: datetime.date(2026, 10, 7))
    assert sampling.last_week() == (FIRST, LAST)
    records()
    draw_reviews_weekly()
    run_all_jobs()
    assert ReviewSample.objects.get().size == 5


@pytest.mark.django_db(transaction=True)
def test_two_draws_at_once_draw_one_sample():
    records()
    together(draw, draw)
    sample = ReviewSample.objects.get()
    assert RecordReview.objects.filter(sample=sample).count() == RecordReview.objects.count() == sample.size
