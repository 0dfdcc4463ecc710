"""The public pages in a browser: readable, reachable, without a script, on a phone and on paper."""

import re

import pytest
from django.template import Context, Template
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.steps import choose_large_letters
from tests.factories.archives import ProducerFactory, RegionFactory
from tests.factories.certificates import issued
from tests.pages.city import effective_run, rate

GRADES = {"AAAA": 100, "AAA": 900, "AA": 1200, "A": 700, "B": 300, "C": 12}


@pytest.fixture
def city():
    """A rated city with one cooperative of some history."""
    RegionFactory(code="4408")
    region = RegionFactory(code="440823100")
    summary = {"grades": GRADES, "statuses": {"not_rated": 198, "pending": 2}}
    older, run = effective_run(2024), effective_run(2025, summary=summary)
    producer = ProducerFactory(name="遂溪县红土地蔬菜专业合作社", region=region, key="SX-0001")
    rate(producer, "AA", older, score=7300)
    rate(producer, "AAA", run, points={"GD401": 200})
    for number, grade in enumerate(("AAAA", "AA", "A", "B", "C", "")):
        other = ProducerFactory(name=f"遂溪县红土地家庭农场第{number}分场", region=region)
        rate(other, grade, run, status="rated" if grade else "not_rated")
    ProducerFactory(name="遂溪县红土地停产农场", region=region, status="paused")
    return producer


PAGES = {
    "home": "/",
    "results": "/search/?q=红土地",
    "nothing": "/search/?q=查无此社",
    "producer": "/p/SX-0001/",
    "proof": "/p/SX-0001/proof/",
    "rights": "/rights/",
    "missing": "/nowhere/",
}


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_public_pages_are_accessible_and_fit(open_page, city, accessible, fits, photograph, viewport):
    page = open_page(viewport)
    for name, path in PAGES.items():
        page.goto(path)
        accessible(page)
        fits(page)
        photograph(page, f"{name}-{viewport['width']}")
    page.complaints[:] = [text for text in page.complaints if "404" not in text]


def test_a_citizen_finds_a_producer_without_any_script(open_page, city):
    page = open_page(PHONE, scripts=False)
    page.goto("/")
    page.get_by_role("searchbox").fill("红土地")
    page.get_by_role("button", name="查询").click()
    page.get_by_role("link", name="遂溪县红土地蔬菜专业合作社").click()
    expect(page.get_by_role("img", name="农安信用等级 AAA 信用优良").first).to_be_visible()
    page.get_by_role("link", name="核验存证").click()
    expect(page).to_have_title(re.compile("核验存证"))


def test_the_keyboard_reaches_the_search_box_first_after_skipping(desktop, city):
    desktop.goto("/")
    desktop.keyboard.press("Tab")
    expect(desktop.locator(".skip")).to_be_focused()
    desktop.keyboard.press("Enter")
    desktop.keyboard.press("Tab")
    expect(desktop.locator("#q")).to_be_focused()
    assert desktop.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_large_letters_are_forty_percent_larger_and_still_fit(open_page, city, fits, accessible, photograph):
    page = open_page({"width": 320, "height": 640}, scripts=True)
    page.goto("/p/SX-0001/")
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    normal = page.evaluate(size)
    choose_large_letters(page)
    assert normal == 18
    assert page.evaluate(size) == pytest.approx(normal * 1.4)
    for name, path in PAGES.items():
        if name != "missing":
            page.goto(path)
            fits(page)
    page.goto("/p/SX-0001/")
    accessible(page)
    photograph(page, "producer-large-320")


def test_links_and_buttons_are_large_enough_to_touch(phone, city):
    small = """() => [...document.querySelectorAll('button, input, summary, nav a, .brand, .result a')]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 47.5).map(e => e.outerHTML)"""
    for name in ("home", "results", "producer"):
        phone.goto(PAGES[name])
        assert phone.evaluate(small) == []


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_scanned_certificate_is_accessible_and_fits(
    open_page, city, accessible, fits, photograph, viewport
):
    certificate = issued(producer=city)
    page = open_page(viewport)
    page.goto(f"/C/{certificate.code}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("查验通过")
    accessible(page)
    fits(page)
    photograph(page, f"certificate-{viewport['width']}")


def test_print_keeps_the_grade_and_drops_the_navigation(desktop, city, photograph):
    desktop.goto("/p/SX-0001/")
    desktop.emulate_media(media="print")
    expect(desktop.get_by_role("img", name="农安信用等级 AAA 信用优良").first).to_be_visible()
    expect(desktop.get_by_role("navigation", name="主导航")).to_be_hidden()
    photograph(desktop, "producer-print")


def test_grade_marks_differ_in_black_and_white(desktop, live_server, photograph):
    faces = [("AAAA", ""), ("AAA", ""), ("AA", ""), ("A", ""), ("B", ""), ("C", ""), ("", ""), ("notice", "")]
    faces += [("A", "绿码"), ("B", "蓝码"), ("C", "黄码"), ("D", "红码"), ("E", "灰码")]
    marks = Template("{% load grade_marks %}{% for g, w in faces %}{% grade_mark g 24 w %} {% endfor %}")
    desktop.goto("/")
    desktop.evaluate("html => { document.body.innerHTML = html }", marks.render(Context({"faces": faces})))
    # One bit a pixel, as a label printer has it.
    desktop.evaluate(
        "document.querySelectorAll('svg').forEach(svg => { svg.style.filter = 'grayscale(1) contrast(50)' })"
    )
    drawn = [mark.screenshot() for mark in desktop.locator("svg").all()]
    assert len(set(drawn)) == len(faces)
    photograph(desktop, "marks-one-bit")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_portals_frame_is_accessible_in_the_light_and_in_the_dark(
    open_page, live_server, settings, accessible, photograph, scheme
):
    settings.ROOT_URLCONF = "tests.browser.frame"
    page = open_page(PHONE, color_scheme=scheme)
    page.goto("/frame/")
    accessible(page)
    photograph(page, f"frame-{scheme}")
