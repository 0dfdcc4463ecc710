"""Input shops in the browser and at the API: the shop's pages, officers' lists, the inspection's list."""

import datetime
import uuid

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from agricredit.foundation.accounts.jurisdiction import Scope
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.accounts.services.keys import issue_key
from agricredit.foundation.common import clock
from agricredit.foundation.common.codes import make_identity_number
from agricredit.pages.office.shops import selling
from archives.models import InputPurchase, Licence, ShopPurchase, ShopSale
from supervision.services.checklist import items_of
from tests.archives.portal.farm import hidden, make_farm
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.inputs import InputItemFactory
from tests.factories.shops import DealerLicenceFactory, ShopFactory, ShopPurchaseFactory
from tests.factories.supervision import EnforcementCertificateFactory, TaskFactory

pytestmark = pytest.mark.django_db
IDENTITY = make_identity_number("440823", datetime.date(1970, 5, 1), 7)


@pytest.fixture
def shop():
    farm = make_farm(name="遂城农资店", activities=["input_sale"], region="440823100201")
    DealerLicenceFactory(producer=farm.producer, restricted=True)
    return farm


def bought_in(shop, **changes):
    page = shop.get("/my/shop/buy/")
    given = {
        "uid": hidden(page)["uid"], "occurred_on": clock.today(), "kind": "pesticide", "name": "阿维菌素",
        "registration_number": "PD20150001", "manufacturer": "演示化工", "batch_number": "B1",
        "quantity": "20", "unit": "瓶", "supplier": "县农资公司",
    }  # fmt: skip
    return shop.client.post("/my/shop/buy/", {**given, **changes})


def sold(shop, lot, **changes):
    address = reverse("my:shop-sell", kwargs={"lot": lot.uid})
    given = {"uid": hidden(shop.get(address))["uid"], "occurred_on": clock.today(), "quantity": "2"}
    return shop.client.post(address, {**given, "buyer_name": "王五", **changes})


def test_the_week_of_a_shop(shop):
    farmer = ProducerFactory(name="遂溪红土地合作社")
    home = shop.get("/my/")
    assert "农资店进销" in home
    assert "① 记一笔" not in home, "it grows nothing"
    assert bought_in(shop).status_code == 302
    lot = ShopPurchase.objects.get()
    assert "库存 20 瓶" in shop.get("/my/shop/")
    assert sold(shop, lot, buyer=farmer.credit_code).status_code == 302
    page = shop.get("/my/shop/")
    assert "库存 18 瓶" in page
    assert "记入“遂溪红土地合作社”的购买记录" in page
    assert InputPurchase.objects.get().producer == farmer
    ledger = shop.get("/my/shop/ledger/")
    assert "遂溪红土地合作社" in ledger
    assert "已记入对方购买记录" in ledger
    assert "县农资公司" in shop.get("/my/shop/ledger/", kind="in")
    sale = ShopSale.objects.get()
    shop.client.post(reverse("my:shop-sale-reverse", kwargs={"sale": sale.uid}), {"reason": "数量写错"})
    assert "库存 20 瓶" in shop.get("/my/shop/")
    shop.client.post(reverse("my:shop-lot-reverse", kwargs={"lot": lot.uid}), {"reason": "记错批号"})
    assert "还没有库存" in shop.get("/my/shop/")


def test_the_next_goods_of_the_same_customer_ask_for_no_buyer_again(shop, monkeypatch):
    farmer = ProducerFactory(name="遂溪红土地合作社")
    lot = ShopPurchaseFactory(producer=shop.producer, name="阿维菌素")
    other = ShopPurchaseFactory(producer=shop.producer, name="毒死蜱", restricted=True)
    address = reverse("my:shop-sell", kwargs={"lot": other.uid})

    def after(**buyer):
        answer = sold(shop, lot, **buyer)
        page = shop.client.get(answer["Location"])
        assert f"{address}?with=" in page.content.decode()
        return answer["Location"].partition("?")[2], page.content.decode()

    query, page = after(buyer=farmer.credit_code)
    assert "还卖给遂溪红土地合作社的" in page
    form = shop.client.get(f"{address}?{query}").context["form"]
    assert form["buyer"].value() == farmer.key
    assert sold(shop, other, buyer=farmer.key).status_code == 302
    assert InputPurchase.objects.filter(producer=farmer).count() == 2

    query, page = after(buyer=IDENTITY)
    assert "还卖给王**的" in page
    again = shop.get(f"{address}?{query}")
    assert 'value="王五"' in again
    assert IDENTITY not in again, "whoever buys restricted goods shows the card again"

    later = clock.now() + datetime.timedelta(minutes=31)
    monkeypatch.setattr("agricredit.foundation.common.clock.now", lambda: later)
    for gone in (query, "with=x", f"with={uuid.uuid4()}"):
        assert "王五" not in shop.get(f"{address}?{gone}")
        assert "还卖给" not in shop.get(f"/my/shop/?{gone}")


