"""Credit checks by other departments: what is answered, on what basis, to whom; each is logged."""

import json
from datetime import date, timedelta

import pytest

from agricredit.foundation.accounts.services.keys import issue_key
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock
from archives.services import ledger
from rating.models import Standing
from rating.services import credit_checks, standings
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.ledger import draft
from tests.factories.rating import make_rating, make_run

pytestmark = pytest.mark.django_db
ASKED = {"purpose": "subsidy", "matter": "2026年绿色种植补贴"}


@pytest.fixture
def agency():
    return UserFactory(role="agency")


def rated(grade="AAA", region="4408"):
    run = make_run(region=region, year=2025, state="effective", effective_on=date(2026, 3, 2))
    rating = make_rating(run=run, producer=ProducerFactory(region="440823"), grade=grade)
    standings.apply_run(run)
    return rating.producer


def ask(client, user, *producers, status=200, **fields):
    enter(client, user)
    body = {**ASKED, "producers": list(producers), **fields}
    response = client.post("/api/v1/credit-checks/", json.dumps(body), content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


def recent(days=30):
    return clock.today() - timedelta(days=days)


def test_grade_and_lists_and_duty_are_answered_and_logged(client, agency):
    producer = rated()
    day = recent()
    ledger.post([draft(uid="s1", producer=producer, kind="sale.certified", occurred_on=day)])
    Standing.objects.update(objected=True)
    [answer] = ask(client, agency, producer.credit_code)
    assert (answer["producer"], answer["grade"], answer["year"]) == (producer.key, "AAA", 2025)
    assert (answer["score"], answer["objected"], answer["refusal"]) == ("85.00", True, "")
    assert (answer["duty_met"], answer["lists"], answer["consequences"]) == (True, [], [])
    line = AuditLine.objects.get(verb="data.viewed")
    assert (line.actor, line.target_id, line.region_code) == (agency, str(producer.pk), "440823")
    assert line.facts["what"] == "信用核查（补贴发放：2026年绿色种植补贴；授权：—）"


def test_without_a_basis_a_consequence_is_for_reference_only(client, agency):
    [answer] = ask(client, agency, rated("AAAA").key)
    assert [(row["code"], row["basis"], row["weight"]) for row in answer["consequences"]] == [
        ("highest", "", "仅供参考")
    ]
    [answer] = ask(client, agency, rated("C", region="440823").key)
    assert [(row["code"], row["weight"]) for row in answer["consequences"]] == [("lowest", "仅供参考")]


def test_a_lawful_list_has_its_basis_until_it_ends_or_is_taken_back(client, agency):
    producer = ProducerFactory()
    listed = {"kind": "dishonesty.listed", "outcome": "none", "source": "某市人民法院"}
    ledger.post([draft(uid="on", producer=producer, occurred_on=recent(), **listed)])
    ended = {"occurred_on": recent(90), "valid_until": recent(60)}
    ledger.post([draft(uid="off", producer=producer, **listed, **ended)])
    [answer] = ask(client, agency, producer.key)
    assert answer["lists"] == [{"listed_by": "某市人民法院", "since": recent().isoformat(), "until": None}]
    [row] = answer["consequences"]
    assert (row["code"], row["basis"], row["weight"]) == ("listed", "国办发〔2020〕49号", "依法适用")
    ledger.reverse(uid="on", by_uid="on-back", source="某市人民法院")
    [answer] = ask(client, agency, producer.key)
    assert (answer["lists"], answer["consequences"]) == ([], [])


def test_the_duty_applies_to_the_kinds_that_have_it(client, agency):
    for kind, codes in (("cooperative", ["duty"]), ("family_farm", [])):
        producer = ProducerFactory(kind=kind)
        fail = {"kind": "sale.certified", "outcome": "fail", "occurred_on": recent()}
        ledger.post([draft(uid=f"x-{kind}", producer=producer, **fail)])
        [answer] = ask(client, agency, producer.key)
        assert answer["duty_met"] is False
        assert [row["code"] for row in answer["consequences"]] == codes
    [answer] = ask(client, agency, ProducerFactory().key)
    assert answer["duty_met"] is None


def test_a_natural_person_is_answered_with_its_authorisation_only(client, agency):
    person = ProducerFactory(natural=True)
    [answer] = ask(client, agency, person.key)
    assert "本人授权" in answer["refusal"]
    assert answer["name"] == ""
    assert not AuditLine.objects.filter(verb="data.viewed").exists()
    [answer] = ask(client, agency, person.key, authorisation="SQ-2026-001")
    assert answer["name"] == person.name
    assert "授权：SQ-2026-001" in AuditLine.objects.get(verb="data.viewed").facts["what"]


def test_many_in_order_and_foreign_ones_are_unknown(client, agency):
    mine, foreign = ProducerFactory(), ProducerFactory(region="450921")
    merged = ProducerFactory(status="merged", merged_into=mine)
    answers = ask(client, agency, "nobody", foreign.key, mine.key, merged.key)
    assert [row["producer"] for row in answers] == ["", "", mine.key, mine.key]
    assert [row["refusal"] for row in answers[:2]] == ["没有查到该主体。"] * 2
    assert AuditLine.objects.filter(verb="data.viewed").count() == 2


@pytest.mark.parametrize(
    "fields",
    [{"purpose": "curiosity"}, {"matter": ""}, {"producers": []}, {"producers": ["x"] * 101}],
)
def test_what_is_asked_must_be_whole(client, agency, fields):
    ask(client, agency, "x", status=400, **fields)
    assert not AuditLine.objects.filter(verb="data.viewed").exists()


@pytest.mark.parametrize("role", ["producer", "market", "village_assistant", "system_admin", "audit_admin"])
def test_others_may_not_ask(client, role):
    ask(client, UserFactory(role=role), "x", status=403)


def test_a_key_needs_the_scope(client, agency):
    ends = clock.now() + timedelta(days=1)
    for scope, status in (("producers:read", 403), ("credit-checks", 200)):
        _key, text = issue_key(name="k", user=agency, scopes=[scope], expires_at=ends, region_code="4408")
        response = client.post(
            "/api/v1/credit-checks/",
            json.dumps({**ASKED, "producers": ["x"]}),
            content_type="application/json",
            headers={"Authorization": f"Api-Key {text}"},
        )
        assert response.status_code == status


def test_every_row_of_the_table_is_well_formed():
    purposes = set(credit_checks.Purpose.values)
    for row in credit_checks.table():
        assert row["when"] in {"listed", "lowest", "highest", "duty_unmet"}
        assert row["consequence"]
        assert set(row["purposes"]) <= purposes
        assert bool(row["entry"]) <= bool(row["basis"])
