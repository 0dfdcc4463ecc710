"""Input shops' ledgers from sheets and by the bulk endpoints: by the shops' own services, once each."""

import datetime

import pytest
from rest_framework.test import APIClient

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock
from agricredit.foundation.common.codes import make_identity_number
from archives.models import InputPurchase, ShopPurchase, ShopSale
from archives.services.sheets import SHEETS
from tests.archives.exchange.files import checked, faults, figures, imported, looked_at, sent, workbook
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory, ProducerFactory
from tests.factories.shops import DealerLicenceFactory, ShopFactory

pytestmark = pytest.mark.django_db
IDENTITY = make_identity_number("440823", datetime.date(1970, 5, 1), 7)


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture(autouse=True)
def shop():
    return DealerLicenceFactory(restricted=True, producer=ShopFactory(key="SHOP", name="丰收农资店")).producer


@pytest.fixture
def farmer():
    return ProducerFactory(key="SX-9", name="红土地合作社")


def lot(uid="J-1", **more):
    return {
        "uid": uid, "producer": "SHOP", "occurred_on": "2026-03-01", "kind": "农药", "name": "阿维菌素",
        "registration_number": "PD20150001", "batch_number": "B1", "manufacturer": "演示化工",
        "supplier": "县农资公司", "quantity": "20", "unit": "瓶", **more,
    }  # fmt: skip


def sale(uid="X-1", **more):
    return {"uid": uid, "producer": "SHOP", "occurred_on": "2026-03-05", "lot": "J-1", "quantity": "2",
            "buyer_name": "王五", **more}  # fmt: skip


def test_both_ledgers_come_in_and_a_sale_is_its_buyers_purchase(officer, farmer):
    batch = sent("shop_purchase", officer, lot(), lot("J-2", name="毒死蜱", registration_number="PD2"))
    assert (batch.written, batch.faulty) == (2, 0)
    assert ShopPurchase.objects.get(name="毒死蜱").restricted  # by the list, whatever was ticked
    rows = [
        sale(), sale("X-2", buyer="SX-9", buyer_name=""),
        sale("X-3", lot="J-2", buyer=IDENTITY, buyer_name="李四"),
        sale("X-4", way="报损", buyer_name="", remark="破损"),
    ]  # fmt: skip
    batch = sent("shop_sale", officer, *rows)
    assert (batch.written, batch.faulty) == (4, 0)
    assert list(ShopPurchase.objects.order_by("pk").values_list("left", flat=True)) == [14, 18]
    bought = InputPurchase.objects.get()
    assert (bought.producer, bought.supplier, bought.shop_sale.quantity) == (farmer, "丰收农资店", 2)
    assert AuditLine.objects.filter(verb="shop.loaded").count() == 2
    assert figures(looked_at("shop_sale", officer, *rows)) == (0, 0, 4, 0)
    assert figures(looked_at("shop_sale", officer, sale(quantity="3"))) == (0, 0, 0, 1)


def test_every_fault_of_the_purchase_ledger_is_named(officer):
    ProducerFactory(key="FARM")
    DealerLicenceFactory(restricted=False, producer=ShopFactory(key="PLAIN"))
    ShopFactory(key="BARE")
    batch = looked_at(
        "shop_purchase", officer, lot(), lot("2", producer="FARM"), lot("3", producer="BARE"),
        lot("4", producer="PLAIN", name="毒死蜱"), lot("5", name="甲胺磷"), lot("6", supplier=""),
        lot("7", registration_number=""), lot("8", quantity="0"), lot("9", occurred_on="2099-01-01"),
        lot("10", expires_on="2026-02-01"), lot("11", kind="肥料", restricted="是"), lot(),
        lot("13", kind="金"),
    )  # fmt: skip
    assert set(faults(batch)) == {
        (3, "producer"), (4, "producer"), (5, "producer"), (6, "name"), (7, "supplier"),
        (8, "registration_number"), (9, "quantity"), (10, "occurred_on"), (11, "expires_on"),
        (12, "restricted"), (13, "uid"), (14, "kind"),
    }  # fmt: skip
    assert not ShopPurchase.objects.exists()


