"""Batches that follow an operating procedure: what their harvests say, corrected and taken back."""

import datetime
import hashlib
import json
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from archives.models import CreditEvent, ProductionBatch
from archives.services.records import (
    BatchDraft,
    RecordsRefused,
    record_batch,
    reverse_record,
    set_procedure,
)
from archives.services.records.batches import BATCH
from archives.services.records.entry import fingerprint
from tests.archives.conftest import MONDAY, pick
from tests.archives.portal.farm import make_farm
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProcedureFactory, ProductFactory
from tests.factories.records import ProductionBatchFactory

DAY = datetime.timedelta(days=1)


@pytest.fixture
def rules(field):
    return ProcedureFactory(producer=field, title="豇豆操作规程", version="2026")


def begin(field, **fields):
    return record_batch(producer=field, product=field.bean, occurred_on=MONDAY, **fields)


def standing(row):
    """Outcome and note of what the ledger says of a harvest now."""
    events = CreditEvent.objects.filter(uid__startswith=f"{row.uid}:batch.to_standard", reverses=None)
    return list(events.filter(reversals=None).values_list("outcome", "note_row__note"))


PASS, FAIL = CreditEvent.Outcome.PASS, CreditEvent.Outcome.FAIL


def test_a_harvest_of_a_batch_by_procedure_is_to_standard(field, rules, django_assert_max_num_queries):
    batch = begin(field, procedure=rules)
    assert standing(pick(field, MONDAY + DAY, production=batch)) == [(PASS, "豇豆操作规程 2026")]
    assert standing(pick(field, MONDAY + DAY, production=begin(field))) == [(FAIL, None)]
    assert standing(pick(field, MONDAY + DAY, standard="NY/T 5078")) == [(PASS, None)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"producer": None},
        {"in_force_on": MONDAY + DAY},
        {"ended_on": MONDAY, "end_reason": "换版"},
        {"product": None},
    ],
)
def test_a_procedure_that_does_not_cover_the_batch_is_refused(field, wrong):
    given = {"producer": field, **{key: value for key, value in wrong.items() if value is not None}}
    if "producer" in wrong:
        del given["producer"]
    if "product" in wrong:
        given["product"] = ProductFactory(name="辣椒")
    other = ProcedureFactory(**given)
    with pytest.raises(RecordsRefused) as error:
        begin(field, procedure=other)
    assert [fault.field for fault in error.value.faults] == ["procedure"]
    batch = begin(field)
    with pytest.raises(ValidationError):
        set_procedure(row=batch, procedure=other)
    assert ProductionBatch.objects.get().procedure is None


def test_a_corrected_procedure_judges_the_harvests_anew(field, rules, django_assert_max_num_queries):
    batch = begin(field)
    rows = [pick(field, MONDAY + DAY, production=batch) for _ in range(3)]
    own = pick(field, MONDAY + DAY, production=batch, standard="NY/T 5078")
    for procedure, expected in ((rules, (PASS, "豇豆操作规程 2026")), (None, (FAIL, None)),
                                (rules, (PASS, "豇豆操作规程 2026"))):  # fmt: skip
        set_procedure(row=batch, procedure=procedure)
        assert [standing(row) for row in rows] == [[expected]] * 3
        assert standing(own)[0][0] == PASS
    before = CreditEvent.objects.count()
    set_procedure(row=batch, procedure=rules)
    assert CreditEvent.objects.count() == before
    reverse_record(row=rows[0], reason="记错")
    assert standing(rows[0]) == []
    assert AuditLine.objects.filter(verb="batch.procedure_set").count() == 3


def test_officers_end_correct_and_reverse_batches_of_their_own_division(field, rules):
    officer = UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code=field.region_id[:9])
    desk = enter(Client(), officer)
    batch = begin(field)

    def act(row, name, **given):
        return desk.post(reverse("admin:archives_productionbatch_act", args=[row.pk, name]), given)

    assert "豇豆操作规程 2026" in desk.get(
        reverse("admin:archives_productionbatch_act", args=[batch.pk, "procedure"])
    ).content.decode()  # fmt: skip
    assert act(batch, "procedure", procedure=rules.pk).status_code == 302
    assert act(batch, "end", on=MONDAY - DAY).status_code == 200
    assert act(batch, "end", on=MONDAY).status_code == 302
    batch.refresh_from_db()
    assert (batch.procedure, batch.ended_on) == (rules, MONDAY)
    assert act(batch, "reverse", reason="重复登记").status_code == 302
    batch.refresh_from_db()
    assert (batch.status, batch.reversed_by) == ("reversed", officer)
    foreign = ProductionBatchFactory(producer__region="440825")
    assert act(foreign, "end", on=MONDAY).status_code == 404
    helper = enter(Client(), UserFactory(role=Role.PROVINCE_OFFICER, region_code="44"))
    assert helper.post(
        reverse("admin:archives_productionbatch_act", args=[foreign.pk, "end"]), {"on": MONDAY}
    ).status_code == 403  # fmt: skip
    foreign.refresh_from_db()
    assert (foreign.ended_on, foreign.status) == (None, "active")


def test_a_farmer_says_the_procedure_and_ends_the_batch_on_the_phone(db, noon):
    farm = make_farm()
    rules = ProcedureFactory(producer=farm.producer, title="豇豆操作规程")
    ProcedureFactory(title="别家的规程")
    batch = record_batch(producer=farm.producer, product=farm.product, occurred_on=MONDAY)
    asked = reverse("my:record-batch-procedure", args=[batch.uid])
    page = farm.get(asked)
    assert "豇豆操作规程 1" in page
    assert "别家的规程" not in page
    assert farm.client.post(asked, {"procedure": rules.pk}).status_code == 302
    assert "没有按规程" in farm.get(asked)
    ended = reverse("my:record-batch-end", args=[batch.uid])
    assert "不能晚于今天" in farm.client.post(ended, {"on": "2027-01-01"}).content.decode()
    assert farm.client.post(ended, {"on": "2026-11-19"}).status_code == 302
    page = farm.get(reverse("my:record", args=["batch", batch.uid]))
    assert "豇豆操作规程 1" in page
    assert ended not in page
    farm.get(reverse("my:record-batch-end", args=[ProductionBatchFactory().uid]), status=404)
    begun = farm.get("/my/records/new/batch/", at="when", plot="none", variety="x", unit="株")
    assert "豇豆操作规程 1" in begun


def test_a_batch_known_from_before_is_the_same_batch(field):
    """What a phone sent while the procedure was a text field is still the same record when it comes again."""
    draft = BatchDraft(producer_id=field.pk, occurred_on=MONDAY, product_id=field.bean.pk, number="甲")
    said = [
        ("producer_id", field.pk), ("occurred_on", "2026-11-02"), ("entry", "form"), ("remark", ""),
        ("product_id", field.bean.pk), ("variety", ""), ("origin", ""), ("quarantine_number", ""),
        ("quantity", None), ("unit", ""), ("sop", ""), ("number", "甲"), ("plot_ids", ()),
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).digest()
    assert fingerprint(BATCH, draft) == digest
    rules = ProcedureFactory(producer=field)
    assert fingerprint(BATCH, replace(draft, procedure_id=rules.pk)) != digest
