"""What may become a record, and what becomes of it: once only, refused whole, reversed, many at once."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import CreditEvent, Harvest, InputUse
from archives.services.records import (
    HarvestDraft,
    RecordsRefused,
    record_many,
    record_sale,
    record_self_test,
    reverse_record,
)
from archives.services.status import change_status, merge
from archives.tasks import settle_disposals_daily
from tests.archives.recording import (
    _noon,
    day,
    events,
    farm,
    harvest,
    purchase,
    refused,
    use,
)
from tests.factories.accounts import UserFactory
from tests.factories.archives import PlotFactory, ProducerFactory, ProducerProductFactory, ProductFactory

__all__ = ["_noon", "farm", "harvest", "purchase", "use"]
pytestmark = pytest.mark.django_db


def test_the_same_uid_is_the_same_record_and_other_content_a_conflict(harvest):
    uid = uuid.uuid4()
    first = harvest(1, uid=uid)
    count = CreditEvent.objects.count()
    assert harvest(1, uid=uid, quantity=Decimal("120.500")) == first
    assert CreditEvent.objects.count() == count
    with pytest.raises(RecordsRefused) as error:
        harvest(1, uid=uid, quantity=Decimal(7))
    assert error.value.is_conflict
    assert "已有内容不同的记录" in refused(error)["uid"]
    assert Harvest.objects.get().quantity == Decimal("120.5")


def test_all_faults_of_a_record_are_said_at_once(farm, use):
    stranger = ProducerFactory()
    with pytest.raises(RecordsRefused) as error:
        use(
            occurred_on=day(30),
            product=ProductFactory(),
            plot=PlotFactory(producer=stranger),
            purchase=uuid.uuid4(),
            quantity=Decimal(0),
            unit=" ",
            name="x" * 81,
            interval_days=None,
            stopped_on=day(29),
        )
    assert set(refused(error)) == {
        "occurred_on", "product", "plot", "purchase", "quantity", "unit", "name", "interval_days",
        "stopped_on",
    }  # fmt: skip
    assert not InputUse.objects.exists()
    assert not CreditEvent.objects.exists()


def test_a_phones_clock_may_run_one_day_ahead(harvest):
    assert harvest(19).pk
    with pytest.raises(RecordsRefused) as error:
        harvest(20)
    assert refused(error) == {"occurred_on": "日期不能晚于今天。"}


def test_closed_and_merged_producers_take_no_records(farm, harvest):
    change_status(producer=farm, status="closed", reason="注销")
    with pytest.raises(RecordsRefused) as error:
        harvest(1)
    assert refused(error) == {"producer": "该主体已注销，不能再记录。"}
    change_status(producer=farm, status="active", reason="恢复")
    merge(producer=farm, into=ProducerFactory(), reason="重复")
    with pytest.raises(RecordsRefused) as error:
        harvest(1)
    assert refused(error) == {"producer": "该主体已合并，请记在合并后的主体名下。"}


def test_a_record_of_anothers_batch_or_product_is_refused(farm, harvest):
    batch = harvest(5)
    other = ProductFactory()
    ProducerProductFactory(producer=farm, product=other)
    sale = {"producer": farm, "quantity": Decimal(1), "unit": "公斤"}
    with pytest.raises(RecordsRefused) as error:
        record_sale(occurred_on=day(6), product=other, harvest=batch, **sale)
    assert refused(error) == {"harvest": "这个批次是另一种产品。"}
    with pytest.raises(RecordsRefused) as error:
        record_sale(occurred_on=day(4), product=farm.bean, harvest=batch, **sale)
    assert refused(error) == {"occurred_on": "日期早于所关联记录的日期2026年11月7日。"}


def test_a_batch_number_is_used_once(harvest):
    first = harvest(1, batch="A-1")
    with pytest.raises(RecordsRefused) as error:
        harvest(2, batch="A-1")
    assert refused(error) == {"batch": "批次号“A-1”已经用过。"}
    reverse_record(row=first, reason="重记")
    assert harvest(2, batch="A-1").batch == "A-1"


def test_reversing_marks_the_record_and_takes_its_events_back(farm, harvest):
    officer = UserFactory()
    batch = harvest(1)
    reverse_record(row=batch, reason="数量记错", actor=officer)
    batch.refresh_from_db()
    assert (batch.status, batch.reverse_reason, batch.reversed_by) == ("reversed", "数量记错", officer)
    assert events(batch) == {}
    assert CreditEvent.objects.filter(reverses__isnull=False).count() == 6
    assert AuditLine.objects.get(verb="record.reversed").facts["reason"] == "数量记错"
    with pytest.raises(ValidationError, match="已经撤销"):
        reverse_record(row=batch, reason="再来")
    with pytest.raises(ValidationError):
        reverse_record(row=harvest(2), reason=" ")


def test_a_record_that_others_build_on_is_not_reversed(farm, purchase, use, harvest):
    use(purchase=purchase)
    with pytest.raises(ValidationError, match="请先撤销用药记录"):
        reverse_record(row=purchase, reason="x")
    batch = harvest(9)
    record_sale(
        producer=farm, occurred_on=day(9), product=farm.bean, harvest=batch, quantity=Decimal(1), unit="斤"
    )
    with pytest.raises(ValidationError, match="已有销售或检测记录"):
        reverse_record(row=batch, reason="x")
    assert events(batch)["harvest.recorded"] == ("pass", None)


def drafts(farm, count):
    return [
        HarvestDraft(
            uid=uuid.UUID(int=n + 1),
            producer_id=farm.pk,
            occurred_on=day(n % 15),
            product_id=farm.bean.pk,
            plot_id=farm.plot.pk,
            quantity=Decimal(n + 1),
            unit="公斤",
            entered_at=datetime.datetime(2026, 11, 19, 4, tzinfo=datetime.UTC),
        )
        for n in range(count)
    ]


def test_many_are_entered_in_a_fixed_number_of_queries(farm, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        entered = record_many("harvest", drafts(farm, 300))
    assert (len(entered.rows), entered.existing) == (300, 0)
    assert CreditEvent.objects.count() == 300 * 6 + 1
    assert AuditLine.objects.filter(verb="record.entered").count() == 1
    again = record_many("harvest", drafts(farm, 301))
    assert (len(again.rows), again.existing) == (301, 300)
    assert Harvest.objects.count() == 301


def test_one_fault_among_many_keeps_all_out_and_says_which(farm):
    given = drafts(farm, 3)
    bad = [given[0], HarvestDraft(**{**_as_dict(given[1]), "quantity": Decimal(-1)}), given[0]]
    with pytest.raises(RecordsRefused) as error:
        record_many("harvest", bad)
    assert [(f.index, f.field) for f in error.value.faults] == [(1, "quantity"), (0, "uid"), (2, "uid")]
    assert not Harvest.objects.exists()


def _as_dict(draft):
    from dataclasses import asdict

    return asdict(draft)


def test_a_record_is_entered_in_few_queries(farm, harvest, django_assert_max_num_queries):
    with django_assert_max_num_queries(26):
        harvest(1)


def test_the_nightly_job_settles_what_is_overdue(farm):
    test = record_self_test(
        producer=farm, occurred_on=day(-20), product=farm.bean, method="rapid", passed=False
    )
    settle_disposals_daily()
    assert "archives.settle_disposals" in {job.kind for job in run_all_jobs()}
    assert events(test)["disposal.due"] == ("fail", None)
