"""Finding producers, and who may see which."""

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from archives.models import Producer
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory, ProducerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return {
        "veg": ProducerFactory(name="遂溪县绿源蔬菜专业合作社", key="SX-1"),
        "fruit": ProducerFactory(name="徐闻县红江橙水果有限公司", region="440825"),
        "wide": ProducerFactory(name="ＡＢＣ农场（廉江）", region="440881"),
        "person": ProducerFactory(name="绿源陈", natural=True),
    }


def found(text):
    return set(Producer.objects.search(text).values_list("name", flat=True))


def test_a_fragment_of_any_length_finds_the_name(city):
    assert found("绿") == found("绿源") == {city["veg"].name, city["person"].name}
    assert found("绿源蔬菜") == {city["veg"].name}
    assert found("源绿") == set()
    assert found("蔬菜 遂溪") == {city["veg"].name}
    assert found("蔬菜 徐闻") == set()


def test_width_and_case_do_not_matter(city):
    assert found("abc农场(廉江)") == found("ＡＢＣ") == found("abc") == {city["wide"].name}


def test_initials_match_from_the_start(city):
    assert found("sxxly") == {city["veg"].name}
    assert found("SXXLY") == {city["veg"].name}
    assert found("xxly") == set()


def test_a_credit_code_and_a_key_match_whole(city):
    assert found(city["fruit"].credit_code.lower()) == {city["fruit"].name}
    assert found(f" {city['fruit'].credit_code[:9]} {city['fruit'].credit_code[9:]}") == {city["fruit"].name}
    assert found("SX-1") == {city["veg"].name}


@pytest.mark.parametrize("text", ["", "  ", "%", "_", "没有这一家", "'; DROP TABLE x"])
def test_nothing_is_found_for_nothing(city, text):
    assert found(text) == set()


def test_the_best_comes_first():
    ProducerFactory(name="湛江绿源果蔬")
    ProducerFactory(name="绿源果蔬公司")
    ProducerFactory(name="绿源果蔬")
    names = [p.name for p in Producer.objects.all().ranked("绿源果蔬", 3)]
    assert names == ["绿源果蔬", "绿源果蔬公司", "湛江绿源果蔬"]


def test_the_public_never_finds_natural_persons_or_aliases(city):
    target = city["veg"]
    alias = ProducerFactory(name="绿源旧档", status="merged", merged_into=target)
    assert alias.pk
    assert [p.name for p in Producer.objects.public().search("绿源")] == [target.name]
    assert [p.is_public for p in (target, alias, city["person"])] == [True, False, False]


def test_a_search_uses_the_indexes(city):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Producer.objects.search("绿源").explain()
        initials = Producer.objects.search("sxxly").explain()
    assert "producer_name_grams" in plan
    assert "producer_initials" in initials


@pytest.mark.parametrize(
    ("role", "region", "names"),
    [
        ("province_officer", "44", {"veg", "fruit", "wide", "person"}),
        ("county_officer", "440825", {"fruit"}),
        ("township_supervisor", "440823101", set()),
        ("agency", "4408", {"veg", "fruit", "wide", "person"}),
        ("system_admin", "", set()),
        ("security_admin", "", set()),
        ("audit_admin", "", set()),
        ("market", "", set()),
        ("producer", "", set()),
    ],
)
def test_everyone_sees_its_jurisdiction_and_no_more(city, role, region, names):
    user = UserFactory(role=role, region_code=region)
    assert set(Producer.objects.visible_to(user)) == {city[name] for name in names}


def test_a_visitor_sees_nothing_and_a_member_its_own(city):
    assert not Producer.objects.visible_to(AnonymousUser()).exists()
    membership = MembershipFactory(producer=city["wide"])
    assert list(Producer.objects.visible_to(membership.user)) == [city["wide"]]


def test_those_rated_are_at_work_and_registered_in_time():
    end = datetime.date(2024, 12, 31)
    rated = ProducerFactory(registered_on=end)
    paused = ProducerFactory(status="paused")
    ProducerFactory(registered_on=datetime.date(2025, 1, 1))
    ProducerFactory(status="closed")
    ProducerFactory(region="440825")
    ProducerFactory(status="merged", merged_into=rated)
    assert set(Producer.objects.rated_in("440823", end)) == {rated, paused}
