"""The scheme desk: clone, edit with faults as sentences, compare, submit, second person, in force."""

import copy
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.clock import today
from agricredit.foundation.jobs.testing import run_all_jobs
from rating.models import RegionScheme, Scheme
from rating.services import runs, scheme_desk, schemes
from tests.factories.accounts import UserFactory, enter
from tests.factories.rating import shipped
from tests.rating import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def author():
    shipped()
    return UserFactory(role="city_officer")


@pytest.fixture
def approver():
    return UserFactory(role="province_officer")


@pytest.fixture
def draft(author):
    return scheme_desk.clone(scheme=shipped(), version="2", actor=author)


def with_cut(document, cut):
    value = scheme_desk.part_of(document, "grades", 0) | {"cut": cut}
    return scheme_desk.with_part(document, "grades", 0, value)


def test_a_clone_is_a_draft_of_the_same_content(draft, author):
    original = shipped()
    assert (draft.state, draft.version, draft.drafted_by) == ("draft", "2", author)
    changes = scheme_desk.compare(original.document, draft.document)
    assert [(one.place, one.before, one.after) for one in changes] == [("version", "1", "2")]
    with pytest.raises(ValidationError, match="已有第2版"):
        scheme_desk.clone(scheme=original, version="2", actor=author)
    with pytest.raises(ValidationError, match="新版本号"):
        scheme_desk.clone(scheme=original, version=" ", actor=author)
    with pytest.raises(PermissionDenied):
        scheme_desk.clone(scheme=original, version="3", actor=UserFactory(role="county_officer"))
    assert Scheme.objects.filter(code="gd-r1").count() == 2


def test_every_fault_is_a_sentence_that_names_the_place():
    document = copy.deepcopy(shipped().document)
    document["criteria"][0]["points"] = "5"
    del document["criteria"][1]["clause"]
    document["grades"][0]["cut"] = "101"
    bands = document["criteria"][3]["rule"]["bands"]
    bands[1]["at_most"] = bands[0]["at_most"]
    said = "\n".join(scheme_desk.faults(document))
    for sentence in (
        "GD101：规则能给的最高分应等于该项的分值",
        "GD102：缺少“clause”",
        "分段重叠：界限 180 出现两次",
        "AAAA：分数线 101 高于 100，最高等级永远达不到",
        "GD1：各项分值合计",
    ):
        assert sentence in said


def test_an_edit_is_kept_and_compared(draft, author):
    scheme_desk.save(scheme=draft, document=with_cut(draft.document, "88"), actor=author)
    changes = scheme_desk.compare(shipped().document, draft.document)
    assert {(one.place, one.before, one.after) for one in changes} == {
        ("version", "1", "2"),
        ("grades AAAA cut", "90", "88"),
    }
    assert AuditLine.objects.filter(verb="scheme.edited").count() == 1


def test_parts_are_added_and_removed(draft, author):
    value = scheme_desk.part_of(draft.document, "criteria", 0) | {"code": "GD199"}
    longer = scheme_desk.with_part(draft.document, "criteria", 0, value, insert=True)
    assert [row["code"] for row in longer["criteria"][:3]] == ["GD101", "GD199", "GD102"]
    assert scheme_desk.with_part(longer, "criteria", 1, None) == draft.document
    with pytest.raises(ValidationError, match="没有这一项"):
        scheme_desk.with_part(draft.document, "criteria", 999, None)
    with pytest.raises(ValidationError, match="没有这一项"):
        scheme_desk.part_of(draft.document, "nonsense", 0)


def test_of_two_who_edit_at_once_the_second_is_told(draft, author):
    stale = Scheme.objects.get(pk=draft.pk)
    scheme_desk.save(scheme=draft, document=with_cut(draft.document, "88"), actor=author)
    with pytest.raises(ValidationError, match="已被他人修改"):
        scheme_desk.save(scheme=stale, document=with_cut(stale.document, "85"), actor=author)
    draft.refresh_from_db()
    assert draft.document["grades"][0]["cut"] == "88"


