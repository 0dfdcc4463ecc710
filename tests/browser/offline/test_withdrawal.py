"""A dose that is still on the phone holds back eggs and meat of the same hens, each for its own days."""

import datetime

from playwright.sync_api import expect

from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import near_date
from tests.browser.offline.steps import cut, ready
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