def test_refusals_stand_beside_their_fields_and_nothing_is_lost(shop):
    answer = bought_in(shop, batch_number="", name="阿维菌素乳油")
    assert "请填写" in answer.content.decode()
    assert "阿维菌素乳油" in answer.content.decode()
    lot = ShopPurchaseFactory(producer=shop.producer, restricted=True, name="毒死蜱")
    page = sold(shop, lot).content.decode()
    assert "实名购买" in page
    assert "库存只有20瓶" in sold(shop, lot, quantity="21", buyer=IDENTITY).content.decode()
    assert not ShopSale.objects.exists()
    assert sold(shop, lot, buyer=IDENTITY).status_code == 302
    ledger = shop.get("/my/shop/ledger/")
    assert "王**" in ledger
    assert IDENTITY not in ledger


def test_stock_is_found_by_name_number_or_the_code_on_the_pack(shop):
    ShopPurchaseFactory(producer=shop.producer, name="阿维菌素")
    ShopPurchaseFactory(producer=shop.producer, name="吡虫啉", registration_number="PD20200002")
    unit = "1" + "150001" + "1" + "0" * 24
    for text in ("阿维", "PD20150001", f"https://x.example/{unit}"):
        page = shop.get("/my/shop/", q=text)
        assert "阿维菌素" in page
        assert "吡虫啉" not in page
    assert "没有认出登记证号" in shop.get("/my/shop/", q="???")


def test_expired_goods_are_written_off(shop):
    past = clock.today() - datetime.timedelta(days=1)
    lot = ShopPurchaseFactory(producer=shop.producer, expires_on=past)
    page = shop.get("/my/shop/")
    assert "已过期" in page
    assert reverse("my:shop-sell", kwargs={"lot": lot.uid}) not in page
    address = reverse("my:shop-write-off", kwargs={"lot": lot.uid})
    given = {"uid": hidden(shop.get(address))["uid"], "occurred_on": clock.today(), "quantity": "20"}
    assert shop.client.post(address, {**given, "way": "loss", "reason": "过期"}).status_code == 302
    assert "报损" in shop.get("/my/shop/ledger/")


def test_others_have_no_shop_and_one_shop_not_anothers(shop):
    lot = ShopPurchaseFactory()
    shop.get(reverse("my:shop-sell", kwargs={"lot": lot.uid}), status=404)
    farm = make_farm(name="只种菜")
    farm.get("/my/shop/", status=404)
    assert "农资店进销" not in farm.get("/my/")


def test_officers_keep_licences_and_look_at_ledgers():
    desk = enter(Client(), UserFactory())
    place = ShopFactory(region="440823100201", key="NZ-1")
    add = reverse("admin:archives_producer_entry_add", args=[place.pk, "licence"])
    soon = clock.today() + datetime.timedelta(days=20)
    given = {"kind": "pesticide_sale", "number": "N1", "issuer": "局", "issued_on": "2026-01-01"}
    assert "不能早于" in desk.post(add, {**given, "valid_until": "2025-01-01"}).content.decode()
    assert desk.post(add, {**given, "valid_until": soon}).status_code == 302
    cache.clear()
    tiles = {str(tile.title): tile for tile in desk.get("/admin/").context["todos"]}
    assert tiles["将到期或已过期的证照"].count == 1
    assert desk.get(tiles["将到期或已过期的证照"].link).context["cl"].result_count == 1
    lot = ShopPurchaseFactory(producer=place)
    sale = ShopSale.objects.create(
        uid=uuid.uuid4(), producer=place, lot=lot, quantity=1, buyer_name="王小五", buyer_identity=IDENTITY,
        buyer_identity_hash="x", occurred_on=clock.today(), entered_at=clock.now(), fingerprint=b"0" * 32,
    )  # fmt: skip
    page = desk.get(reverse("admin:archives_shopsale_change", args=[sale.pk])).content.decode()
    assert "王**" in page
    assert "王小五" not in page
    assert IDENTITY not in page
    row = Licence.objects.get()
    end = reverse("admin:archives_producer_entry", args=[place.pk, "licence", row.pk, "end"])
    assert desk.post(end, {"on": clock.today(), "reason": "吊销"}).status_code == 302
    assert not Licence.objects.in_force().exists()