def test_an_unsound_draft_is_kept_but_not_submitted(draft, author):
    scheme_desk.save(scheme=draft, document=with_cut(draft.document, "70"), actor=author)
    with pytest.raises(ValidationError, match="应低于上一等级"):
        scheme_desk.submit(scheme=draft, actor=author)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_the_author_cannot_approve(draft, author, approver):
    colleague = UserFactory(role="city_officer")
    scheme_desk.submit(scheme=draft, actor=colleague)
    for person in (author, colleague):
        with pytest.raises(ValidationError, match="不能批准同一方案"):
            scheme_desk.approve(scheme=draft, valid_from=today(), actor=person)
        with pytest.raises(IntegrityError), transaction.atomic():
            Scheme.objects.filter(pk=draft.pk).update(approved_by=person)
    with pytest.raises(PermissionDenied):
        scheme_desk.approve(
            scheme=draft, valid_from=today(), actor=UserFactory(role="county_officer", region_code="440823")
        )
    with pytest.raises(ValidationError, match="不能早于今天"):
        scheme_desk.approve(scheme=draft, valid_from=today() - timedelta(days=1), actor=approver)
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by) == ("submitted", None)


def test_of_two_approvals_at_once_one_wins(draft, author, approver):
    scheme_desk.submit(scheme=draft, actor=author)
    other = Scheme.objects.get(pk=draft.pk)
    later = today() + timedelta(days=30)
    scheme_desk.approve(scheme=draft, valid_from=later, actor=approver)
    with pytest.raises(ValidationError, match="状态已经改变"):
        scheme_desk.approve(scheme=other, valid_from=today(), actor=UserFactory(role="city_officer"))
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by, draft.valid_from) == ("approved", approver, later)
    assert AuditLine.objects.filter(verb="scheme.approved").count() == 1


