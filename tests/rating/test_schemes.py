"""Schemes: loaded once, checked whole, immutable once in force, held by region and date."""

import copy
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from rating.engine.document import SchemeError
from rating.models import RegionScheme, Scheme
from rating.services import schemes
from tests.factories.rating import shipped

pytestmark = pytest.mark.django_db


def test_loading_the_shipped_schemes_twice_changes_nothing():
    first = schemes.load_shipped()
    again = schemes.load_shipped()
    assert [row.pk for row in first] == [row.pk for row in again]
    assert {(row.code, row.state) for row in again} == {("gd-r1", "in_force"), ("hz-r1", "in_force")}
    assert Scheme.objects.count() == RegionScheme.objects.count() == 2
    for row in Scheme.objects.all():
        assert schemes.parsed(row).sha256 == row.sha256


def test_the_document_comes_back_from_the_database_as_it_was():
    row = shipped()
    assert schemes.parsed(Scheme.objects.get(pk=row.pk)).columns == schemes.parsed(row).columns
    assert schemes.load(document=Scheme.objects.get(pk=row.pk).document) == row


@pytest.mark.parametrize(
    ("region", "scheme"), [("44", "gd-r1"), ("440823100", "gd-r1"), ("330110", "hz-r1"), ("110105", None)]
)
def test_a_region_rates_by_the_scheme_of_its_province(region, scheme):
    schemes.load_shipped()
    found = schemes.scheme_for(region, date(2026, 1, 1))
    assert (found.code if found else None) == scheme


def test_the_longest_code_then_the_latest_date_decides():
    gd, hz = shipped("gd-r1"), shipped("hz-r1")
    schemes.assign(region_code="4408", scheme=hz, valid_from=date(2025, 1, 1))
    schemes.assign(region_code="4408", scheme=gd, valid_from=date(2026, 1, 1))
    assert schemes.scheme_for("440823", date(2024, 12, 31)) == gd
    assert schemes.scheme_for("440823", date(2025, 6, 1)) == hz
    assert schemes.scheme_for("440823", date(2026, 1, 1)) == gd
    assert schemes.scheme_for("4409", date(2025, 6, 1)) == gd


def test_a_broken_scheme_is_refused_with_the_criterion_and_nothing_is_kept():
    document = copy.deepcopy(shipped().document)
    document["version"] = "2"
    document["criteria"][0]["measure"] = {"average": ["profile.completed"]}
    before = Scheme.objects.count()
    with pytest.raises(SchemeError) as refusal:
        schemes.load(document=document)
    assert any("GD101" in fault for fault in refusal.value.faults)
    assert Scheme.objects.count() == before


def test_other_content_under_a_version_in_force_is_refused():
    document = {**copy.deepcopy(shipped().document), "note": "另一段说明"}
    with pytest.raises(ValidationError, match="请提高版本号"):
        schemes.load(document=document)


def test_a_draft_is_replaced_until_it_comes_into_force():
    old = shipped()
    document = {**copy.deepcopy(old.document), "version": "2"}
    draft = schemes.load(document=document)
    changed = schemes.load(document={**document, "note": "修订"})
    assert (changed.pk, changed.state) == (draft.pk, "draft")
    schemes.bring_into_force(scheme=changed, valid_from=date(2026, 1, 1))
    old.refresh_from_db()
    assert old.state == "retired"
    assert Scheme.objects.in_force().get(code="gd-r1") == changed


def test_only_a_scheme_in_force_is_assigned():
    draft = schemes.load(document={**copy.deepcopy(shipped().document), "version": "2"})
    with pytest.raises(ValidationError, match="施行中"):
        schemes.assign(region_code="4408", scheme=draft, valid_from=date(2026, 1, 1))
