"""The table of consequences as versioned data, the log of credit checks, the end of publication."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from agricredit.foundation.audit.models import AuditLine
from agricredit.pages.standings import sampling_events, sampling_sentences
from archives.models import CreditEvent
from archives.services import ledger
from rating.models import ConsequenceTable, CreditCheckLog, Purpose, Tier
from rating.services import consequences, credit_checks, publication
from rating.tasks import terms_due
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.ledger import draft
from tests.rating.refusals import refused

pytestmark = pytest.mark.django_db
ROW = {
    "code": "duty2",
    "when": "duty_unmet",
    "purposes": ["subsidy"],
    "kinds": [],
    "entry": "",
    "consequence": "先行核实",
    "basis": "农产品质量安全法第三十九条",
}


def city():
    return UserFactory(role="city_officer")


def test_drafted_as_a_copy_changed_and_approved_by_another():
    author, other = city(), city()
    assert consequences.table() == consequences.shipped()
    table = consequences.draft(note="增加合格证一条", actor=author)
    assert table.rows.count() == len(consequences.shipped())
    refused("draft_open", consequences.draft, note="再", actor=other)
    consequences.set_row(table=table, actor=author, **ROW)
    refused("code", consequences.set_row, table=table, actor=author, **ROW)
    refused("purposes", consequences.set_row, table=table, actor=author, **(ROW | {"purposes": []}))
    assert len(consequences.table()) == len(consequences.shipped())
    refused("same_person", consequences.approve, table=table, actor=author)
    table = consequences.approve(table=table, actor=other)
    assert table.state == "in_force"
    assert [row["code"] for row in consequences.table()][-1] == "duty2"
    refused("state", consequences.set_row, table=table, actor=author, **(ROW | {"code": "x"}))
    refused("state", consequences.drop_row, row=table.rows.first(), actor=author)
    refused("state", consequences.approve, table=table, actor=other)
    second = consequences.draft(note="第二版", actor=other)
    consequences.drop_row(row=second.rows.get(code="duty2"), actor=other)
    consequences.approve(table=second, actor=author)
    table.refresh_from_db()
    assert (table.state, second.version) == ("retired", 2)
    with pytest.raises(IntegrityError, match="rating_consequences_second_person"), transaction.atomic():
        ConsequenceTable.objects.filter(pk=table.pk).update(approved_by=author)


def test_an_approved_row_is_answered_by():
    author, producer = city(), ProducerFactory(region="440823")
    day = credit_checks.today()
    ledger.post([draft(producer=producer, kind="sale.certified", outcome="fail", occurred_on=day)])
    table = consequences.draft(note="", actor=author)
    consequences.set_row(table=table, actor=author, **ROW)
    consequences.approve(table=table, actor=city())
    [answer] = credit_checks.check(asked=[producer.key], purpose=Purpose.SUBSIDY, matter="补贴", actor=author)
    assert ("duty2", "依法适用") in {(one.code, one.weight) for one in answer.consequences}


def test_the_office_edits_a_draft(client):
    enter(client, city())
    assert client.post(reverse("admin:rating_consequencetable_add"), {"note": "新"}).status_code == 302
    table = ConsequenceTable.objects.get()
    change = reverse("admin:rating_consequencetable_change", args=[table.pk])
    assert "仅供参考" in client.get(change).content.decode()
    assert client.post(reverse("admin:rating_consequencetable_row", args=[table.pk]), ROW).status_code == 302
    row = table.rows.get(code="duty2")
    edit = reverse("admin:rating_consequencetable_edit", args=[table.pk, row.pk])
    assert client.post(edit, ROW | {"consequence": "暂缓"}).status_code == 302
    assert table.rows.get(code="duty2").consequence == "暂缓"
    approve = reverse("admin:rating_consequencetable_approve", args=[table.pk])
    assert "批准的人不能是起草人" in client.post(approve).content.decode()
    drop = reverse("admin:rating_consequencetable_drop", args=[table.pk, row.pk])
    assert client.post(drop).status_code == 302
    discard = reverse("admin:rating_consequencetable_discard", args=[table.pk])
    assert client.post(discard).status_code == 302
    assert not ConsequenceTable.objects.exists()


def test_every_check_is_kept_for_its_term_and_then_erased(monkeypatch):
    officer, producer = UserFactory(), ProducerFactory(region="440823")
    monkeypatch.setattr(credit_checks, "today", lambda: date(2026, 5, 20))
    credit_checks.check(asked=[producer.key, "nobody"], purpose=Purpose.TENDER, matter="采购", actor=officer)
    row = CreditCheckLog.objects.get()
    assert (row.asked_by, row.producer, row.matter, row.keep_until) == (
        officer,
        producer,
        "采购",
        date(2036, 5, 20),
    )
    monkeypatch.setattr(credit_checks, "today", lambda: date(2036, 5, 20))
    assert credit_checks.erase_expired() == 0
    monkeypatch.setattr(credit_checks, "today", lambda: date(2036, 5, 21))
    assert credit_checks.erase_expired() == 1
    assert AuditLine.objects.get(verb="checks.erased").facts["count"] == 1


@pytest.mark.parametrize(
    ("on", "shown"),
    [(date(2026, 3, 31), 2), (date(2026, 4, 1), 1), (date(2026, 6, 1), 1)],
)
def test_a_failed_sample_is_shown_no_longer_than_the_rule_of_the_day_allows(monkeypatch, on, shown):
    """By order no. 58 three years at most; from 2026-04-01 by no. 36 one year."""
    producer = ProducerFactory()
    ledger.post(
        [
            draft(producer=producer, kind="sampling.tested", outcome="fail", occurred_on=date(2025, 3, 1)),
            draft(producer=producer, kind="sampling.tested", outcome="pass", occurred_on=date(2025, 3, 1)),
        ]
    )
    monkeypatch.setattr("agricredit.pages.standings.today", lambda: on)
    assert sampling_events(producer).count() == shown
    assert ("2 次，1 次合格" in sampling_sentences(producer, [2025])[0]) is (shown == 2)


def test_the_end_of_publication_agrees_row_by_row_with_the_terms():
    producer = ProducerFactory()
    kinds = ["banned.found", "sampling.exceeded", "complaint.upheld"]
    days = [date(2023, 5, 31), date(2024, 2, 29), date(2025, 5, 19), date(2025, 5, 20), date(2026, 2, 20)]
    ledger.post(
        draft(producer=producer, kind=kind, outcome="none", occurred_on=on) for kind in kinds for on in days
    )
    ledger.post(
        draft(producer=producer, kind="penalty.imposed", outcome="none", value=value, occurred_on=on)
        for value in (300, 1000)
        for on in days
    )
    for on in (date(2026, 3, 31), date(2026, 5, 19), date(2026, 5, 20), date(2026, 5, 21)):
        ended = set(CreditEvent.objects.filter(publication.ended_q(on)).values_list("uid", flat=True))
        told = {e.uid for e in CreditEvent.objects.all() if publication.term_of(e, on).over(on)}
        assert ended == told


def test_terms_not_read_in_a_text_are_called_defaults():
    old, new = publication.rule_on(date(2026, 3, 31)), publication.rule_on(date(2026, 4, 1))
    assert (old.read, new.read) == (False, True)
    assert "平台默认期限" in publication.rule_word(old)
    assert publication.rule_word(new) == "信用修复管理办法（国家发展改革委令第36号）"
    assert new.months[Tier.GENERAL] == publication.Months(3, 12)


def test_the_nightly_round_does_its_three_things():
    terms_due()
