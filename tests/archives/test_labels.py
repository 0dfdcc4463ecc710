"""Intervals and scope of use: the label of the product is the authority, hints never are."""

import datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from archives.models import CreditEvent, EventNote, InputUse, RecordReview
from archives.portal.offline.records import said_of
from archives.services.records import RecordsRefused, earliest_harvest, reverse_record
from tests.archives.conftest import MONDAY, buy, pick, spray
from tests.archives.recording import refused
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import (
    MembershipFactory,
    ProducerFactory,
    ProducerProductFactory,
    ProductFactory,
)
from tests.factories.inputs import InputItemFactory, InputLabelFactory


def days(count):
    return datetime.timedelta(days=count)


def scope(use):
    event = CreditEvent.objects.filter(uid=f"{use.uid}:scope.checked").first()
    return None if event is None else event.outcome_name


def note(use):
    return EventNote.objects.get(event__uid=f"{use.uid}:scope.checked").note


def test_a_hint_is_shown_and_never_applied(field):
    with pytest.raises(RecordsRefused) as error:
        spray(field, name="阿维菌素", interval_days=None)
    assert "参考，未核对标签：豇豆5天" in refused(error)["interval_days"]
    assert InputUse.objects.count() == CreditEvent.objects.count() == 0
    assert spray(field, name="阿维菌素", interval_days=3).interval_days == 3  # the label in the farmer's hand


def test_a_checked_label_needs_no_entry_and_overrules_a_shorter_one(field):
    item = InputItemFactory()
    InputLabelFactory(item=item, interval_days=10)
    said = {"name": item.name, "registration_number": item.registration_number}
    read = spray(field, interval_days=None, **said)
    assert (read.interval_days, read.interval_source, read.item) == (10, "catalogue", item)
    short = spray(field, interval_days=3, **said)
    assert (short.harvest_from, short.doubts) == (MONDAY + days(10), ["short_interval"])
    long = spray(field, interval_days=21, **said)
    assert (long.interval_days, long.interval_source, long.doubts) == (21, "label", [])


def test_a_crop_that_the_checked_label_does_not_name_is_out_of_scope(field):
    item = InputItemFactory()
    InputLabelFactory(item=item, crop="柑橘", covers=["红江橙"])
    use = spray(field, name=item.name, registration_number=item.registration_number, on_label=True)
    assert scope(use) == "fail"
    assert note(use) == "标签没有登记用于长豇豆（农药管理条例第三十四条）"


def test_too_much_for_the_area_is_out_of_scope(field):
    item = InputItemFactory()
    InputLabelFactory(item=item, dose_min=20, dose_max=40, dose_unit="毫升")
    said = {"name": item.name, "registration_number": item.registration_number, "interval_days": None}
    within = spray(field, quantity=Decimal("0.2"), unit="升", area_mu=Decimal(5), **said)
    beyond = spray(field, quantity=Decimal("0.201"), unit="升", area_mu=Decimal(5), **said)
    assert (scope(within), scope(beyond)) == ("pass", "fail")
    assert note(beyond) == "每亩用量超过标签的最高用量40毫升（农药管理条例第三十四条）"


def test_more_often_than_the_label_allows_is_out_of_scope(field):
    item = InputItemFactory()
    InputLabelFactory(item=item, max_uses=2)
    said = {"name": item.name, "registration_number": item.registration_number, "interval_days": None}
    uses = [spray(field, MONDAY + days(n), **said) for n in range(3)]
    assert [scope(use) for use in uses] == ["pass", "pass", "fail"]
    assert note(uses[2]) == "每季最多使用2次，这是第3次（农药管理条例第三十四条）"


def test_highly_toxic_pesticides_stay_off_vegetables(field):
    item = InputItemFactory(name="某高毒药", toxicity="high")
    InputLabelFactory(item=item)
    use = spray(field, name=item.name, registration_number=item.registration_number)
    assert scope(use) == "fail"
    assert "农药管理条例第三十四条" in note(use)