def test_from_its_day_on_it_holds_and_never_changes(draft, author, approver):
    scheme_desk.submit(scheme=draft, actor=author)
    day = today() + timedelta(days=30)
    scheme_desk.approve(scheme=draft, valid_from=day, actor=approver)
    assert scheme_desk.take_effect_due(day - timedelta(days=1)) == 0
    assert schemes.scheme_for("440823", day).version == "1"
    assert scheme_desk.take_effect_due(day) == 1
    assert scheme_desk.take_effect_due(day) == 0
    draft.refresh_from_db()
    assert draft.state == "in_force"
    assert Scheme.objects.get(code="gd-r1", version="1").state == "retired"
    assert schemes.scheme_for("440823", day - timedelta(days=1)).version == "1"
    assert schemes.scheme_for("440823", day).version == "2"
    assert RegionScheme.objects.filter(scheme__code="hz-r1").count() == 1
    for change in ({"document": {}}, {"name": "x"}, {"valid_from": today()}, {"approved_by": author}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Scheme.objects.filter(pk=draft.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.delete()


def test_submitted_content_is_fixed(draft, author, approver):
    scheme_desk.submit(scheme=draft, actor=author)
    with pytest.raises(ValidationError, match="已不是草案"):
        scheme_desk.save(scheme=draft, document=with_cut(draft.document, "88"), actor=author)
    with pytest.raises(IntegrityError), transaction.atomic():
        Scheme.objects.filter(pk=draft.pk).update(document={})
    with pytest.raises(ValidationError, match="只有草案可以删除"):
        scheme_desk.discard(scheme=draft, actor=author)
    with pytest.raises(ValidationError, match="退回的理由"):
        scheme_desk.send_back(scheme=draft, reason=" ", actor=approver)
    scheme_desk.send_back(scheme=draft, reason="分数线过低", actor=approver)
    assert draft.state == "draft"
    scheme_desk.save(scheme=draft, document=with_cut(draft.document, "88"), actor=author)
    scheme_desk.discard(scheme=draft, actor=author)
    assert not Scheme.objects.filter(version="2").exists()


def html_of(client, name, *arguments, **query):
    response = client.get(reverse(f"admin:rating_scheme_{name}", args=arguments), query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_draft_is_cloned_edited_checked_and_handed_in_on_the_pages(client, author, approver):
    enter(client, author)
    act = "admin:rating_scheme_act"
    original = shipped()
    response = client.post(reverse(act, args=[original.pk, "clone"]), {"version": "2"})
    draft = Scheme.objects.get(version="2")
    assert response.headers["Location"] == reverse("admin:rating_scheme_change", args=[draft.pk])
    assert "方案完整、自洽，可以报批。" in html_of(client, "change", draft.pk)
    address = reverse("admin:rating_scheme_part", args=[draft.pk, "criteria-0"]) + "?expert=1"
    assert "latest: profile.completed" in html_of(client, "part", draft.pk, "criteria-0", expert=1)
    form = {
        **{
            key: draft.document["criteria"][0][key]
            for key in ("code", "name", "indicator", "window", "clause")
        },
        "points": "4",
        "measure": "{latest: profile.completed}",
        "rule": "{scale: 4, zero_below: 0.75}",
        "none": "zero",
    }
    wrong = client.post(f"{address}&check=1", form | {"points": "5"}).content.decode()
    assert "GD101：规则能给的最高分应等于该项的分值" in wrong
    broken = client.post(f"{address}&check=1", form | {"rule": "{scale: ["}).content.decode()
    assert "“计分规则”的写法不对" in broken
    draft.refresh_from_db()
    assert draft.document == original.document | {"version": "2"}
    assert client.post(address, form | {"act": "save"}).status_code == 302
    draft.refresh_from_db()
    assert draft.document["criteria"][0]["rule"] == {"scale": 4, "zero_below": "0.75"}
    assert "0.75" in html_of(client, "compare", draft.pk)
    assert client.post(reverse(act, args=[draft.pk, "submit"])).status_code == 302
    refused = client.post(reverse(act, args=[draft.pk, "approve"]), {"valid_from": today().isoformat()})
    assert "不能批准同一方案" in refused.content.decode()
    enter(client, approver)
    client.post(reverse(act, args=[draft.pk, "approve"]), {"valid_from": today().isoformat()})
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by) == ("in_force", approver)
    assert client.get(address).status_code == 404


def test_a_draft_is_previewed_on_a_county_without_keeping_anything(client, author):
    examples.load()
    run = runs.start(scheme="gd-r1", region="44", year=2024, actor=None)
    run_all_jobs()
    county = run.ratings.order_by("pk").first().region_id[:6]
    draft = scheme_desk.clone(scheme=shipped(), version="2", actor=author)
    enter(client, UserFactory(role="province_officer"))
    html = html_of(client, "preview", draft.pk, run=run.pk, region=county)
    assert "0家等级变动" in html
    assert "等级迁移" in html
    assert "请填写县" in html_of(client, "preview", draft.pk, run=run.pk, region="44")
    address = reverse("admin:rating_scheme_preview", args=[draft.pk])
    enter(client, UserFactory(role="county_officer", region_code="440825"))
    assert client.get(address, {"run": run.pk, "region": "440823"}).status_code == 403


def test_a_county_officer_reads_drafts_and_changes_none(client, draft):
    enter(client, UserFactory(role="county_officer"))
    assert "GD101" in html_of(client, "change", draft.pk)
    for name in ("clone", "submit", "approve", "back", "discard", "nonsense"):
        assert client.post(reverse("admin:rating_scheme_act", args=[draft.pk, name])).status_code == 403
    part = reverse("admin:rating_scheme_part", args=[draft.pk, "criteria-0"])
    assert client.post(part, {"act": "remove"}).status_code == 403
    draft.refresh_from_db()
    assert (draft.state, draft.document["criteria"][0]["code"]) == ("draft", "GD101")
