"""Entering records: one question a page, nothing lost by a refusal, nothing recorded twice."""

import datetime

import pytest

from archives.models import (
    CreditEvent,
    HarmlessDisposal,
    Harvest,
    Immunisation,
    InputPurchase,
    InputUse,
    PackagingReturn,
    Packing,
    PestObservation,
    ProducerProduct,
    ProductionBatch,
    Sale,
    SelfTest,
)
from archives.portal.flows import FLOWS
from tests.archives.portal.farm import answers_of, hidden, make_farm
from tests.factories.archives import PlotFactory, ProducerProductFactory, ProductFactory
from tests.factories.records import HarvestFactory, InputPurchaseFactory, InputUseFactory

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 21)
USE = {
    "what": "other",
    "kind": "pesticide",
    "name": "阿维菌素",
    "manufacturer": "某某农化",
    "quantity": "20",
    "unit": "毫升",
    "interval_days": "7",
    "method": "喷雾",
    "target": "豆荚螟",
    "day": "2026-11-21",
}
ANSWERS = {
    "purchase": {
        "kind": "pesticide",
        "name": "阿维菌素",
        "registration_number": "PD20081234",
        "quantity": "10",
        "unit": "瓶",
        "supplier": "遂城农资店",
        "manufacturer": "某某农化",
        "day": "2026-11-21",
    },
    "use": USE,
    "pest": {"pest": "豆荚螟", "severity": "轻", "treatment": "挂黄板", "day": "2026-11-20"},
    "harvest": {"quantity": "120", "unit": "公斤", "day": "2026-11-21"},
    "self_test": {"passed": "yes", "method": "rapid", "items": "农药残留", "day": "2026-11-21"},
    "sale": {"quantity": "50", "unit": "公斤", "buyer": "霞山批发市场", "day": "2026-11-21"},
    "batch": {
        "variety": "丰产2号",
        "quantity": "3",
        "unit": "公斤",
        "origin": "县种苗场",
        "day": "2026-11-20",
    },
    "immunisation": {
        "disease": "口蹄疫",
        "vaccine": "口蹄疫灭活疫苗",
        "quantity": "20",
        "unit": "头",
        "day": "2026-11-21",
    },
    "harmless": {"cause": "died", "method": "buried", "quantity": "1", "unit": "头", "day": "2026-11-21"},
    "packing": {"work": "packed", "packages": "12", "quantity": "60", "unit": "公斤", "day": "2026-11-21"},
    "packaging": {"pieces": "8", "collection_point": "村回收点", "day": "2026-11-21"},
}
MODELS = {
    "purchase": InputPurchase,
    "use": InputUse,
    "pest": PestObservation,
    "harvest": Harvest,
    "self_test": SelfTest,
    "sale": Sale,
    "batch": ProductionBatch,
    "immunisation": Immunisation,
    "harmless": HarmlessDisposal,
    "packing": Packing,
    "packaging": PackagingReturn,
}


def walk(farm, noun, given):
    """Answer page after page as the browser does; the last page's form is sent. Returns the last response."""
    path = f"/my/records/new/{noun}/"
    given = {"plot": str(farm.plot.pk), **given}
    response = farm.client.get(path)
    for _step in FLOWS[noun]:
        html = response.content.decode()
        form = response.context["form"]
        data = hidden(html) | {key: given[key] for key in form.fields if key in given}
        data.pop("csrfmiddlewaretoken", None)
        if response.context["last"]:
            return farm.client.post(path, data)
        response = farm.client.get(path, data)
        assert not response.context["form"].errors, response.context["form"].errors
    raise AssertionError("the walk never ended")


@pytest.mark.parametrize("noun", list(ANSWERS))
def test_each_kind_of_record_is_entered_page_by_page(farm, noun):
    response = walk(farm, noun, ANSWERS[noun])
    row = MODELS[noun].objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/my/records/{noun}/{row.uid}/"
    assert (row.producer, row.recorded_by) == (farm.producer, farm.user)
    assert row.occurred_on == datetime.date.fromisoformat(ANSWERS[noun]["day"])
    assert "已保存" in farm.get(response["Location"])


def test_a_use_says_from_which_day_its_product_may_be_harvested(farm):
    response = walk(farm, "use", USE)
    use = InputUse.objects.get()
    assert (use.product, use.plot, use.harvest_from) == (farm.product, farm.plot, datetime.date(2026, 11, 28))
    html = farm.get(response["Location"])
    assert "已保存。" in html
    assert "3号地的长豇豆 11月28日起可采收" in html
    assert "11月28日起 3号地长豇豆可采收" in farm.get("/my/")


def test_a_product_is_not_asked_of_those_who_grow_one(farm):
    assert "哪块地？" in farm.get("/my/records/new/use/")
    ProducerProductFactory(producer=farm.producer, product=ProductFactory(name="辣椒"))
    html = farm.get("/my/records/new/use/")
    assert "哪种产品？" in html
    assert "辣椒" in html