def test_every_fault_of_the_sales_ledger_is_named_and_a_file_cannot_oversell(officer, farmer, monkeypatch):
    monkeypatch.setattr("archives.services.imports.running.CHUNK", 3)
    sent("shop_purchase", officer, lot(), lot("J-2", name="毒死蜱", expires_on="2026-04-01"))
    batch = looked_at(
        "shop_sale", officer, sale(quantity="15"), sale("2", lot="J-9"), sale("3", lot="J-2"),
        sale("4", buyer_name=""), sale("5", quantity="6"), sale("6", quantity="5"), sale("7", quantity="1"),
        sale("8", buyer="18*********12"), sale("9", way="报损"), sale("10", occurred_on="2026-02-01"),
        sale("11", lot="J-2", occurred_on="2026-05-01", buyer="SX-9"), sale("12", buyer="NOBODY"),
        sale("13", lot="J-2", buyer="SX-9", quantity="1"), sale(),
    )  # fmt: skip
    said = faults(batch)
    assert set(said) == {
        (3, "lot"), (4, "buyer"), (5, "buyer_name"), (6, "quantity"), (8, "quantity"), (9, "buyer"),
        (10, "remark"), (11, "occurred_on"), (12, "lot"), (13, "buyer"), (15, "uid"),
    }  # fmt: skip
    assert "库存只有5瓶" in said[6, "quantity"]
    assert "库存只有0瓶" in said[8, "quantity"]
    assert (ShopSale.objects.count(), InputPurchase.objects.count()) == (0, 0)
    assert not ShopPurchase.objects.exclude(left=20).exists()


@pytest.mark.parametrize("name", ["shop_purchase", "shop_sale"])
def test_what_is_exported_is_imported_as_unchanged(officer, farmer, name):
    sent("shop_purchase", officer, lot(), lot("J-2", name="毒死蜱", remark="整箱"))
    sent(
        "shop_sale", officer, sale(), sale("2", lot="J-2", buyer=IDENTITY, buyer_name="李四"),
        sale("3", buyer="SX-9", buyer_name=""),
        sale("4", way="退回供货人", buyer_name="", remark="错货"),
    )  # fmt: skip
    sheet = SHEETS[name]
    rows = list(sheet.rows_of(sheet.model.objects.all()))
    text = str(rows)
    assert IDENTITY not in text
    assert "李四" not in text
    batch = checked(name, workbook(sheet.headings, rows), officer)
    assert figures(batch) == (0, 0, len(rows), 0), faults(batch)


def test_a_shops_own_system_sends_both_ledgers_safely(shop, farmer):
    api = APIClient()
    api.force_authenticate(MembershipFactory(producer=shop).user)
    day = clock.today().isoformat()
    items = [
        lot(kind="pesticide", occurred_on=day), lot("2", producer="SX-9", kind="pesticide", occurred_on=day)
    ]  # fmt: skip
    first = api.post(
        "/api/v1/bulk/shop-purchases/", {"items": items}, format="json", headers={"Idempotency-Key": "k"}
    )
    assert [result["status"] for result in first.json()["results"]] == ["new", "faulty"]
    again = api.post(
        "/api/v1/bulk/shop-purchases/", {"items": items}, format="json", headers={"Idempotency-Key": "k"}
    )
    assert again.headers["Idempotent-Replayed"] == "true"
    sales = [sale(occurred_on=day, buyer="SX-9", quantity=2), sale("2", occurred_on=day, quantity=50)]
    for expected in ("new", "unchanged"):
        answer = api.post("/api/v1/bulk/shop-sales/", {"items": sales}, format="json").json()["results"]
        assert [result["status"] for result in answer] == [expected, "faulty"]
        assert "库存" in answer[1]["errors"]["quantity"][0]
    assert (ShopPurchase.objects.get().left, InputPurchase.objects.get().entry) == (18, "api")


def test_hundreds_of_sales_cost_no_query_each(officer, farmer, django_assert_max_num_queries):
    sent("shop_purchase", officer, lot(quantity="1000"))
    rows = [sale(f"X-{n}", buyer="SX-9", quantity="1") for n in range(300)]
    with django_assert_max_num_queries(160):
        batch = imported("shop_sale", workbook(*_filled(rows)), officer)
    assert (batch.written, ShopPurchase.objects.get().left) == (300, 700)


def _filled(rows):
    fields = [column.field for column in SHEETS["shop_sale"].columns]
    return SHEETS["shop_sale"].headings, [[row.get(field, "") for field in fields] for row in rows]