def test_a_registration_that_had_run_out_is_for_officers_to_see(field):
    item = InputItemFactory(valid_until=MONDAY - days(1))
    bought = buy(field, name=item.name, registration_number=item.registration_number)
    assert (bought.item, bought.doubts) == (item, ["expired"])


@pytest.fixture
def henhouse(field):
    farm = ProducerFactory(key="HENS", sectors=["livestock"])
    for code, name, category in (
        ("020201", "鸡蛋", "禽蛋"),
        ("020102", "肉鸡", "畜禽"),
        ("020105", "肉牛", "畜禽"),
    ):
        product = ProductFactory(
            code=code,
            name=name,
            category=category,
            sector="livestock",
            animal="牛" if name == "肉牛" else "鸡",
        )
        ProducerProductFactory(producer=farm, product=product)
        setattr(farm, {"鸡蛋": "egg", "肉鸡": "hen", "肉牛": "cow"}[name], product)
    farm.bean, farm.plot = farm.egg, None
    return farm


def test_eggs_and_meat_of_the_same_hens_wait_each_for_their_own_days(henhouse):
    use = spray(
        henhouse, kind="veterinary_drug", name="氟苯尼考", interval_days=None, egg_days=7, meat_days=28
    )
    assert (use.harvest_from, use.egg_from, use.meat_from) == (
        MONDAY + days(7), MONDAY + days(7), MONDAY + days(28),
    )  # fmt: skip
    assert pick(henhouse, MONDAY + days(8)).interval_kept
    assert not pick(henhouse, MONDAY + days(8), product=henhouse.hen, reason="淘汰").interval_kept
    assert pick(henhouse, MONDAY + days(8), product=henhouse.cow).interval_kept
    assert earliest_harvest(producer=henhouse, product=henhouse.hen, on=MONDAY) == MONDAY + days(28)


def test_degree_days_are_divided_by_the_waters_temperature_and_rounded_up(henhouse):
    fish = ProductFactory(code="030104", name="草鱼", category="水产品", sector="aquaculture")
    ProducerProductFactory(producer=henhouse, product=fish)
    said = {"kind": "veterinary_drug", "product": fish, "interval_days": None, "degree_days": 500}
    with pytest.raises(RecordsRefused) as error:
        spray(henhouse, **said)
    assert "水温" in refused(error)["water_temperature"]
    use = spray(henhouse, water_temperature=Decimal("23.5"), **said)
    assert (use.interval_days, use.harvest_from) == (22, MONDAY + days(22))  # 21.3 days


def test_a_stop_far_ahead_is_a_slip(field):
    with pytest.raises(RecordsRefused) as error:
        spray(field, stopped_on=datetime.date(2027, 11, 2))
    assert refused(error) == {"stopped_on": "停用日期太晚，请核对；还在用的可以先填到今天。"}


def test_a_use_that_goes_on_holds_harvest_back_until_after_its_last_day(field):
    use = spray(field, stopped_on=MONDAY + days(20), interval_days=0)
    assert use.harvest_from == MONDAY + days(20)
    assert not pick(field, MONDAY + days(10), reason="台风前抢收").interval_kept


def test_the_farmer_and_the_verifier_read_the_same_reason_with_its_clause(field):
    """Not refused: what happened is written down, told with art. 34, and put up for verification."""
    owner = Client()
    owner.force_login(MembershipFactory(producer=field).user)
    use = spray(field, on_label=False)
    why = "超出标签登记的作物或范围使用（农药管理条例第三十四条）"
    page = owner.get(reverse("my:record", args=["use", use.uid])).content.decode()
    assert why in page
    assert why in said_of("use", use)["said"]
    assert RecordReview.objects.get(uid=use.uid).notes["unusual"] == why
    supervisor = UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code=field.region_id[:9])
    assert why in enter(Client(), supervisor).get(reverse("field:reviews")).content.decode()
    reverse_record(row=use, reason="记错")
    assert why not in owner.get(reverse("my:record", args=["use", use.uid])).content.decode()
    with pytest.raises(RecordsRefused) as error:
        spray(field, name="甲胺磷")
    assert "禁止使用" in refused(error)["name"]
