"""After a re-registration was found both sides see the earlier file: its grades, who found it and why."""

import pytest
from django.test import Client
from django.urls import reverse

from agricredit.foundation.common.sms import RecordingSms
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.services import ledger, producers
from rating.models import Reregistration
from rating.services import reregistrations
from rating.services.formers import formers
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory
from tests.factories.ledger import draft
from tests.factories.rating import shipped
from tests.rating.test_reregistrations import bad, newer, pairs

pytestmark = pytest.mark.django_db
__all__ = ["bad"]


@pytest.fixture
def again(bad):
    shipped()
    fresh = newer(phone_hash="p1")
    ledger.post([draft(producer=bad, uid="bad", kind="sampling.tested", outcome="fail")])
    row = pairs()[bad.pk, fresh.pk]
    reregistrations.propose(row=row, reason="同一口塘", actor=UserFactory())
    reregistrations.confirm(row=row, reason="现场核实是同一人", actor=UserFactory())
    return fresh


def test_the_producer_is_told_by_a_short_message(settings, again):
    settings.SMS_BACKEND = "agricredit.foundation.common.sms.RecordingSms"
    RecordingSms.sent.clear()
    producers.change(producer=again, phone="13800138222", actor=UserFactory())
    run_all_jobs()
    ((phone, text),) = RecordingSms.sent
    assert phone == "13800138222"
    assert "红土生态养殖场是同一经营者" in text
    row = reregistrations.reopen(row=Reregistration.objects.get(), reason="认错了", actor=UserFactory())
    assert not reregistrations.tell(row_id=row.pk)


def test_the_officer_and_the_producer_see_it_until_it_is_undone(again):
    file = reverse("office-producer", args=[again.pk])
    desk = enter(Client(), UserFactory())
    phone = enter(Client(), MembershipFactory(producer=again).user)
    page, score = desk.get(file).content.decode(), phone.get("/my/score/").content.decode()
    assert "重新登记前的档案" in page
    for text in (page, score):
        assert "红土生态养殖场" in text
        assert "现场核实是同一人" in text
    assert "以前登记的档案" in score
    assert "认错了可以撤销" in score
    ((former,), row) = formers(again), Reregistration.objects.get()
    assert [(year.grade, former.producer.pk) for year in former.years] == [("C", row.old_id)]
    reregistrations.reopen(row=row, reason="认错了", actor=UserFactory())
    assert formers(again) == []
    assert "以前登记的档案" not in phone.get("/my/score/").content.decode()
    assert "重新登记前的档案" not in desk.get(file).content.decode()
