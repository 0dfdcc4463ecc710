"""Honours and training from sheets, through the register's own acts: once each, and into the ledger."""

import pytest

from archives import vocabulary
from archives.models import CreditEvent, Honour, TrainingAttendance, TrainingSession
from archives.services.sheets import SHEETS
from tests.archives.exchange.files import comes_back, faults, figures, looked_at, sent
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture(autouse=True)
def farm():
    return ProducerFactory(key="SX-1")


def honour(**more):
    return {
        "producer": "SX-1", "kind": vocabulary.honours()[0][0], "title": "省级示范社", "level": "省级",
        "issuer": "省农业农村厅", "granted_on": "2025-11-01", **more,
    }  # fmt: skip


def attended(**more):
    return {
        "title": "农药安全使用", "held_on": "2026-03-10", "organiser": "县局", "session_hours": "8",
        "producer": "SX-1", "attendee": "陈某", **more,
    }  # fmt: skip


def test_honours_come_in_once_and_weigh(officer):
    batch = sent("honours", officer, honour(), honour(title="市级龙头企业", level="市级"))
    assert (batch.written, batch.faulty) == (2, 0)
    assert set(CreditEvent.objects.filter(kind=111).values_list("value", flat=True)) == {200, 100}
    assert figures(looked_at("honours", officer, honour())) == (0, 0, 1, 0)
    assert Honour.objects.count() == 2


def test_faults_of_honours(officer):
    ProducerFactory(key="GONE", status="closed")
    batch = looked_at(
        "honours", officer, honour(), honour(), honour(title="B", granted_on="2099-01-01"),
        honour(title="C", valid_until="2025-01-01"), honour(title="D", level="宇宙级"),
        honour(title="E", producer="GONE"),
    )  # fmt: skip
    assert set(faults(batch)) == {
        (3, "title"), (4, "granted_on"), (5, "valid_until"), (6, "level"), (7, "producer"),
    }  # fmt: skip
    assert not Honour.objects.exists()


def test_a_signed_sheet_becomes_a_session_with_its_attendances(officer):
    ProducerFactory(key="SX-2")
    batch = sent(
        "training", officer, attended(), attended(producer="SX-2", attendee="李某", hours="3.5"),
        attended(title="合格证开具", session_hours="2"),
    )  # fmt: skip
    assert batch.written == 3
    assert TrainingSession.objects.count() == 2
    assert set(CreditEvent.objects.filter(kind=246).values_list("value", flat=True)) == {800, 350, 200}
    assert figures(looked_at("training", officer, attended())) == (0, 0, 1, 0)
    sent("training", officer, attended(), attended(attendee="王某"))
    assert TrainingSession.objects.count() == 2
    assert TrainingAttendance.objects.count() == 4


def test_faults_of_training(officer):
    sent("training", officer, attended())
    batch = looked_at(
        "training", officer, attended(attendee="甲", session_hours="6"),
        attended(attendee="乙", hours="9"), attended(title="B", held_on="2099-01-01"),
        attended(attendee="丙"), attended(attendee="丙"), attended(title="C", session_hours="0"),
    )  # fmt: skip
    assert set(faults(batch)) == {
        (2, "session_hours"), (3, "hours"), (4, "held_on"), (6, "attendee"), (7, "session_hours"),
    }  # fmt: skip
    assert TrainingAttendance.objects.count() == 1


@pytest.mark.parametrize(("name", "row"), [("honours", honour), ("training", attended)])
def test_what_is_exported_is_imported_as_unchanged(client, officer, name, row):
    sent(name, officer, row())
    desk = enter(client, officer)
    _content, found = comes_back(desk, name, officer, SHEETS[name].model._meta.label_lower)
    assert found == (0, 0, 1, 0)


def test_one_unreadable_cell_hides_no_other_fault_of_its_row(officer):
    both = honour(kind="没有", granted_on="2099-01-01", valid_until="2026-01-01", producer="NO-1")
    named = set(faults(looked_at("honours", officer, both)))
    assert named == {(2, "kind"), (2, "granted_on"), (2, "valid_until"), (2, "producer")}
    both = attended(attendee="陈" * 81, held_on="2099-01-01", session_hours="500", producer="NO-1")
    named = set(faults(looked_at("training", officer, both)))
    assert named == {(2, "attendee"), (2, "held_on"), (2, "session_hours"), (2, "producer")}
