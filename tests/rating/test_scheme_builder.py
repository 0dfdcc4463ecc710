"""The scheme desk without YAML: every part of both schemes goes through its form unchanged; parts built."""

import copy

import pytest
from django import forms
from django.urls import reverse

from rating import schemes as shipped_documents
from rating.admin.scheme_parts import BLANK, PartForm
from rating.models import Scheme
from rating.services import scheme_desk
from tests.factories.accounts import UserFactory, enter
from tests.factories.rating import shipped

SECTIONS = ("general", *scheme_desk.SECTIONS)


def sent(form: PartForm) -> dict:
    """What a browser sends when nothing is touched."""
    data = {}
    for name, field in form.fields.items():
        value = form.initial.get(name, field.initial)
        if isinstance(field, forms.BooleanField):
            data |= {name: "on"} if value else {}
        else:
            data[name] = value if value is not None else ""
    return data


def cases():
    for code in ("gd-r1", "hz-r1"):
        document = shipped_documents.document(code)
        for section in SECTIONS:
            count = 1 if section == "general" else len(document.get(section) or [])
            for index in range(count):
                yield pytest.param(code, section, index, id=f"{code}-{section}-{index}")


@pytest.mark.parametrize("expert", [False, True])
@pytest.mark.parametrize(("code", "section", "index"), list(cases()))
def test_every_part_goes_through_its_form_unchanged(code, section, index, expert):
    document = shipped_documents.document(code)
    part = scheme_desk.part_of(document, section, index)
    shown = PartForm(None, part=part, section=section, expert=expert)
    form = PartForm(sent(shown), part=part, section=section, expert=expert)
    assert form.is_valid(), form.errors
    assert form.value() == part


def test_no_yaml_is_typed_in_the_builder():
    document = shipped_documents.document("gd-r1")
    for section in SECTIONS:
        for index in range(1 if section == "general" else len(document.get(section) or [])):
            form = PartForm(None, part=scheme_desk.part_of(document, section, index), section=section)
            for name, field in form.fields.items():
                assert "{" not in str(field.initial), (section, index, name)


@pytest.fixture
def draft(db, client):
    enter(client, UserFactory(role="city_officer"))
    original = shipped()
    client.post(reverse("admin:rating_scheme_act", args=[original.pk, "clone"]), {"version": "2"})
    return Scheme.objects.get(version="2")


def built(**changes):
    """A new criterion as the form sends it: banded share of interviews kept."""
    form = PartForm(None, part=copy.deepcopy(BLANK["criteria"]), section="criteria")
    return (
        sent(form)
        | {
            "code": "GD204A",
            "name": "销售去向二",
            "indicator": "GD2",
            "points": "2",
            "window": "year",
            "none": "skip",
            "clause": "农产品质量安全法第二十七条",
            "measure_op": "share",
            "measure_kinds": ["sale.traced"],
            "rule_type": "bands",
            "rule_band0_is": "at_least",
            "rule_band0_than": "0.90",
            "rule_band0_points": "2",
            "rule_else": "0",
        }
        | changes
    )


def address(draft, part):
    return reverse("admin:rating_scheme_part", args=[draft.pk, part])


def test_a_criterion_is_added_by_choosing(draft, client):
    page = client.get(address(draft, "criteria-new")).content.decode()
    assert "新增：评分标准" in page
    assert "按比例" in page
    faults = client.post(address(draft, "criteria-new") + "?check=1", built()).content.decode()
    assert "GD2：各项分值合计" in faults  # 24 of 22 points
    draft.refresh_from_db()
    assert len(draft.document["criteria"]) == len(shipped().document["criteria"])
    assert client.post(address(draft, "criteria-new"), built() | {"act": "save"}).status_code == 302
    draft.refresh_from_db()
    assert draft.document["criteria"][-1] == {
        "code": "GD204A",
        "name": "销售去向二",
        "indicator": "GD2",
        "points": "2",
        "measure": {"share": "sale.traced"},
        "window": "year",
        "rule": {"bands": [{"at_least": "0.90", "points": "2"}], "else": "0"},
        "none": "skip",
        "clause": "农产品质量安全法第二十七条",
    }


