"""The portal without reception, in a real browser: recorded in the field, sent once, by its own user."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from archives.models import Harvest, InputUse, PestObservation, QueuedItem
from tests.archives.portal.farm import make_farm
from tests.browser.conftest import PHONE
from tests.browser.test_portal import log_in

HAS_PACK = """async () => {
    const open = indexedDB.open("agricredit-my");
    const base = await new Promise(done => { open.onsuccess = () => done(open.result); });
    const asked = base.transaction("packs").objectStore("packs").count();
    return await new Promise(done => {
        asked.onsuccess = () => { base.close(); done(asked.result > 0); };
    });
}"""


@pytest.fixture
def farm():
    """A cooperative with one plot and one product, its owner not logged in yet."""
    call_command("migrate", verbosity=0, interactive=False)  # the flush took the groups' permissions away
    return make_farm(name="遂溪县红土地蔬菜专业合作社")


@pytest.fixture
def handset(open_page):
    """A phone on which a lost line is no fault of the page."""

    def make(**options):
        page = open_page(PHONE, **options)
        page.forgive = re.compile(r"ERR_INTERNET_DISCONNECTED|Failed to fetch|ERR_FAILED|status of (401|409)")
        return page

    return make


def ready(page):
    """Logged in, the pack on the phone, the worker in charge."""
    page.wait_for_selector("html[data-offline=ready]")
    page.wait_for_function(
        "() => navigator.serviceWorker === undefined || navigator.serviceWorker.controller"
    )
    page.wait_for_function(HAS_PACK)


def spray(page, days="7"):
    """One use of a pesticide, question by question."""
    page.get_by_role("link", name="打药施肥").click()
    page.get_by_text("3号地").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("类别").select_option("pesticide")
    page.get_by_label("名称").fill("阿维菌素")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("数量").fill("20")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("天数").fill(days)
    page.get_by_role("button", name="下一步").click()
    page.get_by_text("喷雾").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已存在手机上", exact=True)).to_be_visible()


def see_pest(page, name="豆荚螟"):
    page.get_by_role("link", name="病虫害").click()
    page.get_by_text("3号地").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("病虫害或疫病").fill(name)
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="保存").click()


def harvest(page, quantity="120"):
    page.get_by_role("link", name="采收 一批").click()
    page.get_by_text("3号地").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("数量").fill(quantity)
    page.get_by_role("button", name="下一步").click()


def test_three_things_in_a_field_without_reception_are_sent_once(handset, farm, photograph):
    page = handset()
    log_in(page, farm)
    ready(page)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
    context = page.context
    context.set_offline(True)
    page.get_by_role("link", name="① 记一笔").click()
    expect(page.get_by_role("heading", name="今天做了什么？")).to_be_visible()
    photograph(page, "offline-acts")
    spray(page)
    expect(page.get_by_text("起可采收")).to_be_visible()
    photograph(page, "offline-saved")
    page.get_by_role("link", name="再记一笔别的").click()
    see_pest(page)
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 2")
    page.reload()
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 2")
    page.close()

    page = context.new_page()
    page.goto("/my/records/")
    expect(page.get_by_role("heading", name="今天做了什么？")).to_be_visible()
    harvest(page)
    expect(page.get_by_text("现在采收会记为没有遵守间隔期")).to_be_visible()
    photograph(page, "offline-warned")
    page.get_by_role("button", name="情况属实，保存").click()
    page.locator("[data-sync]").click()
    expect(page.get_by_role("heading", name="待发送 3")).to_be_visible()
    photograph(page, "offline-queue")
    assert InputUse.objects.count() == 0

    context.set_offline(False)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送", timeout=15000)
    assert (InputUse.objects.count(), PestObservation.objects.count(), Harvest.objects.count()) == (1, 1, 1)
    assert list(QueuedItem.objects.order_by("pk").values_list("noun", "outcome")) == [
        ("use", "sent"),
        ("pest", "sent"),
        ("harvest", "sent"),
    ]
    photograph(page, "offline-sent")
