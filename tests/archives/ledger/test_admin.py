"""The ledger's pages: own jurisdiction, search without scans, nothing to change, notes seen are noted."""

from __future__ import annotations

import pytest
from django.urls import reverse as url

from agricredit.foundation.audit.models import AuditLine
from archives.models import CreditEvent
from archives.services import ledger
from archives.services.notes import erase_notes
from archives.services.sealing import seal
from tests.archives.ledger.conftest import make_producer
from tests.factories.accounts import UserFactory, enter
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db
LIST = "admin:archives_creditevent_changelist"


@pytest.fixture
def officer(client, region):
    return enter(client, UserFactory(role="county_officer", region_code="440825"))


@pytest.fixture
def abroad(region):
    type(region).objects.create(code="440902", name="茂南区", level="county")
    return make_producer("M1", region_id="440902")


def shown(client, **query):
    page = client.get(url(LIST), query)
    assert page.status_code == 200
    return [event.uid for event in page.context["cl"].result_list]


def test_an_officer_sees_the_own_region_newest_first(officer, farm, abroad):
    ledger.post(
        [draft(uid="a", producer=farm), draft(uid="x", producer=abroad), draft(uid="b", producer=farm)]
    )
    assert shown(officer) == ["b", "a"]


def test_search_finds_numbers_incidents_and_producers(officer, farm, other_farm):
    ledger.post(
        [
            draft(uid="a", producer=farm, incident="I-7"),
            draft(uid="b", producer=farm),
            draft(uid="c", producer=other_farm),
        ]
    )
    assert shown(officer, q="a") == ["a"]
    assert shown(officer, q=" I-7 ") == ["a"]
    assert shown(officer, q="P2") == ["c"]
    assert shown(officer, q="no such") == []


def test_filters_by_kind_and_day(officer, farm):
    ledger.post([draft(uid="a", producer=farm), draft(uid="b", producer=farm, kind="sale.recorded")])
    number = CreditEvent.objects.get(uid="b").kind
    assert shown(officer, kind__exact=number) == ["b"]
    assert shown(officer, occurred_on_from="2024-06-02") == []
    assert shown(officer, occurred_on_from="2024-06-01", occurred_on_to="2024-06-01") == ["b", "a"]


def test_the_number_of_queries_does_not_grow_with_the_rows(officer, farm, django_assert_max_num_queries):
    ledger.post([draft(producer=make_producer("S1"))])
    shown(officer)
    with django_assert_max_num_queries(30) as few:
        shown(officer)
    ledger.post([draft(producer=make_producer(f"S{n}")) for n in range(2, 30)])
    with django_assert_max_num_queries(30) as many:
        shown(officer)
    assert len(many) == len(few)


def test_one_event_shows_its_note_and_that_it_was_looked_at(officer, farm):
    ledger.post([draft(uid="a", producer=farm, note="现场备注", value=150)])
    event = CreditEvent.objects.get()
    ledger.reverse(uid="a", by_uid="undo", source="更正")
    page = officer.get(url("admin:archives_creditevent_change", args=[event.pk]))
    text = page.content.decode()
    assert "现场备注" in text
    assert "已冲销" in text
    assert "1.50" in text
    line = AuditLine.objects.get(verb="data.viewed")
    assert (line.target_id, line.region_code) == (str(event.pk), "440825")
    erase_notes(event_ids=[event.pk], because="保存期限届满")
    page = officer.get(url("admin:archives_creditevent_change", args=[event.pk]))
    assert "已依法清除：保存期限届满" in page.content.decode()


def test_a_foreign_event_does_not_exist_and_nothing_can_be_changed(officer, farm, abroad):
    ledger.post([draft(uid="x", producer=abroad, note="备注"), draft(uid="a", producer=farm)])
    ids = dict(CreditEvent.objects.values_list("uid", "pk"))
    page = officer.get(url("admin:archives_creditevent_change", args=[ids["x"]]))
    assert page.status_code == 302
    assert not AuditLine.objects.filter(verb="data.viewed").exists()
    mine = url("admin:archives_creditevent_change", args=[ids["a"]])
    assert officer.post(mine, {"source": "x"}).status_code == 403
    assert officer.get(url("admin:archives_creditevent_add")).status_code == 403
    assert officer.post(url("admin:archives_creditevent_delete", args=[ids["a"]])).status_code == 403


def test_seals_are_shown_with_their_roots(officer, farm):
    ledger.post([draft(producer=farm)])
    made = seal()
    root = bytes(made.root).hex()
    assert root in officer.get(url("admin:archives_seal_changelist")).content.decode()
    assert root in officer.get(url("admin:archives_seal_change", args=[made.pk])).content.decode()


def test_administrators_see_no_events(client, farm):
    ledger.post([draft(producer=farm)])
    enter(client, UserFactory(role="system_admin"))
    assert client.get(url(LIST)).status_code == 403
