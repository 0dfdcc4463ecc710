"""Expected tests and packaging: posted by the platform, the same however often, corrected by late facts."""

import datetime
from decimal import Decimal

import pytest

from agricredit.foundation.common import clock
from archives.models import CreditEvent, Producer
from archives.services.expected import SOURCE, periods, settle
from archives.services.idle import SIGNS
from archives.services.ledger import EventDraft, post
from archives.services.records import reverse_record
from tests.archives.conftest import buy, pick
from tests.factories.archives import ProducerFactory, ProducerProductFactory, ProductFactory

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 20)


def expected(kind, producer=None):
    """period's last day → value of what counts."""
    rows = CreditEvent.objects.filter(source=SOURCE, reverses=None, reversals=None)
    if producer is not None:
        rows = rows.filter(producer=producer)
    return {row.occurred_on.isoformat(): row.value for row in rows if row.event_kind.name == kind}


@pytest.fixture
def farm(field):
    """Five mu of beans that leave four pieces of packaging a mu and year."""
    field.bean.packages_per_mu = Decimal(4)
    field.bean.save()
    field.products.update(area_mu=30)
    return field


def test_periods_are_over():
    names = [(period.kind, period.name, period.begins.isoformat()) for period in periods(TODAY)]
    assert names == [
        ("test.planned", "2026-H1", "2026-01-01"),
        ("packaging.used", "2026-10", "2026-10-01"),
        ("packaging.used", "2026-09", "2026-09-01"),
        ("packaging.used", "2026-08", "2026-08-01"),
    ]
    new_year = [(period.name, period.ends.isoformat()) for period in periods(datetime.date(2024, 3, 1))]
    assert new_year[0] == ("2023-H2", "2023-12-31")
    assert new_year[1] == ("2024-02", "2024-02-29")


def test_who_declares_nothing_is_expected_to_do_what_its_size_asks(farm):
    assert settle() == 4
    assert expected("test.planned") == {"2026-06-30": 100}
    assert expected("packaging.used") == {"2026-10-31": 1000, "2026-09-30": 1000, "2026-08-31": 1000}
    assert settle() == 0


def test_recorded_purchases_count_where_they_are_more(farm):
    buy(farm, datetime.date(2026, 10, 5), quantity=Decimal("24.5"))
    buy(farm, datetime.date(2026, 10, 6), quantity=Decimal(3), unit="公斤")
    buy(farm, datetime.date(2026, 9, 6), quantity=Decimal(2))
    buy(farm, datetime.date(2026, 10, 7), quantity=Decimal(500), kind="fertiliser", name="复合肥")
    settle()
    assert expected("packaging.used")["2026-10-31"] == 2600
    assert expected("packaging.used")["2026-09-30"] == 1000


def test_a_late_purchase_and_its_reversal_correct_what_was_expected(farm):
    settle()
    late = buy(farm, datetime.date(2026, 10, 5), quantity=Decimal(40))
    assert settle() == 2  # one reversed, one posted
    assert expected("packaging.used")["2026-10-31"] == 4000
    reverse_record(row=late, reason="记错")
    settle()
    assert expected("packaging.used")["2026-10-31"] == 1000
    assert settle() == 0


def test_a_half_year_with_harvests_has_its_tests_planned_by_them(farm):
    settle()
    pick(farm, datetime.date(2026, 5, 5))
    settle()
    assert expected("test.planned") == {}
    planned = CreditEvent.objects.filter(uid="test.planned:FIELD:010101:2026-05")
    assert planned.count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"status": "paused"}, {"status": "closed"}, {"registered_on": TODAY}],
)
def test_of_those_who_did_not_work_all_the_time_nothing_is_expected(farm, changes):
    Producer.objects.filter(pk=farm.pk).update(**changes)
    assert settle() == 0


def test_smallholders_answer_for_what_they_bought_and_the_organic_for_no_estimate(farm):
    small = ProducerFactory(natural=True)
    ProducerProductFactory(producer=small, product=farm.bean, area_mu=100)
    post(
        [
            EventDraft(
                uid="organic", producer_id=farm.pk, kind="certification.granted", value=300,
                occurred_on=datetime.date(2026, 1, 1), source="test",
            )
        ]
    )  # fmt: skip
    settle()
    assert expected("packaging.used") == {}
    buy(farm, datetime.date(2026, 10, 5), quantity=Decimal(3))
    settle()
    assert expected("packaging.used", farm) == {"2026-10-31": 300}
    assert expected("test.planned", small) == {}


def test_what_the_platform_expects_is_no_sign_of_work(farm):
    kinds = {row.kind for row in CreditEvent.objects.filter(source=SOURCE)}
    settle()
    kinds = {row.kind for row in CreditEvent.objects.filter(source=SOURCE)}
    assert kinds
    assert kinds.isdisjoint(SIGNS)


def test_it_costs_the_same_for_many(farm, django_assert_max_num_queries):
    for _ in range(20):
        ProducerProductFactory(product=farm.bean, area_mu=10)
    ProductFactory()
    with django_assert_max_num_queries(40):
        assert settle(on=clock.today()) == 84
