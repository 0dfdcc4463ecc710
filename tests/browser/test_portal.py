"""The portal on a phone: a record, its earliest day, selling refused, later allowed, verified by anyone."""

import datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import near_date
from archives.models import InputUse
from archives.services.records import record_harvest, record_purchase, record_self_test, record_use
from certificates.models import Certificate
from rating.services.live import rescore
from tests.archives.portal.farm import make_farm
from tests.browser.conftest import PHONE
from tests.browser.steps import choose_large_letters, log_in, to_next
from tests.pages.city import effective_run, rate


@pytest.fixture
def farm():
    """A rated cooperative of some history, its owner not logged in yet."""
    call_command("migrate", verbosity=0, interactive=False)  # the flush took the groups' permissions away
    farm = make_farm(name="遂溪县红土地蔬菜专业合作社")
    older, run = effective_run(2024), effective_run(2025)
    rate(farm.producer, "AA", older, score=7300)
    rate(farm.producer, "AAA", run, score=8250)
    today = clock.today()
    record_purchase(
        producer=farm.producer,
        occurred_on=today - datetime.timedelta(days=20),
        actor=farm.user,
        kind="pesticide",
        name="阿维菌素",
        registration_number="PD20081234",
        manufacturer="某某农化有限公司",
        supplier="遂城农资店",
        quantity=Decimal("10"),
        unit="瓶",
    )
    use(farm, today - datetime.timedelta(days=30), bought=None)
    record_harvest(
        producer=farm.producer,
        occurred_on=today - datetime.timedelta(days=2),
        actor=farm.user,
        product=farm.product,
        plot=farm.plot,
        quantity=Decimal("120"),
        unit="公斤",
    )
    record_self_test(
        producer=farm.producer,
        occurred_on=today - datetime.timedelta(days=1),
        actor=farm.user,
        product=farm.product,
        method="rapid",
        passed=False,
        items="农药残留 13 项",
    )
    rescore([farm.producer.pk])
    return farm


def use(farm, day, bought=None, days=7):
    """Abamectin on the plot."""
    return record_use(
        producer=farm.producer,
        occurred_on=day,
        actor=farm.user,
        product=farm.product,
        plot=farm.plot,
        kind="pesticide",
        name="阿维菌素",
        purchase=bought,
        quantity=Decimal("20"),
        unit="毫升",
        interval_days=days,
        method="喷雾",
        target="豆荚螟",
    )


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_from_spraying_to_a_verified_certificate(open_page, farm, photograph, monkeypatch, scripts):
    page = open_page(PHONE, scripts=scripts)
    log_in(page, farm)
    photograph(page, "portal-home")
    page.get_by_role("link", name="① 记一笔").click()
    photograph(page, "portal-acts")
    page.get_by_role("link", name="打药施肥 存好就告诉您哪天可以采收").click()
    for name in ("plot", "what", "amount", "interval", "method"):
        photograph(page, f"portal-ask-{name}")
        if name == "amount":
            page.get_by_label("数量").fill("20")
        to_next(page)
    photograph(page, "portal-ask-when")
    page.get_by_role("button", name="保存").click()
    first = clock.today() + datetime.timedelta(days=7)
    expect(page.get_by_text(f"3号地的长豇豆 {near_date(first)}起可采收")).to_be_visible()
    photograph(page, "portal-saved")
    assert InputUse.objects.count() == 2

    sell(page)
    expect(page.get_by_text("现在不能卖、不能开证")).to_be_visible()
    running = f"阿维菌素还在安全间隔期内，{near_date(first)}起可采收。"
    expect(page.get_by_text(running)).to_be_visible()
    photograph(page, "portal-refused")
    assert Certificate.objects.count() == 0

    later = clock.now() + datetime.timedelta(days=8)
    monkeypatch.setattr("agricredit.foundation.common.clock.now", lambda: later)
    sell(page)
    page.get_by_label("卖多少").fill("80")
    page.get_by_label("卖给谁").fill("霞山批发市场")
    photograph(page, "portal-sell")
    page.get_by_role("button", name="卖货并开证").click()
    expect(page.get_by_role("img", name="合格证二维码")).to_be_visible()
    photograph(page, "portal-certificate")
    code = Certificate.objects.get().code

    citizen = open_page(PHONE)
    citizen.goto(f"/c/{code}/")
    expect(citizen.get_by_role("heading", level=1)).to_have_text("查验通过")
    photograph(citizen, "portal-public")


def sell(page):
    """Just harvested from the plot, not on record yet."""
    page.goto("/my/")
    page.get_by_role("link", name="② 卖货开证").click()
    page.get_by_role("link", name="刚采的，还没记").click()
    page.get_by_role("button", name="3号地").click()


PAGES = {
    "home": "/my/",
    "acts": "/my/records/",
    "ask": "/my/records/new/use/?plot={plot}&from=plot",
    "banned": "/my/records/new/use/?plot={plot}&what=other&kind=pesticide&name=甲胺磷&from=what",
    "when": "/my/records/new/harvest/?plot={plot}&quantity=12&unit=公斤&from=amount",
    "sell": "/my/certificates/",
    "score": "/my/score/",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_fit_and_are_large_enough_to_touch(
    open_page, farm, accessible, fits, photograph, scheme
):
    page = open_page(PHONE, color_scheme=scheme)
    log_in(page, farm)
    small = """() => [...document.querySelectorAll(
            'main button, main summary, main a, nav a, main select, main label:has(input)')]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 47.5).map(e => e.outerHTML)"""
    for name, path in PAGES.items():
        page.goto(path.format(plot=farm.plot.pk))
        photograph(page, f"portal-{name}-{scheme}")
        accessible(page)
        fits(page)
        assert page.evaluate(small) == []


def test_large_letters_still_fit(open_page, farm, fits, photograph):
    page = open_page({"width": 320, "height": 640})
    log_in(page, farm)
    choose_large_letters(page)
    for name, path in PAGES.items():
        page.goto(path.format(plot=farm.plot.pk))
        fits(page)
        photograph(page, f"portal-{name}-large")


def test_the_phones_back_button_keeps_every_answer(open_page, farm):
    page = open_page(PHONE)
    log_in(page, farm)
    page.goto("/my/records/new/harvest/")
    to_next(page)
    page.get_by_label("数量").fill("88")
    to_next(page)
    expect(page.get_by_text("88 公斤")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("数量")).to_have_value("88")
    to_next(page)
    page.get_by_role("link", name="改：一共多少？").click()
    expect(page.get_by_label("数量")).to_have_value("88")