def test_the_chart_counts_shops_that_entered_sales():
    for selling_since in (5, 40, None):
        lot = ShopPurchaseFactory(producer=ShopFactory(region="440823100201"))
        if selling_since:
            day = clock.today() - datetime.timedelta(days=selling_since)
            ShopSale.objects.create(
                uid=uuid.uuid4(), producer=lot.producer, lot=lot, quantity=1, occurred_on=day,
                entered_at=clock.now(), fingerprint=b"0" * 32,
            )  # fmt: skip
    chart = selling(Scope("region", "440823"))
    assert chart.title == "近30天，3家农资店中33.3%登记了销售（目标100%）"
    assert [one.counts for one in chart.series] == [[1], [2]]
    assert "还没有登记农资店" in selling(Scope("region", "440825")).empty


def test_an_inspection_of_a_shop_asks_the_shops_list():
    shop, both, farm = (
        ShopFactory(),
        ProducerFactory(activities=["production", "input_sale"]),
        ProducerFactory(),
    )
    assert {item.code.split("_")[0] for item in items_of(shop)} == {"shop"}
    assert len(items_of(both)) == len(items_of(shop)) + len(items_of(farm))
    officer = UserFactory()
    EnforcementCertificateFactory(user=officer)
    task = TaskFactory(producer=ShopFactory(region="440823"), kind="inspection")
    page = enter(Client(), officer).get(f"/field/tasks/{task.pk}/inspection/").content.decode()
    assert "限制使用农药定点经营与实名销售" in page
    assert "产地环境" not in page


def test_a_shops_own_system_enters_at_the_api(shop):
    farmer = ProducerFactory()
    _key, secret = issue_key(
        name="收银系统", user=shop.user, scopes=["records:read", "records:write"],
        expires_at=clock.now() + datetime.timedelta(days=30), region_code="",
    )  # fmt: skip
    till = Client(headers={"Authorization": f"Api-Key {secret}"})
    lot = {
        "uid": str(uuid.uuid4()), "shop": shop.producer.key, "occurred_on": "2026-11-01", "kind": "pesticide",
        "name": "阿维菌素", "registration_number": "PD20150001", "manufacturer": "演示化工",
        "batch_number": "B1", "supplier": "县农资公司", "quantity": "20", "unit": "瓶",
    }  # fmt: skip
    made = till.post("/api/v1/shops/purchases/", lot, content_type="application/json")
    assert made.status_code == 201, made.content.decode()
    sale = {"uid": str(uuid.uuid4()), "lot": lot["uid"], "occurred_on": "2026-11-02", "quantity": "3",
            "buyer": farmer.key}  # fmt: skip
    for _ in range(2):
        assert till.post("/api/v1/shops/sales/", sale, content_type="application/json").status_code == 201
    changed = {**sale, "quantity": "4"}
    assert till.post("/api/v1/shops/sales/", changed, content_type="application/json").status_code in (
        400,
        409,
    )
    (row,) = till.get("/api/v1/shops/sales/").json()["results"]
    assert (row["buyer"], row["quantity"]) == (farmer.key, "3.000")
    assert till.get("/api/v1/shops/purchases/").json()["results"][0]["left"] == "17.000"
    foreign = ShopFactory()
    refused = till.post(
        "/api/v1/shops/purchases/", {**lot, "shop": foreign.key}, content_type="application/json"
    )
    assert refused.status_code == 400
    assert not ShopPurchase.objects.filter(producer=foreign).exists()


def test_a_county_officer_does_not_enter_for_a_shop():
    DealerLicenceFactory()
    desk = enter(Client(), UserFactory(role=Role.COUNTY_OFFICER))
    assert desk.get("/my/shop/").status_code in (403, 404)


def test_a_number_on_the_pack_fills_in_what_is_known(shop):
    def initial(**data):
        return shop.client.get("/my/shop/buy/", data).context["form"].initial

    assert bought_in(shop, registration_number="pd 2015 0001").status_code == 302
    lot = ShopPurchase.objects.get()
    assert lot.registration_number == "PD20150001"
    for typed in ("PD20150001", "ｐｄ２０１５０００１", "1150001" + "1" + "001" + "1" * 21):
        assert initial(number=typed)["name"] == "阿维菌素", typed
        assert initial(number=typed)["supplier"] == "县农资公司"
    assert initial(like=lot.uid)["manufacturer"] == "演示化工"
    assert "quantity" not in initial(like=lot.uid)
    InputItemFactory(name="氟苯尼考粉", kind="veterinary_drug", registration_number="兽药字190011001")
    assert initial(number="兽药字 190011001")["name"] == "氟苯尼考粉"
    assert initial(number="PD20990009") == {"registration_number": "PD20990009"}
    assert "没有认出登记证号" in shop.get("/my/shop/buy/", number="不是号码")
    shop.get("/my/shop/buy/", status=404, like="nothing")
    shop.get("/my/shop/buy/", status=404, like=ShopPurchaseFactory().uid)
