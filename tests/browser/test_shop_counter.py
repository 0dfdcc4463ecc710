"""At a shop's counter: a restricted pesticide leaves by real name only and is the farmer's purchase."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from archives.models import InputPurchase, ShopPurchase, ShopSale
from tests.archives.portal.farm import make_farm
from tests.browser.conftest import PHONE
from tests.browser.test_whole_way import as_user
from tests.factories.shops import DealerLicenceFactory


@pytest.fixture
def counter():
    """A shop licensed for restricted pesticides, and a farmer of the same township."""
    call_command("migrate", verbosity=0, interactive=False)  # the flush took the groups' permissions away
    shop = make_farm(name="遂城农资店", activities=["input_sale"])
    DealerLicenceFactory(producer=shop.producer, restricted=True)
    return shop, make_farm(name="遂溪县青禾家庭农场")


DELIVERED = {
    "登记证号": "PD20150003", "通用名": "毒死蜱",
    "生产企业": "演示化工", "生产批号": "B1", "数量": "20", "单位": "瓶",
    "供货人": "县农资公司",
}  # fmt: skip


def bring_in(page):
    """One lot, as its delivery note says."""
    page.get_by_role("link", name="进货登记").click()
    page.get_by_label("投入品类别").select_option("pesticide")
    for label, text in DELIVERED.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已登记进货，现在可以销售。")).to_be_visible()


def test_a_restricted_pesticide_is_sold_by_real_name_and_used_by_the_farmer(
    open_page, counter, photograph, accessible, fits
):
    shop, farm = counter
    page = as_user(open_page, shop.user, PHONE, staff=False)
    page.goto("/my/")
    page.get_by_role("link", name="农资店进销").click()
    bring_in(page)
    assert ShopPurchase.objects.get().restricted, "on the list of designated dealing, whatever was ticked"
    expect(page.get_by_text("限制使用", exact=True)).to_be_visible()

    page.get_by_role("link", name="卖出").click()
    expect(page.get_by_text("限制使用农药，实名购买")).to_be_visible()
    page.get_by_label("数量").fill("2")
    page.get_by_label("购买人姓名").fill("老王")
    page.get_by_role("button", name="登记销售").click()
    expect(page.get_by_role("alert")).to_contain_text("实名")
    expect(page.get_by_label("数量")).to_have_value("2")
    accessible(page)
    fits(page)
    photograph(page, "shop-refused")
    assert not ShopSale.objects.exists()

    page.get_by_label("购买主体的号码").fill(farm.producer.credit_code)
    page.get_by_label("购买人姓名").fill("")
    page.get_by_role("button", name="登记销售").dblclick()
    expect(page.get_by_text("记入“遂溪县青禾家庭农场”的购买记录")).to_be_visible()
    expect(page.get_by_text("库存 18 瓶")).to_be_visible()
    assert (ShopSale.objects.count(), InputPurchase.objects.count()) == (1, 1)

    field = as_user(open_page, farm.user, PHONE, staff=False)
    field.goto("/my/records/new/use/")
    field.get_by_role("button", name="下一步").click()
    expect(field.get_by_label(re.compile("毒死蜱 · 2 瓶"))).to_be_checked()
    field.goto("/my/records/")
    field.get_by_role("link", name=re.compile("^买农药化肥.*毒死蜱")).click()
    expect(field.get_by_text("遂城农资店")).to_be_visible()

    page.get_by_role("link", name="进销台账").click()
    page.get_by_role("link", name="撤销").click()
    page.get_by_label("为什么撤销").fill("数量写错了")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已撤销，原记录仍保留备查。")).to_be_visible()
    field.reload()
    expect(field.get_by_text("已撤销").first).to_be_visible()
