"""What is done on the phone, with reception and without; a step ends when the app shows that it is done."""

import re

from playwright.sync_api import expect

from tests.browser.steps import log_in, save, to_next


def ready(page):
    """Logged in, the pack on the phone, the worker in charge."""
    page.wait_for_selector("html[data-offline=ready]")
    page.wait_for_function(
        "() => navigator.serviceWorker === undefined || navigator.serviceWorker.controller"
    )


def cut(page):
    """No line any more, and the browser knows it."""
    page.context.set_offline(True)
    page.wait_for_function("() => !navigator.onLine")


def begin_without_a_line(page, account):
    """Logged in and ready, the line goes; a record is begun."""
    log_in(page, account)
    ready(page)
    cut(page)
    page.get_by_role("link", name="① 记一笔").click()


def spray(page, days="7"):
    """One use of a pesticide, question by question."""
    page.get_by_role("link", name="打药施肥").click()
    page.get_by_text("3号地").click()
    to_next(page)
    page.get_by_label("类别").select_option("pesticide")
    page.get_by_label("名称").fill("阿维菌素")
    to_next(page)
    page.get_by_label("数量").fill("20")
    to_next(page)
    page.get_by_label("天数").fill(days)
    to_next(page)
    page.get_by_text("喷雾").click()
    to_next(page)
    save(page)
    expect(page.get_by_text("已存在手机上", exact=True)).to_be_visible()


def see_pest(page, name="豆荚螟"):
    page.get_by_role("link", name="病虫害").click()
    page.get_by_text("3号地").click()
    to_next(page)
    page.get_by_label("病虫害或疫病").fill(name)
    to_next(page)
    to_next(page)
    save(page)


def harvest(page, quantity="120"):
    page.get_by_role("link", name="采收 一批").click()
    page.get_by_text("3号地").click()
    to_next(page)
    page.get_by_label("数量").fill(quantity)
    to_next(page)


def use_again(page):
    """再记一次 from the home page: the link, the look, the button."""
    page.get_by_role("link", name=re.compile("^再记一次")).first.click()
    save(page)