def test_what_does_not_go_together_is_said_while_typing(draft, client):
    check = address(draft, "criteria-new") + "?check=1"
    said = client.post(check, built(rule_type="flag", rule_points="2")).content.decode()
    assert "flag 只能用于 count、incidents、latest_outcome" in said
    overlapping = built(rule_band1_is="at_least", rule_band1_than="0.95", rule_band1_points="1")
    assert "分段次序不对" in client.post(check, overlapping).content.decode()
    assert "缺少" in client.post(check, built(clause="")).content.decode()
    assert "度量" in client.post(check, built(measure_op="", measure_kinds=[])).content.decode()


def test_without_javascript_a_button_checks_and_nothing_is_kept(draft, client):
    before = copy.deepcopy(draft.document)
    response = client.post(address(draft, "criteria-new"), built(points="3") | {"act": "check"})
    assert response.status_code == 200
    assert "规则能给的最高分应等于该项的分值" in response.content.decode()
    draft.refresh_from_db()
    assert draft.document == before


def test_a_first_part_of_an_empty_section_can_be_added(draft):
    empty = draft.document | {"deductions": []}
    value = {"code": "GD-N9"}
    assert scheme_desk.with_part(empty, "deductions", -1, value, insert=True)["deductions"] == [value]


def test_experts_still_see_the_text(draft, client):
    page = client.get(address(draft, "criteria-0"), {"expert": "1"}).content.decode()
    assert "latest: profile.completed" in page
    assert "latest: profile.completed" not in client.get(address(draft, "criteria-0")).content.decode()


def test_rows_are_added_by_a_button_as_often_as_one_likes(draft, client):
    """Nine bands, seven gates, five conditions: nothing of a scheme needs the text."""
    sent_now, page = built(), ""
    for row in range(1, 9):
        page = client.post(address(draft, "criteria-new"), sent_now | {"act": "more-rule"}).content.decode()
        assert f'name="rule_band{row}_is"' in page
        assert f'name="rule_band{row + 1}_is"' not in page
        sent_now |= {
            f"rule_band{row}_is": "at_least",
            f"rule_band{row}_than": f"0.{90 - row}",
            f"rule_band{row}_points": f"{2 - row / 10:.1f}",
        }
    assert 'value="more-rule" formaction="' in page
    draft.refresh_from_db()
    assert len(draft.document["criteria"]) == len(shipped().document["criteria"])  # nothing kept on the way
    client.post(address(draft, "criteria-new"), sent_now | {"act": "save"})
    draft.refresh_from_db()
    bands = draft.document["criteria"][-1]["rule"]["bands"]
    assert [band["points"] for band in bands] == [
        f"{2 - row / 10:.1f}".replace("2.0", "2") for row in range(9)
    ]


@pytest.mark.parametrize(
    ("section", "key", "row"),
    [
        ("vetoes", "all", {"measure": {"count": "banned.found"}, "at_least": "1"}),
        ("grades", "gates", {"name": "建档", "registered_days": 365}),
    ],
)
def test_a_part_with_many_rows_goes_through_its_form_unchanged(section, key, row):
    part = copy.deepcopy(scheme_desk.part_of(shipped_documents.document("gd-r1"), section, 0)) | {
        key: [row] * 9
    }
    shown = PartForm(None, part=part, section=section)
    form = PartForm(sent(shown), part=part, section=section)
    assert form.is_valid(), form.errors
    assert form.value() == part
    more = PartForm(sent(shown) | {"act": f"more-{key}"}, part=part, section=section)
    assert len(more.fields) > len(shown.fields)


def test_a_crafted_form_makes_no_million_fields():
    part = copy.deepcopy(BLANK["criteria"])
    form = PartForm({"rule_band9999_is": "at_least"}, part=part, section="criteria")
    assert len([name for name in form.fields if name.startswith("rule_band")]) == 3 * 60
