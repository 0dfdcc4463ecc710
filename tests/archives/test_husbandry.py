"""Batches, immunisation, harmless disposal, packing and packaging handed back."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from agricredit.foundation.audit.models import AuditLine
from archives.models import (
    CreditEvent,
    HarmlessDisposal,
    Immunisation,
    PackagingReturn,
    Packing,
    ProductionBatch,
)
from archives.services.records import (
    BatchDraft,
    RecordsRefused,
    earliest_harvest,
    end_batch,
    record_batch,
    record_harmless,
    record_immunisation,
    record_many,
    record_packaging,
    record_packing,
    reverse_record,
)
from tests.archives.conftest import MONDAY, pick, spray
from tests.archives.recording import day, refused
from tests.factories.archives import PlotFactory, ProducerProductFactory, ProductFactory


def posted(row):
    rows = CreditEvent.objects.filter(uid__startswith=f"{row.uid}:", reversals=None, reverses=None)
    return {event.event_kind.name: event.value for event in rows}


def begin(field, **fields):
    given = {"product": field.bean, "plots": [field.plot], "occurred_on": MONDAY}
    return record_batch(producer=field, **{**given, **fields})


def test_a_batch_has_its_plots_and_a_number_of_its_own(field):
    other = PlotFactory(producer=field)
    batch = begin(field, plots=[field.plot, other])
    assert set(batch.plots.all()) == {field.plot, other}
    assert batch.number.startswith("P20261102-")
    assert set(posted(batch)) == {"record.entered", "record.completed", "record.automatic"}


def test_batches_come_in_loads_and_only_once(field):
    drafts = [
        BatchDraft(
            producer_id=field.pk, occurred_on=MONDAY, product_id=field.bean.pk, plot_ids=(field.plot.pk,)
        )
        for _ in range(3)
    ]
    assert record_many("batch", drafts).existing == 0
    assert record_many("batch", drafts).existing == 3
    assert ProductionBatch.plots.through.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"number": "甲"}, "number"),
        ({"occurred_on": datetime.date(2026, 12, 1)}, "occurred_on"),
        ({"quantity": Decimal(0), "unit": "株"}, "quantity"),
        ({"quantity": Decimal(1)}, "unit"),
        ({"variety": "种" * 81}, "variety"),
    ],
)
def test_a_batch_that_cannot_be_is_refused(field, change, named):
    begin(field, number="甲")
    events = CreditEvent.objects.count()
    with pytest.raises(RecordsRefused) as error:
        begin(field, **change)
    assert set(refused(error)) == {named}
    assert (ProductionBatch.objects.count(), CreditEvent.objects.count()) == (1, events)


def test_somebody_elses_plot_is_refused(field):
    with pytest.raises(RecordsRefused) as error:
        begin(field, plots=[PlotFactory()])
    assert refused(error) == {"plots": "该主体没有这个地块。"}


def test_a_record_names_a_batch_of_its_product_while_it_runs(field):
    batch = begin(field, occurred_on=day(2))
    pepper = ProducerProductFactory(producer=field, product=ProductFactory(name="辣椒")).product
    with pytest.raises(RecordsRefused) as error:
        spray(field, day(1), production=batch)
    assert refused(error) == {"occurred_on": "日期早于生产批次的开始日期2026年11月4日。"}
    with pytest.raises(RecordsRefused) as error:
        spray(field, day(3), production=batch, product=pepper)
    assert refused(error) == {"production": "这个生产批次是另一种产品。"}
    use = spray(field, day(3), production=batch)
    assert use.production == batch
    with pytest.raises(ValidationError, match="2026年11月5日还有记录"):
        end_batch(row=batch, on=day(2))
    assert end_batch(row=batch, on=day(5)).ended_on == day(5)
    with pytest.raises(RecordsRefused) as error:
        pick(field, day(6), production=batch, reason="抢收")
    assert refused(error) == {"occurred_on": "日期晚于生产批次的结束日期2026年11月7日。"}
    assert AuditLine.objects.filter(verb="batch.ended").count() == 1
    with pytest.raises(ValidationError, match="已经结束"):
        end_batch(row=batch)


def test_what_was_used_on_one_batch_does_not_hold_back_another(field):
    first, second = begin(field, plots=[]), begin(field, plots=[])
    spray(field, day(1), production=first, plot=None, interval_days=30)
    assert pick(field, day(3), production=second, plot=None).interval_kept
    assert not pick(field, day(3), production=first, plot=None, reason="抢收").interval_kept
    assert earliest_harvest(producer=field, product=field.bean, production=second, on=day(3)) is None


def test_a_batch_that_records_name_stays(field):
    batch = begin(field)
    use = spray(field, day(1), production=batch)
    with pytest.raises(ValidationError, match="属于这个生产批次"):
        reverse_record(row=batch, reason="记错")
    reverse_record(row=use, reason="记错")
    assert reverse_record(row=batch, reason="记错").status == "reversed"


def test_an_immunisation_says_against_what_with_which_vaccine(field):
    given = {"producer": field, "occurred_on": day(1), "product": field.bean, "unit": "头"}
    row = record_immunisation(disease="口蹄疫", vaccine="灭活疫苗", quantity=20, **given)
    assert "record.completed" in posted(row)
    with pytest.raises(RecordsRefused) as error:
        record_immunisation(disease=" ", vaccine="", quantity=0, **given)
    assert set(refused(error)) == {"disease", "vaccine", "quantity"}
    assert Immunisation.objects.count() == 1


def test_a_harmless_disposal_names_who_took_it(field):
    given = {"producer": field, "occurred_on": day(1), "product": field.bean, "quantity": 2, "unit": "头"}
    record_harmless(cause="died", method="buried", **given)
    with pytest.raises(RecordsRefused) as error:
        record_harmless(cause="died", method="collected", **given)
    assert set(refused(error)) == {"handler"}
    with pytest.raises(RecordsRefused) as error:
        record_harmless(cause="x", method="y", **given)
    assert set(refused(error)) == {"cause", "method"}
    assert HarmlessDisposal.objects.count() == 1


def test_a_banned_preservative_is_refused(field):
    batch = pick(field, day(1))
    given = {"producer": field, "product": field.bean, "harvest": batch, "quantity": 50, "unit": "公斤"}
    record_packing(occurred_on=day(1), work="packed", **given)
    with pytest.raises(RecordsRefused) as error:
        record_packing(occurred_on=day(1), work="chilled", agent="溴甲烷", **given)
    assert "自2019年1月1日起禁止使用" in refused(error)["agent"]
    with pytest.raises(RecordsRefused) as error:
        record_packing(occurred_on=MONDAY, work="packed", **given)
    assert set(refused(error)) == {"occurred_on"}
    assert Packing.objects.count() == 1
    with pytest.raises(ValidationError, match="加工包装"):
        reverse_record(row=batch, reason="记错")


def test_packaging_handed_back_counts_in_pieces_and_a_reversal_takes_it_back(field):
    row = record_packaging(producer=field, occurred_on=day(1), pieces=12, collection_point="村回收点")
    assert posted(row)["packaging.returned"] == 1200
    reverse_record(row=row, reason="记错")
    assert posted(row) == {}
    with pytest.raises(RecordsRefused) as error:
        record_packaging(producer=field, occurred_on=day(1), pieces=0, collection_point="")
    assert set(refused(error)) == {"pieces", "collection_point"}
    assert PackagingReturn.objects.active().count() == 0
