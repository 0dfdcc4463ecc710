"""An application on paper, entered by an officer for the producer; whoever entered it does not decide it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from archives.services import ledger
from rating.models import Attachment, Repair, Tier
from rating.services import repairs
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(repairs, "today", lambda: date(2026, 5, 20))


@pytest.fixture
def producer():
    producer = ProducerFactory(region="440823")
    ledger.post(
        draft(uid=uid, producer=producer, kind=kind, outcome="none", occurred_on=date(2026, 5, 4))
        for uid, kind in (("c", "complaint.upheld"), ("s", "sampling.exceeded"))
    )
    return producer


def test_an_officer_enters_what_came_on_paper(client, producer):
    officer = UserFactory()
    enter(client, officer)
    address = reverse("admin:rating_repair_add")
    values = {"key": producer.key, "uid": "c", "tier": "", "correction": "已退赔", "pledge": "承诺"}
    paper = SimpleUploadedFile("申请.pdf", b"%PDF-1.4 application")
    assert "没有查到" in client.post(address, values | {"uid": "x"}).content.decode()
    early = client.post(address, values | {"uid": "s"}).content.decode()
    assert "最短公示期未满，2026年8月4日起才能申请修复" in early
    assert client.post(address, values | {"papers": [paper]}).status_code == 302
    repair = Repair.objects.get()
    assert (repair.applied_by, repair.tier) == (officer, Tier.MINOR)
    assert Attachment.objects.get().repair == repair
    repair = repairs.accept(repair=repair, actor=officer)
    with pytest.raises(ValidationError) as refusal:
        repairs.grant(repair=repair, reason="", actor=officer)
    assert refusal.value.code == "same_person"
    assert repairs.grant(repair=repair, reason="", actor=UserFactory()).state == "granted"


def test_not_for_producers_elsewhere(client, producer):
    enter(client, UserFactory(region_code="440825"))
    values = {"key": producer.key, "uid": "c", "correction": "已退赔", "pledge": "承诺"}
    assert "没有查到" in client.post(reverse("admin:rating_repair_add"), values).content.decode()
    assert not Repair.objects.exists()
