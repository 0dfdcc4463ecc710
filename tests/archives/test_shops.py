"""Input shops: licences, stock, real-name sale, and the buyer's purchase record that comes of it."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.utils import IntegrityError

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock
from agricredit.foundation.common.codes import make_identity_number
from agricredit.foundation.common.crypto import keyed_hash
from archives.designated import designated_on
from archives.models import CreditEvent, InputPurchase, Licence, RecordStatus, ShopPurchase, ShopSale
from archives.models.identities import DEALING
from archives.services.records import record_use, reverse_record
from archives.services.register import keeping
from archives.services.shops import trading
from archives.services.shops.codes import parse
from archives.services.status import merge
from tests.archives.test_register_races import together
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory, ProducerFactory, ProducerProductFactory
from tests.factories.shops import DealerLicenceFactory, ShopFactory, ShopPurchaseFactory

pytestmark = pytest.mark.django_db
IDENTITY = make_identity_number("440823", datetime.date(1970, 5, 1), 7)
UNIT = "1" + "150001" + "1" + "001" + "0" * 20 + "7"


@pytest.fixture
def shop():
    return DealerLicenceFactory(restricted=True).producer


@pytest.fixture
def lot(shop):
    return ShopPurchaseFactory(producer=shop)


@pytest.fixture
def banned_soon(shop):
    return ShopPurchaseFactory(producer=shop, name="毒死蜱", restricted=True)


@pytest.fixture
def farmer():
    return ProducerFactory(name="遂溪红土地合作社", key="SX-9")


def bought(shop, **changes):
    given = {
        "uid": uuid.uuid4(), "occurred_on": clock.today(), "kind": "pesticide", "name": "阿维菌素",
        "registration_number": "PD20150001", "manufacturer": "演示化工", "batch_number": "B1",
        "supplier": "县农资公司", "quantity": Decimal(20), "unit": "瓶",
    }  # fmt: skip
    return trading.buy_in(shop=shop, **{**given, **changes})


def sold(lot, **changes):
    given = {"uid": uuid.uuid4(), "occurred_on": clock.today(), "quantity": Decimal(2), "buyer_name": "王五"}
    return trading.sell(lot=lot, **{**given, **changes})


def left(lot):
    return ShopPurchase.objects.get(pk=lot.pk).left


def test_bought_in_is_in_stock_and_sold_is_not(shop):
    lot = bought(shop)
    sale = sold(lot)
    assert left(lot) == 18
    assert (sale.buyer, str(sale.buyer_name), sale.purchase) == (None, "王五", None)
    trading.write_off(
        lot=lot, uid=uuid.uuid4(), occurred_on=clock.today(), quantity=Decimal(3), way="loss", reason="破损"
    )
    assert left(lot) == 15
    assert list(AuditLine.objects.order_by("pk").values_list("verb", flat=True)) == [
        "shop.bought_in", "shop.sold", "shop.written_off",
    ]  # fmt: skip


def test_sent_again_is_entered_once_and_other_content_is_a_conflict(shop, farmer):
    uid, sale_uid = uuid.uuid4(), uuid.uuid4()
    lot = bought(shop, uid=uid)
    assert bought(shop, uid=uid, quantity=Decimal("20.000")).pk == lot.pk
    first = sold(lot, uid=sale_uid, buyer=farmer.key)
    assert sold(lot, uid=sale_uid, buyer=farmer.key).pk == first.pk
    for again in (lambda: bought(shop, uid=uid, name="吡虫啉"), lambda: sold(lot, uid=sale_uid)):
        with pytest.raises(ValidationError, match="内容不同"):
            again()
    assert (left(lot), ShopSale.objects.count(), InputPurchase.objects.count()) == (18, 1, 1)


def test_a_sale_to_a_producer_is_its_purchase_record(lot, farmer):
    clerk = UserFactory(role="producer")
    sale = sold(lot, buyer=farmer.credit_code, actor=clerk)
    bought_by = InputPurchase.objects.get()
    assert (bought_by.producer, bought_by.uid, sale.purchase) == (farmer, sale.uid, bought_by)
    assert (bought_by.supplier, bought_by.registration_number) == (lot.producer.name, lot.registration_number)
    assert (bought_by.remark, bought_by.entry, bought_by.recorded_by) == (
        "由农资店销售台账生成",
        "api",
        clerk,
    )
    posted = CreditEvent.objects.filter(producer=farmer, uid__startswith=f"{sale.uid}:")
    assert posted.get(uid=f"{sale.uid}:purchase.recorded").outcome == CreditEvent.Outcome.PASS


@pytest.mark.parametrize("number", ["key", "credit_code", "phone", "identity"])
def test_a_buyer_on_file_is_found_by_any_of_its_numbers(lot, number):
    person = ProducerFactory(
        natural=True, phone="13900001111", phone_hash=keyed_hash("13900001111", "phone"),
        identity_number=IDENTITY, identity_hash=keyed_hash(IDENTITY, "identity"),
    )  # fmt: skip
    company = ProducerFactory()
    given = {
        "key": person.key,
        "credit_code": company.credit_code,
        "phone": "13900001111",
        "identity": IDENTITY,
    }
    wanted = company if number == "credit_code" else person
    assert sold(lot, buyer=given[number]).buyer == wanted


def test_a_merged_buyer_is_what_it_became(lot, farmer):
    old = ProducerFactory(key="OLD")
    merge(producer=old, into=farmer, reason="同一家")
    assert sold(lot, buyer="OLD").buyer == farmer


def test_restricted_is_sold_by_real_name_only(banned_soon):
    with pytest.raises(ValidationError, match="实名购买"):
        sold(banned_soon)
    with pytest.raises(ValidationError, match="姓名"):
        sold(banned_soon, buyer=IDENTITY, buyer_name="")
    wrong = IDENTITY[:-1] + ("0" if IDENTITY[-1] != "0" else "1")
    with pytest.raises(ValidationError, match="没有找到"):
        sold(banned_soon, buyer=wrong)
    assert left(banned_soon) == banned_soon.quantity
    sale = sold(banned_soon, buyer=IDENTITY, buyer_name="李四")
    assert (sale.buyer, sale.purchase) == (None, None)
    assert sale.buyer_identity_hash == keyed_hash(IDENTITY, "identity")
    with connection.cursor() as cursor:
        cursor.execute("SELECT buyer_identity, buyer_name FROM archives_shopsale")
        stored = cursor.fetchone()
    assert IDENTITY.encode() not in bytes(stored[0])
    assert "李四".encode() not in bytes(stored[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        ShopSale.objects.update(buyer_identity_hash="")


def test_restricted_needs_a_designated_shop_whatever_is_ticked():
    plain = DealerLicenceFactory(restricted=False).producer
    with pytest.raises(ValidationError, match="定点经营"):
        bought(plain, name="48%毒死蜱乳油")
    with pytest.raises(ValidationError, match="定点经营"):
        bought(plain, restricted=True)
    assert bought(plain).restricted is False
    designated = DealerLicenceFactory(restricted=True, number="X2").producer
    assert bought(designated, name="48%毒死蜱乳油").restricted is True


def test_the_list_of_designated_dealing():
    day = datetime.date(2026, 11, 1)
    assert designated_on(day, "10%丁硫克百威乳油") == "丁硫克百威"
    assert designated_on(day, "丙硫克百威") == ""
    assert designated_on(day, "阿维菌素", "毒死蜱") == "毒死蜱"
    assert designated_on(datetime.date(2017, 9, 30), "毒死蜱") == ""


def test_without_a_licence_nothing_that_needs_one_is_traded(shop):
    bare = ShopFactory()
    with pytest.raises(ValidationError, match="没有有效的农药经营许可证"):
        bought(bare)
    assert bought(bare, kind="fertiliser", name="尿素").left == 20
    lot = bought(shop)
    keeping.end(row=Licence.objects.get(), reason="吊销")
    with pytest.raises(ValidationError, match="没有有效的农药经营许可证"):
        sold(lot)
    assert left(lot) == 20


@pytest.mark.parametrize(
    ("sentence", "changes"),
    [
        ("库存只有20瓶", {"quantity": Decimal("20.001")}),
        ("大于0", {"quantity": Decimal(0)}),
        ("不能晚于今天", {"occurred_on": datetime.date(2999, 1, 1)}),
        ("早于进货日期", {"occurred_on": datetime.date(2020, 1, 1)}),
        ("须写明购买人", {"buyer_name": ""}),
        ("没有认出登记证号", {"unit_code": "abc", "quantity": Decimal(1)}),
        ("不是这一批", {"unit_code": "1" + "999999" + UNIT[7:], "quantity": Decimal(1)}),
        ("数量应为1", {"unit_code": UNIT}),
    ],
)
def test_refused_sales_change_nothing(shop, sentence, changes):
    lot = bought(shop)
    with pytest.raises(ValidationError, match=sentence):
        sold(lot, **changes)
    assert (left(lot), ShopSale.objects.count(), InputPurchase.objects.count()) == (20, 0, 0)


@pytest.mark.parametrize(
    ("sentence", "changes"),
    [
        ("禁止生产、经营和使用", {"name": "甲胺磷"}),
        ("请填写", {"registration_number": ""}),
        ("请填写", {"supplier": " "}),
        ("类别", {"kind": "gold"}),
        ("质量保证期", {"expires_on": datetime.date(2020, 1, 1)}),
        ("只有农药", {"kind": "fertiliser", "restricted": True}),
    ],
)
def test_refused_purchases_change_nothing(shop, sentence, changes):
    with pytest.raises(ValidationError, match=sentence):
        bought(shop, **changes)
    assert not ShopPurchase.objects.exists()


def test_others_than_shops_closed_buyers_and_the_shop_itself_are_refused(lot, farmer):
    with pytest.raises(ValidationError, match="没有登记“农资经营”"):
        bought(farmer)
    farmer.status = "closed"
    farmer.save()
    with pytest.raises(ValidationError, match="已注销"):
        sold(lot, buyer=farmer.key)
    with pytest.raises(ValidationError, match="不能是本店"):
        sold(lot, buyer=lot.producer.key)


def test_expired_goods_leave_by_write_off_only(shop):
    lot = ShopPurchaseFactory(producer=shop, expires_on=clock.today() - datetime.timedelta(days=1))
    with pytest.raises(ValidationError, match="报损或退回"):
        sold(lot)
    gone = trading.write_off(
        lot=lot,
        uid=uuid.uuid4(),
        occurred_on=clock.today(),
        quantity=Decimal(20),
        way="return",
        reason="过期",
    )
    assert (gone.way, left(lot)) == ("return", 0)


def test_one_pack_is_sold_once(shop):
    lot = bought(shop)
    sale = sold(lot, quantity=Decimal(1), unit_code=f"https://x.example/?c={UNIT}")
    assert sale.unit_code == UNIT
    with pytest.raises(ValidationError, match="已经登记销售过"):
        sold(lot, quantity=Decimal(1), unit_code=UNIT)
    trading.reverse_sale(sale=sale, reason="客人没要")
    assert sold(lot, quantity=Decimal(1), unit_code=UNIT).unit_code == UNIT


def test_reversing_a_sale_puts_the_goods_back_and_takes_the_purchase_back(lot, farmer):
    sale = sold(lot, buyer=farmer.key)
    trading.reverse_sale(sale=sale, reason="数量写错")
    assert left(lot) == lot.quantity
    assert InputPurchase.objects.get().status == RecordStatus.REVERSED
    with pytest.raises(ValidationError, match="已经撤销"):
        trading.reverse_sale(sale=sale, reason="再来")


def test_what_was_used_or_sold_on_is_not_taken_back(lot, farmer):
    bean = ProducerProductFactory(producer=farmer).product
    sale = sold(lot, buyer=farmer.key)
    record_use(
        producer=farmer, occurred_on=clock.today(), kind="pesticide", name="阿维菌素", product=bean,
        quantity=1, unit="瓶", interval_days=7, purchase=sale.purchase,
    )  # fmt: skip
    with pytest.raises(ValidationError, match="已有用药记录"):
        trading.reverse_sale(sale=sale, reason="x")
    with pytest.raises(ValidationError, match="已有销售"):
        trading.reverse_purchase(lot=lot, reason="x")
    assert ShopSale.objects.get().status == RecordStatus.ACTIVE


def test_a_buyer_that_took_its_record_back_does_not_hold_up_the_shop(lot, farmer):
    sale = sold(lot, buyer=farmer.key)
    reverse_record(row=sale.purchase, reason="不是我买的")
    trading.reverse_sale(sale=sale, reason="记错了人")
    trading.reverse_purchase(lot=lot, reason="记错了批号")
    assert ShopPurchase.objects.get().status == RecordStatus.REVERSED


def test_licences_that_make_no_sense_are_refused(shop):
    day = clock.today()
    given = {"noun": "licence", "producer": ShopFactory(), "kind": "pesticide_sale", "number": "N9",
             "issuer": "局", "issued_on": day, "valid_until": day + datetime.timedelta(days=365)}  # fmt: skip
    for sentence, wrong in {
        "只有农药": {"kind": "seed", "restricted": True},
        "不能为空|不能为 null|必填": {"number": " "},
        "不能早于": {"valid_until": day - datetime.timedelta(days=1)},
    }.items():
        with pytest.raises(ValidationError, match=sentence):
            keeping.add(**{**given, **wrong})
    keeping.add(**given)
    with pytest.raises(ValidationError, match="另一家名下"):
        keeping.add(**{**given, "producer": shop, "number": "ｎ-9"})
    assert Licence.objects.filter(kind__in=DEALING).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Licence.objects.filter(producer=shop).update(number_key="N9")


def test_a_shop_enters_its_licence_itself_and_trades_once_an_officer_has_checked_it():
    shop = ShopFactory()
    keeper = MembershipFactory(producer=shop).user
    row = keeping.add(
        noun="licence", producer=shop, kind="pesticide_sale", number="N7", restricted=True, actor=keeper
    )
    with pytest.raises(ValidationError, match="没有有效的农药经营许可证"):
        bought(shop)
    keeping.check(row=row, outcome="pass", actor=UserFactory())
    assert bought(shop, name="48%毒死蜱乳油").restricted is True
    other = keeping.add(
        noun="licence", producer=ShopFactory(), kind="pesticide_sale", number="N7", actor=keeper
    )
    with pytest.raises(ValidationError, match="另一家名下"):
        keeping.check(row=other, outcome="pass", actor=UserFactory())


@pytest.mark.parametrize(
    ("text", "registration", "unit"),
    [
        ("农药登记证号：PD20150001", "PD20150001", ""),
        ("ｐｄ85105-3", "PD85105-3", ""),
        ("WP20080012", "WP20080012", ""),
        (f"https://www.example.cn/t?code={UNIT}", "PD…150001", UNIT),
    ],
)
def test_codes_on_packs(text, registration, unit):
    code = parse(text)
    assert (code.registration, code.unit_code) == (registration, unit)


def test_a_unit_code_fits_its_registration_only():
    code = parse(UNIT)
    assert code.matches("PD20150001")
    assert not code.matches("WP20150001")
    assert not code.matches("PD20150002")
    assert not code.matches("农肥准字")
    for wrong in ("1234", "", "9" + UNIT[1:]):
        with pytest.raises(ValidationError):
            parse(wrong)


@pytest.mark.django_db(transaction=True)
def test_two_sales_at_once_never_oversell():
    lot = ShopPurchaseFactory(producer=DealerLicenceFactory().producer, quantity=10, left=10)
    results = together(*(lambda: sold(lot, quantity=Decimal(6)) for _ in range(2)))
    (refusal,) = [result for result in results if isinstance(result, ValidationError)]
    assert "库存只有4瓶" in refusal.messages[0]
    assert left(lot) == 4


@pytest.mark.django_db(transaction=True)
def test_the_same_sale_sent_twice_at_once_is_one():
    lot, farmer, uid = (
        ShopPurchaseFactory(producer=DealerLicenceFactory().producer),
        ProducerFactory(),
        uuid.uuid4(),
    )
    results = together(*(lambda: sold(lot, uid=uid, buyer=farmer.key) for _ in range(2)))
    assert results[0].pk == results[1].pk
    assert (InputPurchase.objects.count(), left(lot)) == (1, lot.quantity - 2)
