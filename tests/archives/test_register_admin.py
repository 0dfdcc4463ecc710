"""The register in the back office: lists in few queries, files written through services, acts."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from archives.models import CreditEvent, Harvest, Membership, Plot, Producer, ProducerProduct
from archives.services.producers import register
from archives.services.records import record_harvest
from tests.archives.test_producers import IDENTITY
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import (
    LicenceFactory,
    MembershipFactory,
    PlotFactory,
    ProducerFactory,
    ProducerProductFactory,
    ProductFactory,
    RegionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture
def desk(client, officer):
    return enter(client, officer)


def listed(answer):
    return [row.name for row in answer.context["cl"].result_list]


def lists(desk, **query):
    return desk.get(reverse("admin:archives_producer_changelist"), query)


def act(desk, row, name, /, **data):
    model = row._meta.model_name
    return desk.post(reverse(f"admin:archives_{model}_act", args=[row.pk, name]), data)


def test_the_list_shows_the_own_jurisdiction_and_costs_no_more_for_more_rows(
    desk, django_assert_max_num_queries
):
    mine = {ProducerFactory().name for _ in range(20)}
    ProducerFactory(region="440825")
    lists(desk)
    with django_assert_max_num_queries(20):
        answer = lists(desk)
    assert set(listed(answer)) == mine


def test_producers_are_found_by_text_kind_and_typed_division(desk):
    RegionFactory(code="440823101", name="黄略镇")
    near = ProducerFactory(name="绿源蔬菜合作社", region="440823101")
    ProducerFactory(name="绿源果业公司", kind="enterprise")
    assert set(listed(lists(desk, q="绿源"))) == {"绿源蔬菜合作社", "绿源果业公司"}
    assert listed(lists(desk, q="lyscHZS")) == [near.name]
    assert listed(lists(desk, kind="enterprise")) == ["绿源果业公司"]
    assert listed(lists(desk, township="440823101")) == [near.name]
    assert listed(lists(desk, township="黄略")) == [near.name]
    assert listed(lists(desk, township="没有")) == []


def test_the_list_is_searched_by_a_whole_phone_or_identity_number(desk, officer):
    """An officer knows the number that called; parts of it find nobody, nor does the public search."""
    RegionFactory()
    known = register(
        name="陈水生", kind="smallholder", nature="natural_person", region="440823", sectors=["crops"],
        identity_number=IDENTITY, phone="13800138000", actor=officer,
    )  # fmt: skip
    ProducerFactory(name="别处合作社")
    for text in ("13800138000", "138 0013 8000", IDENTITY, IDENTITY.lower()):
        assert listed(lists(desk, q=text)) == [known.name], text
        assert not Producer.objects.search(text).exists()
    for text in ("13800138001", "8000", IDENTITY[:-1]):
        assert listed(lists(desk, q=text)) == [], text
    LicenceFactory(producer=known)
    address = reverse("admin:archives_licence_changelist")
    assert len(desk.get(address, {"q": "13800138000"}).context["cl"].result_list) == 1
    elsewhere = enter(Client(), UserFactory(region_code="440825"))
    assert listed(lists(elsewhere, q="13800138000")) == []


def form(**fields):
    return {
        "name": "遂溪县新建合作社", "kind": "cooperative", "nature": "legal_person", "sectors": ["crops"],
        "activities": ["production"],
        "region_code": "440823", "registered_on": "2026-01-05", "new_phone": "13800138000", **fields,
    }  # fmt: skip


def empty_inlines(page):
    """The management forms of the tabs, as the page sends them."""
    return {
        f"{tab.formset.prefix}-{part}": str(tab.formset.management_form[part].value())
        for tab in page.context["inline_admin_formsets"]
        for part in ("TOTAL_FORMS", "INITIAL_FORMS")
    }


def test_a_file_is_opened_and_changed_through_the_services(desk, officer):
    RegionFactory()
    answer = desk.post(reverse("admin:archives_producer_add"), form())
    assert answer.status_code == 302
    producer = Producer.objects.get()
    assert (producer.phone, producer.region_id) == ("13800138000", "440823")
    assert AuditLine.objects.get(verb="producer.registered").actor == officer
    assert CreditEvent.objects.filter(producer=producer).count() == 2
    page = desk.get(reverse("admin:archives_producer_change", args=[producer.pk]))
    text = page.content.decode()
    assert "13800138000" not in text
    assert "138****8000" in text
    assert AuditLine.objects.filter(verb="data.viewed").count() == 1
    changed = form(name="遂溪县改名合作社", new_phone="") | empty_inlines(page)
    answer = desk.post(reverse("admin:archives_producer_change", args=[producer.pk]), changed)
    assert answer.status_code == 302
    producer.refresh_from_db()
    assert (producer.name, producer.phone) == ("遂溪县改名合作社", "13800138000")


def test_a_refusal_stands_beside_its_field(desk):
    RegionFactory()
    RegionFactory(code="440825")
    answer = desk.post(
        reverse("admin:archives_producer_add"), form(region_code="440825", credit_code="9", new_phone="1")
    )
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    assert set(errors) == {"region_code", "credit_code", "new_phone"}
    assert errors["region_code"] == ["“广东省湛江市徐闻县”不在您的辖区内。"]
    for said, code in (("没有这个行政区划，请从列表中选择。", "449999"), ("该字段是必填项。", "")):
        answer = desk.post(reverse("admin:archives_producer_add"), form(region_code=code))
        assert answer.context["adminform"].form.errors == {"region_code": [said]}
    assert not Producer.objects.exists()


def test_the_acts_of_a_producers_page(desk):
    producer, other = ProducerFactory(), ProducerFactory(key="OTHER")
    far = ProducerFactory(key="FAR", region="440825")
    ProductFactory(code="P1", name="辣椒")
    user = UserFactory(role=Role.PRODUCER, username="zhangsan")
    assert act(desk, producer, "product", product="辣椒").status_code == 302
    assert act(desk, producer, "plot", name="1号地", area_mu="3").status_code == 302
    assert act(desk, producer, "grant", user="zhangsan", role="owner").status_code == 302
    assert act(desk, producer, "status", status="paused", reason="休耕").status_code == 302
    assert act(desk, producer, "confirm").status_code == 302
    assert ProducerProduct.objects.get().product.code == "P1"
    assert Plot.objects.get().area_mu == 3
    assert Membership.objects.get().user == user
    assert (
        "您的辖区内没有这个编号的主体"
        in act(desk, producer, "merge", into=far.key, reason="x").content.decode()
    )
    assert act(desk, producer, "merge", into="OTHER", reason="重复").status_code == 302
    producer.refresh_from_db()
    assert producer.merged_into == other
    assert act(desk, producer, "unmerge", reason="并错").status_code == 302
    assert act(desk, far, "confirm").status_code == 404


def test_a_refused_act_says_why_and_changes_nothing(desk):
    producer = ProducerFactory()
    answer = act(desk, producer, "merge", into=producer.key, reason="x")
    assert answer.status_code == 200
    assert "不能合并到自己" in answer.content.decode()
    assert act(desk, producer, "nothing").status_code == 403


def test_those_who_may_only_look_are_offered_nothing(client):
    producer = ProducerFactory(phone="13800138000", phone_hash="x")
    province = enter(client, UserFactory(role=Role.PROVINCE_OFFICER))
    page = province.get(reverse("admin:archives_producer_change", args=[producer.pk]))
    assert page.status_code == 200
    assert [act for act in page.context["acts"] if "/act/" in act["url"]] == []
    assert "8000" not in page.content.decode()
    assert act(province, producer, "confirm").status_code == 403


@pytest.mark.parametrize(
    "model",
    ["inputpurchase", "inputuse", "pestobservation", "harvest", "selftest", "sale", "plot", "membership",
     "region", "product", "producerproduct"],
)  # fmt: skip
def test_every_list_opens(desk, model):
    assert desk.get(reverse(f"admin:archives_{model}_changelist")).status_code == 200


def test_a_record_is_looked_at_and_reversed_by_those_who_may(desk, client):
    producer = ProducerFactory()
    product = ProducerProductFactory(producer=producer).product
    row = record_harvest(
        producer=producer, occurred_on=datetime.date(2026, 10, 1), product=product,
        plot=PlotFactory(producer=producer), quantity=5, unit="公斤",
    )  # fmt: skip
    page = desk.get(reverse("admin:archives_harvest_change", args=[row.pk]))
    assert page.status_code == 200
    assert [act for act in page.context["acts"] if "/act/" in act["url"]] == []
    file = desk.get(reverse("admin:archives_producer_change", args=[producer.pk]))
    assert row.batch in file.content.decode()
    assert act(desk, row, "reverse", reason="x").status_code == 403
    assert Harvest.objects.get().status == "active"
    found = desk.get(reverse("admin:archives_harvest_changelist"), {"q": producer.name})
    assert [r.pk for r in found.context["cl"].result_list] == [row.pk]


def test_a_membership_is_revoked_on_its_page(desk):
    membership = MembershipFactory()
    assert act(desk, membership, "revoke", reason="换人").status_code == 302
    membership.refresh_from_db()
    assert membership.valid_to is not None
