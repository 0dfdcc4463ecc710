"""Records on a phone: a name found by its initials, hints said to be such, eggs and meat apart, reasons."""

import datetime
import struct
from decimal import Decimal

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import near_date
from archives.models import InputPurchase, InputUse, ProductionBatch, RecordPhoto
from archives.services.records import record_purchase
from tests.archives.portal.farm import make_farm
from tests.browser.conftest import PHONE
from tests.browser.steps import log_in, save
from tests.browser.steps import to_next as on
from tests.factories.archives import ProducerProductFactory, ProductFactory


@pytest.fixture
def farm():
    call_command("migrate", verbosity=0, interactive=False)  # the flush took permissions and catalogue away
    return make_farm(name="遂溪县红土地蔬菜专业合作社")


@pytest.fixture
def henhouse():
    call_command("migrate", verbosity=0, interactive=False)
    farm = make_farm(name="遂溪县晨光养鸡场", sectors=["livestock"])
    farm.producer.products.all().delete()
    for code, name, category in (("020201", "鸡蛋", "禽蛋"), ("020102", "肉鸡", "畜禽")):
        product = ProductFactory(code=code, name=name, category=category, sector="livestock", animal="鸡")
        ProducerProductFactory(producer=farm.producer, product=product)
    return farm


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_initials_find_the_input_and_a_hint_is_said_to_be_one(open_page, farm, accessible, fits, scripts):
    page = open_page(PHONE, scripts=scripts)
    log_in(page, farm)
    page.goto("/my/records/new/purchase/")
    page.get_by_label("农药").check()
    page.get_by_label("名称", exact=True).fill("awjs")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("阿维菌素").first.check()
    if scripts:  # axe is one
        accessible(page)
    fits(page)
    on(page)
    page.get_by_label("数量").fill("2")
    on(page)
    page.get_by_label("供应商").fill("遂城农资店")
    on(page)
    save(page)
    assert InputPurchase.objects.get().name == "阿维菌素"

    page.goto("/my/records/new/use/")
    for answer in ("plot", "what", "amount"):
        if answer == "amount":
            page.get_by_label("数量").fill("3")
            page.get_by_label("单位").select_option("瓶")
        on(page)
    expect(page.get_by_text("参考，未核对标签：豇豆5天。以您手上的标签为准。")).to_be_visible()
    if scripts:
        accessible(page)
    fits(page)
    page.get_by_label("天数").fill("7")
    on(page)
    page.get_by_label("喷雾").check()
    page.get_by_label("防治什么").fill("豆荚螟")
    on(page)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("这次采购只有2瓶，加上这次就用超了；确实如此请写明原因。").first).to_be_visible()
    fits(page)
    page.get_by_label("写明原因").fill("还有去年剩的一瓶")
    page.get_by_role("button", name="保存").click()
    first = clock.today() + datetime.timedelta(days=7)
    expect(page.get_by_text(f"3号地的长豇豆 {near_date(first)}起可采收")).to_be_visible()
    assert InputUse.objects.get().doubts == ["over_bought"]


def test_a_henhouse_is_asked_for_eggs_and_meat_and_vaccinates(open_page, henhouse, accessible, fits):
    page = open_page(PHONE)
    log_in(page, henhouse)
    page.goto("/my/records/")
    expect(page.get_by_role("link", name="打疫苗 防什么病、打了多少")).to_be_visible()
    record_purchase(
        producer=henhouse.producer,
        occurred_on=clock.today(),
        kind="veterinary_drug",
        name="氟苯尼考",
        quantity=Decimal(5),
        unit="袋",
    )
    page.goto("/my/records/new/use/")
    page.get_by_label("鸡蛋").check()
    on(page)
    on(page)
    on(page)
    page.get_by_label("数量").fill("1")
    page.get_by_label("单位").select_option("袋")
    on(page)
    page.get_by_label("弃蛋期（天）").fill("7")
    page.get_by_label("肉的休药期（天）").fill("28")
    accessible(page)
    fits(page)
    on(page)
    page.get_by_role("radio").first.check()
    page.get_by_label("防治什么").fill("大肠杆菌病")
    on(page)
    page.get_by_role("button", name="保存").click()
    first = clock.today() + datetime.timedelta(days=7)
    expect(page.get_by_text(f"鸡蛋 {near_date(first)}起可上市")).to_be_visible()
    fits(page)
    use = InputUse.objects.get()
    assert use.meat_from == clock.today() + datetime.timedelta(days=28)

    for noun in ("batch", "immunisation", "harmless", "packing", "packaging"):
        page.goto(f"/my/records/new/{noun}/")
        accessible(page)
        fits(page)
    page.goto("/my/records/new/batch/")
    page.get_by_label("肉鸡").check()
    on(page)
    on(page)
    page.get_by_label("数量").fill("500")
    page.get_by_label("单位").select_option("羽")
    on(page)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存。")).to_be_visible()
    assert ProductionBatch.objects.get().quantity == 500


def bitmap(side):
    """A picture of a kind that the platform does not keep, as large as an old phone's."""
    size = 54 + 3 * side * side
    head = struct.pack("<2sIHHI", b"BM", size, 0, 0, 54)
    return head + struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0) + b"\x7f" * (size - 54)


def test_a_large_photo_of_another_kind_is_shrunk_on_the_plain_page(open_page, farm, tmp_path):
    bought = record_purchase(
        producer=farm.producer,
        occurred_on=clock.today(),
        kind="pesticide",
        name="阿维菌素",
        quantity=1,
        unit="瓶",
    )
    page = open_page(PHONE)
    log_in(page, farm)
    label = tmp_path / "label.bmp"
    label.write_bytes(bitmap(1600))
    page.goto(f"/my/records/purchase/{bought.uid}/photo/")
    page.get_by_label("照片").set_input_files(label)
    save(page)
    expect(page.get_by_text("照片已保存。")).to_be_visible()
    photo = RecordPhoto.objects.get()
    assert photo.file.open("rb").read(3) == b"\xff\xd8\xff"
    assert photo.file.size < 1_000_000
