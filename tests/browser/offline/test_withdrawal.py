"""A dose that is still on the phone holds back eggs and meat of the same hens, each for its own days."""

import datetime

from playwright.sync_api import expect

from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import near_date
from archives.models import Sale
from tests.browser.offline.steps import begin_without_a_line, cut, ready, spray
from tests.browser.steps import log_in, save, to_next
from tests.factories.archives import ProducerProductFactory, ProductFactory


def henhouse(farm):
    """Its farm keeps hens for eggs and for meat, and nothing else."""
    farm.producer.products.all().delete()
    for code, name, category in (("020401", "鸡蛋", "禽蛋"), ("020202", "肉鸡", "畜禽")):
        product = ProductFactory(code=code, name=name, category=category, sector="livestock", animal="鸡")
        ProducerProductFactory(producer=farm.producer, product=product)
    farm.producer.sectors = ["livestock"]
    farm.producer.save(update_fields=["sectors"])


def test_an_unsent_dose_holds_back_meat_longer_than_eggs(handset, farm):
    henhouse(farm)
    page = handset()
    log_in(page, farm)
    ready(page)
    cut(page)
    page.get_by_role("link", name="① 记一笔").click()
    page.get_by_role("link", name="用兽药饲料 存好").click()
    page.get_by_text("鸡蛋", exact=True).click()
    to_next(page)
    page.get_by_text("3号地").click()
    to_next(page)
    page.get_by_label("类别").select_option("veterinary_drug")
    page.get_by_label("名称").fill("氟苯尼考")
    to_next(page)
    page.get_by_label("数量").fill("1")
    to_next(page)
    page.get_by_label("弃蛋期（天）").fill("7")
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".field.wrong")).to_contain_text("肉的休药期（天）")
    page.get_by_label("肉的休药期（天）").fill("28")
    to_next(page)
    page.get_by_text("拌料").click()
    to_next(page)
    save(page)
    eggs, meat = (clock.today() + datetime.timedelta(days=days) for days in (7, 28))
    expect(page.get_by_text(f"鸡蛋 {near_date(eggs)}起可上市")).to_be_visible()

    page.get_by_role("link", name="再记一笔别的").click()
    page.get_by_role("link", name="出栏 收蛋").click()
    page.get_by_text("肉鸡", exact=True).click()
    to_next(page)
    page.get_by_text("3号地").click()
    to_next(page)
    page.get_by_label("数量").fill("60")
    to_next(page)
    expect(page.get_by_text(f"{near_date(meat)}起才可上市，现在还不能出栏")).to_be_visible()
    page.get_by_role("button", name="情况属实，保存").click()
    expect(page.locator(".field.wrong")).to_contain_text("写明原因")


def test_what_was_sprayed_in_the_field_is_not_sold_there_without_a_batch(handset, farm):
    page = handset()
    begin_without_a_line(page, farm)
    spray(page)
    page.get_by_role("link", name="再记一笔别的").click()
    page.get_by_role("link", name="只记卖货").click()
    page.get_by_label("数量").fill("30")
    to_next(page)
    page.get_by_label("购买方").fill("霞山批发市场")
    to_next(page)
    free = clock.today() + datetime.timedelta(days=7)
    expect(page.get_by_text(f"{near_date(free)}起才可采收，没到日子的不能卖")).to_be_visible()
    page.get_by_role("button", name="情况属实，保存").click()
    expect(page.locator(".field.wrong")).to_contain_text("写明原因")
    page.get_by_label("写明原因").fill("打药前已经卖了")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 2")
    page.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
    assert Sale.objects.get().reason == "打药前已经卖了"