def test_the_last_choices_stand_there_already(farm):
    other = PlotFactory(producer=farm.producer, name="5号地")
    bought = InputPurchaseFactory(producer=farm.producer)
    InputUseFactory(
        producer=farm.producer, product=farm.product, plot=other, name=bought.name, method="灌根", unit="克"
    )
    form = farm.client.get("/my/records/new/use/").context["form"]
    assert form["plot"].value() == str(other.pk)
    asked = {"plot": str(other.pk), "from": "plot"}
    assert farm.client.get("/my/records/new/use/", asked).context["form"]["what"].value() == str(bought.uid)
    asked |= {"what": str(bought.uid), "from": "what"}
    assert farm.client.get("/my/records/new/use/", asked).context["form"]["unit"].value() == "克"
    asked |= {"quantity": "1", "unit": "克", "from": "amount"}
    assert farm.client.get("/my/records/new/use/", asked).context["form"]["interval_days"].value() == 7


def test_a_use_from_a_purchase_takes_its_label_along(farm):
    bought = InputPurchaseFactory(
        producer=farm.producer, registration_number="PD1", manufacturer="某某农化", occurred_on=TODAY,
        batch_number="20260901",
    )  # fmt: skip
    walk(farm, "use", {**USE, "what": str(bought.uid)})
    use = InputUse.objects.get()
    assert (use.purchase, use.name, use.registration_number) == (bought, "阿维菌素", "PD1")
    assert (use.batch_number, use.manufacturer) == ("20260901", "某某农化")


def test_fertiliser_is_not_asked_for_an_interval(farm):
    walk(farm, "use", {**USE, "kind": "fertiliser", "name": "复合肥"})
    assert InputUse.objects.get().interval_days is None


def test_a_banned_input_is_refused_beside_its_name_and_nothing_is_lost(farm):
    asked = {
        "plot": str(farm.plot.pk),
        "what": "other",
        "kind": "pesticide",
        "name": "甲胺磷乳油",
        "from": "what",
    }
    response = farm.client.get("/my/records/new/use/", asked)
    form = response.context["form"]
    assert form.slug == "what"
    assert "“甲胺磷”自2007年1月1日起禁止使用（农业部公告第322号）" in form.errors["name"][0]
    html = response.content.decode()
    assert 'value="甲胺磷乳油"' in html
    assert hidden(html)["plot"] == str(farm.plot.pk)
    assert InputUse.objects.count() == 0


def test_a_banned_input_smuggled_past_its_page_is_refused_when_saved(farm):
    data = {**USE, "plot": str(farm.plot.pk), "name": "甲胺磷"}
    response = farm.client.post("/my/records/new/use/", data)
    assert response.status_code == 200
    assert response.context["form"].slug == "what"
    assert InputUse.objects.count() == CreditEvent.objects.count() == 0


def test_a_refusal_of_the_service_comes_back_to_the_page_that_was_answered(farm):
    """A sale dated before its batch: only the service knows, and its sentence stands beside the day."""
    batch = HarvestFactory(producer=farm.producer, product=farm.product, occurred_on=TODAY)
    data = {"harvest": str(batch.uid), "quantity": "5", "unit": "公斤", "buyer": "市场", "day": "2026-11-20"}
    response = farm.client.post("/my/records/new/sale/", data)
    assert response.context["form"].errors["occurred_on"] == ["日期早于所关联记录的日期2026年11月21日。"]
    assert hidden(response.content.decode())["buyer"] == "市场"
    assert Sale.objects.count() == 0


def test_a_product_taken_away_meanwhile_is_said_and_nothing_is_kept(farm):
    ProducerProductFactory(producer=farm.producer, product=(other := ProductFactory(name="辣椒")))
    data = {"product": str(other.pk), "plot": str(farm.plot.pk), **ANSWERS["harvest"]}
    ProducerProduct.objects.filter(product=other).delete()
    ProducerProductFactory(producer=farm.producer, product=ProductFactory(name="番茄"))
    response = farm.client.post("/my/records/new/harvest/", data)
    assert response.context["form"].slug == "product"
    assert response.context["form"].errors
    assert Harvest.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "1.2345"}, "quantity"),
        ({"unit": "筐" * 17}, "unit"),
        ({"plot": "999999"}, "plot"),
        ({"day": "other"}, "occurred_on"),
        ({"day": "other", "occurred_on": "2027-01-01"}, "occurred_on"),
        ({"day": "other", "occurred_on": "1999-12-31"}, "occurred_on"),
        ({"standard": "标" * 81}, "standard"),
    ],
)
def test_a_wrong_answer_is_said_beside_its_field(farm, change, field):
    data = {"plot": str(farm.plot.pk), **ANSWERS["harvest"], **change}
    response = farm.client.post("/my/records/new/harvest/", data)
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert Harvest.objects.count() == 0


