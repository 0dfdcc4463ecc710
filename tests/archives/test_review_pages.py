"""Verification in the browser: the field list and its undo, the back office, the producer's answer."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job
from archives.models import RecordReview, ReviewSetting, ReviewSubstitute
from archives.services.reviews import deciding
from tests.archives.portal.farm import make_farm
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory, RegionFactory
from tests.factories.records import HarvestFactory, RecordReviewFactory

pytestmark = pytest.mark.django_db
VILLAGE = "440823100201"
LIST = "/field/reviews/"


@pytest.fixture
def officer():
    return UserFactory(role=Role.TOWNSHIP_SUPERVISOR, name="吴镇巡")


@pytest.fixture
def phone(officer):
    return enter(Client(), officer)


def waiting(count=1, village=VILLAGE, **fields):
    rows = [
        RecordReviewFactory(row=HarvestFactory(producer=ProducerFactory(region=village)), **fields)
        for _ in range(count)
    ]
    return rows if count > 1 else rows[0]


def text(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_a_township_verifies_on_the_phone_and_takes_it_back(phone, officer):
    rows, foreign = waiting(2), waiting(village="440823101201")
    page = text(phone.get(LIST))
    assert page.count('type="checkbox"') == 2
    assert foreign.producer.name not in page
    keys = {"review": [row.pk for row in rows] + [foreign.pk]}
    assert "核实这 2 条记录" in text(phone.get(f"{LIST}confirm/", keys))
    done = phone.post(f"{LIST}confirm/", keys)
    assert "已核实 2 条" in text(phone.get(done["Location"]))
    assert set(RecordReview.objects.values_list("state", flat=True)) == {"confirmed", "open"}
    phone.post(done["Location"])
    assert set(RecordReview.objects.values_list("state", flat=True)) == {"open"}
    assert (
        enter(Client(), UserFactory(role=Role.TOWNSHIP_SUPERVISOR)).get(done["Location"]).status_code == 404
    )


def test_own_entries_have_no_tick_and_nothing_ticked_is_said(phone, officer):
    waiting(recorded_by=officer)
    page = text(phone.get(LIST))
    assert 'type="checkbox"' not in page
    assert "须由他人核实" in page
    assert "请先勾选" in text(phone.get(f"{LIST}confirm/", follow=True))


def test_returned_with_a_reason_and_reversed(phone):
    first, second = waiting(2)
    text(phone.post(f"{LIST}{first.pk}/return/", {"reason": ""}))
    assert RecordReview.objects.get(pk=first.pk).state == "open"
    phone.post(f"{LIST}{first.pk}/return/", {"reason": "数量与票据不符"})
    phone.post(f"{LIST}{second.pk}/reverse/", {"reason": "查无此事"})
    states = dict(RecordReview.objects.values_list("pk", "state"))
    assert states == {first.pk: "returned", second.pk: "reversed"}
    assert "数量与票据不符" in text(phone.get(LIST, {"state": "returned"}))


def test_a_village_assistant_looks_but_does_not_decide():
    row = waiting()
    cun = enter(Client(), UserFactory(role=Role.VILLAGE_ASSISTANT))
    page = text(cun.get(f"{LIST}{row.pk}/"))
    assert "退回主体" not in page
    for act in ("return", "reverse"):
        assert cun.post(f"{LIST}{row.pk}/{act}/", {"reason": "x"}).status_code == 403
    assert cun.post(f"{LIST}confirm/", {"review": row.pk}).status_code == 403
    assert RecordReview.objects.get().state == "open"


def test_the_list_asks_as_much_for_twenty_as_for_one(phone, django_assert_max_num_queries):
    waiting(20)
    phone.get(LIST)
    with django_assert_max_num_queries(16):
        text(phone.get(LIST))


def test_the_producer_sees_the_reason_and_answers(phone, officer):
    farm = make_farm(region=VILLAGE)
    review = RecordReviewFactory(row=HarvestFactory(producer=farm.producer, product=farm.product))
    deciding.send_back(review=review, reason="数量与票据不符", actor=officer)
    assert "被退回：数量与票据不符" in farm.get("/my/")
    address = f"/my/records/harvest/{review.uid}/"
    assert "监管人员退回了这一笔" in farm.get(address)
    assert "数量与票据不符" in farm.get(f"{address}answer/")
    assert farm.client.post(f"{address}answer/", {"text": "另有一张票据"}).status_code == 302
    assert "说明已提交" in farm.get(address)
    assert "另有一张票据" in text(phone.get(LIST))
    farm.get(f"{address}answer/", status=404)
    deciding.confirm(reviews=[review.pk], actor=officer)
    assert "监管人员已核实" in farm.get(address)


def test_another_producer_cannot_answer(officer):
    farm = make_farm(region=VILLAGE)
    review = waiting()
    deciding.send_back(review=review, reason="x", actor=officer)
    farm.get(f"/my/records/harvest/{review.uid}/answer/", status=404)
    assert farm.client.post(f"/my/records/harvest/{review.uid}/answer/", {"text": "x"}).status_code == 404


def test_the_back_office_previews_confirms_and_takes_back():
    desk = enter(Client(), UserFactory(name="黄县农"))
    rows, mine = waiting(2), waiting(recorded_by=desk.get("/admin/").wsgi_request.user)
    address = reverse("admin:archives_recordreview_changelist")
    chosen = {"action": "confirm_chosen", "_selected_action": [row.pk for row in (*rows, mine)]}
    preview = desk.post(address, chosen)
    page = text(desk.get(preview["Location"]))
    assert "将核实以下 2 条记录" in page
    assert "另有 1 条由您录入" in page
    ids = ",".join(str(row.pk) for row in (*rows, mine))
    done = desk.post(reverse("admin:archives_recordreview_confirm"), {"ids": ids})
    assert "已核实2条" in text(desk.get(done["Location"]))
    assert RecordReview.objects.filter(state="confirmed").count() == 2
    assert desk.post(done["Location"]).status_code == 302
    assert RecordReview.objects.filter(state="open").count() == 3


def test_the_back_office_filters_and_acts():
    desk = enter(Client(), UserFactory())
    late, drawn = waiting(), waiting(flags=["sample"], notes={})
    address = reverse("admin:archives_recordreview_changelist")
    found = desk.get(address, {"flag": "sample", "township": "440823100", "noun": "harvest"})
    assert [row.pk for row in found.context["cl"].result_list] == [drawn.pk]
    opened = desk.get(reverse("admin:archives_recordreview_change", args=[late.pk]))
    assert [offer["label"] for offer in opened.context["acts"]] == ["核实无误", "退回主体", "撤销记录"]
    act = reverse("admin:archives_recordreview_act", args=[late.pk, "return"])
    assert desk.post(act, {"reason": "票据不符"}).status_code == 302
    assert RecordReview.objects.get(pk=late.pk).state == "returned"


def test_drawing_setting_and_substitutes_in_the_back_office():
    county = UserFactory()
    desk = enter(Client(), county)
    town, neighbour = RegionFactory(code="440823100"), RegionFactory(code="440823101")
    desk.post(reverse("admin:archives_recordreview_draw"), {"act": "draw"})
    assert Job.objects.get().args["region"] == "440823"
    add = reverse("admin:archives_reviewsetting_add")
    assert "最少≤最多" in text(desk.post(add, {"region": town.pk, "percent": 5, "least": 9, "most": 3}))
    assert desk.post(add, {"region": town.pk, "percent": 9, "least": 1, "most": 3}).status_code == 302
    assert ReviewSetting.objects.get().percent == 9
    other = UserFactory(role=Role.TOWNSHIP_SUPERVISOR, region_code=neighbour.code)
    today = clock.today()
    given = {"region": town.pk, "user": other.pk, "valid_from": today, "reason": "缺人"}
    add = reverse("admin:archives_reviewsubstitute_add")
    late = {**given, "valid_until": today - datetime.timedelta(days=1)}
    assert "不早于今天" in text(desk.post(add, late))
    assert desk.post(add, {**given, "valid_until": today}).status_code == 302
    row = waiting()
    assert row.producer.name in text(enter(Client(), other).get(LIST))
    end = reverse("admin:archives_reviewsubstitute_act", args=[ReviewSubstitute.objects.get().pk, "end"])
    desk.post(end, {"reason": "已补人"})
    assert row.producer.name not in text(enter(Client(), other).get(LIST))


def test_a_township_supervisor_arranges_nothing():
    desk = enter(Client(), UserFactory(role=Role.TOWNSHIP_SUPERVISOR))
    for name in ("reviewsetting_add", "reviewsubstitute_add", "recordreview_draw"):
        assert desk.post(reverse(f"admin:archives_{name}"), {"act": "draw"}).status_code == 403
    assert not Job.objects.exists()