def test_sending_twice_is_recording_once(farm):
    data = {"uid": "6f9619ff-8b86-4011-b42d-00cf4fc964ff", "plot": str(farm.plot.pk), **ANSWERS["harvest"]}
    first, second = (farm.client.post("/my/records/new/harvest/", data) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Harvest.objects.count() == 1


def test_the_same_page_sent_again_with_another_amount_asks_before_it_is_another_record(farm):
    data = {"uid": "6f9619ff-8b86-4011-b42d-00cf4fc964ff", "plot": str(farm.plot.pk), **ANSWERS["harvest"]}
    farm.client.post("/my/records/new/harvest/", data)
    response = farm.client.post("/my/records/new/harvest/", {**data, "quantity": "130"})
    html = response.content.decode()
    assert "这一笔刚才已经存过" in html
    assert Harvest.objects.count() == 1
    fresh = hidden(html)["uid"]
    assert fresh != data["uid"]
    farm.client.post("/my/records/new/harvest/", {**data, "quantity": "130", "uid": fresh})
    assert Harvest.objects.count() == 2


def test_a_harvest_before_its_day_is_stopped_and_with_its_reason_recorded_as_it_was(farm):
    walk(farm, "use", USE)
    page = farm.get("/my/records/new/harvest/", plot=farm.plot.pk, at="when", quantity="5", unit="公斤")
    assert "长豇豆 11月28日起才可采收，现在还不能采" in page
    assert "情况属实，保存" in page
    stopped = walk(farm, "harvest", ANSWERS["harvest"])
    assert "11月28日起才可采收" in str(stopped.context["form"].errors["reason"])
    assert not Harvest.objects.exists()
    response = walk(farm, "harvest", {**ANSWERS["harvest"], "reason": "台风前抢收"})
    assert Harvest.objects.get().interval_kept is False
    assert "没到可采收的日子" in farm.get(response["Location"])


def test_an_input_outside_its_registered_crops_is_warned_of(farm):
    data = {key: value for key, value in USE.items() if key != "day"} | {"name": "毒死蜱", "at": "when"}
    assert "“毒死蜱”不得用于长豇豆" in farm.get("/my/records/new/use/", plot=farm.plot.pk, **data)


def test_one_answer_is_changed_from_the_summary_and_the_rest_stays(farm):
    data = {**ANSWERS["harvest"], "plot": str(farm.plot.pk), "at": "when"}
    row = next(
        row
        for row in farm.client.get("/my/records/new/harvest/", data).context["summary"]
        if row["title"] == "一共多少？"
    )
    response = farm.client.get("/my/records/new/harvest/" + row["change"])
    assert response.context["form"]["quantity"].value() == "120"
    data = hidden(response.content.decode()) | {"quantity": "99", "unit": "公斤"}
    response = farm.client.get("/my/records/new/harvest/", data)
    assert response.context["last"]
    assert "99 公斤" in response.content.decode()


def test_again_fills_in_everything_but_the_day(farm):
    saved = walk(farm, "use", USE)
    address = farm.client.get(saved["Location"] + "again/")["Location"]
    assert answers_of(address)["at"] == "when"
    response = farm.client.get(address)
    assert response.context["last"]
    data = hidden(response.content.decode())
    assert data["uid"] != str(InputUse.objects.get().uid)
    farm.client.post("/my/records/new/use/", {**data, "day": "2026-11-20"})
    first, second = InputUse.objects.order_by("pk")
    assert (second.name, second.quantity, second.method) == (first.name, first.quantity, first.method)
    assert second.occurred_on == datetime.date(2026, 11, 20)


def test_again_of_a_harvest_begins_at_its_amount(farm):
    saved = walk(farm, "harvest", ANSWERS["harvest"])
    response = farm.client.get(saved["Location"] + "again/", follow=True)
    assert response.context["form"].slug == "amount"


def test_buttons_speak_the_language_of_the_trade():
    livestock = make_farm(sectors=["livestock"]).get("/my/records/")
    assert "出栏" in livestock
    assert "采收</b>" not in livestock
    assert "捕捞" in make_farm(sectors=["aquaculture"]).get("/my/records/")


def test_without_a_product_on_file_it_says_whom_to_ask(farm):
    ProducerProduct.objects.all().delete()
    assert "档案里还没有产品" in farm.get("/my/records/new/use/")
    assert "买了什么？" in farm.get("/my/records/new/purchase/")


def test_an_unknown_kind_of_record_is_unknown(farm):
    farm.get("/my/records/new/nonsense/", status=404)


def test_pages_of_the_walk_cost_a_known_number_of_queries(farm, django_assert_num_queries):
    farm.get("/my/records/new/use/")
    with django_assert_num_queries(11):  # who (4), may (2), products, plots, batches, purchases, last
        farm.get("/my/records/new/use/")


def test_an_expired_login_comes_back_to_the_last_page_with_all_answers(farm):
    data = {
        "plot": str(farm.plot.pk),
        **ANSWERS["harvest"],
        "reason": "抢收",
        "csrfmiddlewaretoken": "x" * 64,
    }
    farm.client.logout()
    response = farm.client.post("/my/records/new/harvest/", data)
    assert response["Location"].startswith("/accounts/login/?next=/my/records/new/harvest/")
    back = answers_of(response["Location"])["next"]
    assert "csrf" not in back
    farm.client.force_login(farm.user)
    response = farm.client.get(back)
    assert response.context["last"]
    assert [row["said"] for row in response.context["summary"]] == ["3号地", "120 公斤"]
    assert response.context["form"]["reason"].value() == "抢收"
    assert Harvest.objects.count() == 0
