"""The portal without reception, in a real browser: recorded in the field, sent once, by its own user."""

import datetime
import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from agricredit.foundation.common import clock
from archives.models import Harvest, InputUse, PestObservation, QueuedItem, RecordPhoto
from archives.services.records import record_purchase
from tests.archives.offline.parcels import item, send
from tests.archives.portal.farm import make_farm
from tests.browser.conftest import PHONE
from tests.browser.test_portal import log_in
from tests.factories.accounts import PASSWORD
from tests.factories.archives import MembershipFactory

expect.set_options(timeout=15_000)
SLOW = 30_000  # milliseconds; the machine of the tests may be busy


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


def cut(page):
    """No line any more, and the browser knows it."""
    page.context.set_offline(True)
    page.wait_for_function("() => !navigator.onLine")


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
    cut(page)
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


def use_again(page):
    """再记一次 from the home page: the link, the look, the button."""
    page.get_by_role("link", name=re.compile("^再记一次")).first.click()
    page.get_by_role("button", name="保存").click()


def test_the_last_record_again_in_two_taps(handset, farm):
    record_purchase(
        producer=farm.producer,
        occurred_on=clock.today() - datetime.timedelta(days=3),
        actor=farm.user,
        kind="fertiliser",
        name="复合肥",
        quantity=4,
        unit="袋",
    )
    page = handset()
    log_in(page, farm)
    ready(page)
    cut(page)
    use_again(page)
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 1")
    page.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送", timeout=SLOW)
    model = type(farm.producer)._meta.apps.get_model("archives.InputPurchase")
    assert sorted(model.objects.values_list("name", "quantity")) == [("复合肥", 4), ("复合肥", 4)]


def test_an_expired_login_keeps_the_queue_and_asks(handset, farm, photograph):
    page = handset()
    log_in(page, farm)
    ready(page)
    cut(page)
    page.get_by_role("link", name="① 记一笔").click()
    see_pest(page)
    page.context.clear_cookies(name="sessionid")
    page.context.set_offline(False)
    page.locator("[data-sync]").click()
    expect(page.get_by_text("登录已过期")).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-sync]")).to_have_text("登录 · 待发送 1")
    photograph(page, "offline-expired")
    assert PestObservation.objects.count() == 0
    page.locator("main").get_by_role("link", name="登录").click()
    page.locator("input[name=login]").fill(farm.user.username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    expect(page.locator("[data-sync]")).to_have_text("全部已发送", timeout=SLOW)
    assert PestObservation.objects.get().recorded_by == farm.user


def test_another_account_on_the_phone_sends_nothing_of_the_first(handset, farm):
    page = handset()
    log_in(page, farm)
    ready(page)
    cut(page)
    page.get_by_role("link", name="① 记一笔").click()
    see_pest(page)
    page.context.clear_cookies(name="sessionid")
    page.context.set_offline(False)
    other = make_farm(name="邻居家庭农场")
    log_in(page, other)
    ready(page)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
    page.locator("[data-sync]").click()
    expect(page.get_by_text(f"还有{farm.user.name}的 1 笔没有发送")).to_be_visible()
    assert PestObservation.objects.count() == 0


def test_without_a_worker_an_open_page_records_and_the_queue_survives_closing(handset, farm):
    page = handset(service_workers="block")
    page.add_init_script("delete Navigator.prototype.serviceWorker")
    log_in(page, farm)
    ready(page)
    cut(page)
    page.get_by_role("link", name="① 记一笔").click()
    see_pest(page)
    page.get_by_role("link", name="再记一笔别的").click()
    harvest(page)
    page.get_by_role("button", name="保存").click()
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 2")
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto("/my/")
    expect(page.locator("[data-sync]")).to_have_text("全部已发送", timeout=SLOW)
    assert (PestObservation.objects.count(), Harvest.objects.count()) == (1, 1)


def test_where_a_webview_refuses_its_database_a_smaller_store_serves(handset, farm):
    page = handset(service_workers="block")
    page.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    log_in(page, farm)
    page.wait_for_selector("html[data-offline=ready]")
    cut(page)
    page.get_by_role("link", name="① 记一笔").click()
    see_pest(page)
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 1")
    page.locator("[data-sync]").click()
    expect(page.get_by_text("这个浏览器只能少量暂存")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送", timeout=SLOW)
    assert PestObservation.objects.count() == 1


def test_an_answer_lost_on_the_way_doubles_nothing(handset, farm):
    page = handset()
    log_in(page, farm)
    ready(page)
    page.get_by_role("link", name="① 记一笔").click()
    lost = []

    def swallow(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/my/sync/", swallow)
    see_pest(page)
    expect(page.locator("[data-sync]")).to_have_text("待发送 1")
    while not lost:
        page.wait_for_timeout(100)
    assert lost == [200]
    assert PestObservation.objects.count() == 1
    page.reload()
    expect(page.locator("[data-sync]")).to_have_text("全部已发送", timeout=SLOW)
    assert PestObservation.objects.count() == 1


@pytest.mark.parametrize(
    ("choice", "pests"),
    [
        ("用平台上的，删掉手机上的", {"斜纹夜蛾": "active"}),
        ("用手机上的，撤销平台上的", {"斜纹夜蛾": "reversed", "豆荚螟": "active"}),
        ("是两件事，都留下", {"斜纹夜蛾": "active", "豆荚螟": "active"}),
    ],
    ids=["theirs", "mine", "both"],
)
def test_what_two_phones_disagree_about_is_decided_by_the_person(
    handset, farm, photograph, accessible, fits, choice, pests
):
    page = handset()
    log_in(page, farm)
    ready(page)
    cut(page)
    page.get_by_role("link", name="① 记一笔").click()
    see_pest(page)
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 1")
    uid = page.evaluate("() => location.hash.split('/').pop()")
    there = item(farm, "pest", {"pest": "斜纹夜蛾"}, now=clock.now()) | {"uid": uid}
    assert send(farm, [there], now=clock.now())[0]["status"] == "sent"
    page.context.set_offline(False)
    expect(page.get_by_text("两台手机上记的不一样")).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-sync]")).to_have_text("冲突 1")
    if choice.startswith("用平台"):
        photograph(page, "offline-conflict")
        accessible(page)
        fits(page)
    page.get_by_role("button", name=choice).click()
    expect(page.locator("[data-sync]")).to_have_text("全部已发送", timeout=SLOW)
    assert dict(PestObservation.objects.values_list("pest", "status")) == pests


def test_a_refused_record_says_why_and_is_corrected(handset, farm, photograph):
    page = handset()
    log_in(page, farm)
    ready(page)
    cut(page)
    page.get_by_role("link", name="① 记一笔").click()
    page.get_by_role("link", name="买农药化肥").click()
    page.get_by_text("农药", exact=True).click()
    page.get_by_label("名称").fill("甲胺磷乳油")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("禁止使用")).to_be_visible()
    photograph(page, "offline-banned")
    page.get_by_label("名称").fill("阿维菌素")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("数量").fill("2")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 1")
    page.route("**/my/sync/", refuse_quantity)
    page.context.set_offline(False)
    expect(page.get_by_text("买得太多，请核对单位。")).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-sync]")).to_have_text("要修改 1")
    photograph(page, "offline-refused")
    page.unroute("**/my/sync/")
    page.get_by_role("link", name="去修改").click()
    expect(page.get_by_role("heading", name="一共多少？")).to_be_visible()
    expect(page.get_by_text("买得太多，请核对单位。")).to_be_visible()
    page.get_by_label("数量").fill("1")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("[data-sync]")).to_have_text("全部已发送", timeout=SLOW)
    model = type(farm.producer)._meta.apps.get_model("archives.InputPurchase")
    assert model.objects.get().quantity == 1


def refuse_quantity(route):
    """The platform refuses by a rule that the phone does not know."""
    uid = route.request.post_data_json["items"][0]["uid"]
    sentence = "买得太多，请核对单位。"
    fault = {"question": "amount", "field": "quantity", "message": sentence}
    result = {"uid": uid, "status": "refused", "sentence": sentence, "faults": [fault]}
    route.fulfill(json={"skew": 0, "results": [result]})


def test_a_photo_is_shrunk_queued_and_sent_with_its_record(handset, farm, tmp_path):
    page = handset()
    log_in(page, farm)
    ready(page)
    large = tmp_path / "label.png"
    large.write_bytes(page.screenshot(full_page=True, scale="device"))
    program = tmp_path / "label.jpg"
    program.write_bytes(b"MZ\x90\x00" + b"\0" * 4000)
    cut(page)
    page.get_by_role("link", name="① 记一笔").click()
    harvest(page)
    page.get_by_label("照片").set_input_files(program)
    expect(page.get_by_text("这不是照片")).to_be_visible()
    page.get_by_label("照片").set_input_files(large)
    expect(page.get_by_text("照片已存在手机上")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("等记录发出后发送")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("照片（可不拍）：已发送")).to_be_visible(timeout=SLOW)
    photo = RecordPhoto.objects.get()
    assert photo.record == Harvest.objects.get().uid
    assert photo.file.open("rb").read(3) == b"\xff\xd8\xff"
    page.get_by_role("link", name="看这一笔").click()
    expect(page.get_by_role("img", name=re.compile("照片 1"))).to_be_visible()


def test_a_wrong_clock_is_said_and_the_day_is_put_right(handset, farm):
    page = handset()
    log_in(page, farm)
    ready(page)
    cut(page)
    yesterday = clock.now() - datetime.timedelta(days=2)
    page.clock.install(time=yesterday)
    page.reload()
    expect(page.locator("[data-sync]")).to_contain_text("没网络")
    page.get_by_role("link", name="① 记一笔").click()
    see_pest(page)
    page.context.set_offline(False)
    page.clock.run_for(70_000)
    expect(page.get_by_text("手机的时间慢了约 2 天")).to_be_visible(timeout=SLOW)
    assert PestObservation.objects.count() == 0
    page.get_by_role("link", name="去修改").click()
    expect(page.get_by_text("手机时间不准，已按平台的时间算")).to_be_visible()
    page.get_by_text("今天（").click()
    page.get_by_role("button", name="保存").click()
    page.clock.run_for(5_000)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送", timeout=SLOW)
    assert PestObservation.objects.get().occurred_on == clock.today()
    assert abs(QueuedItem.objects.get().skew_seconds - 2 * 86400) < 600


def test_the_queue_is_handed_to_a_helpers_phone_as_a_file(handset, farm, tmp_path):
    page = handset()
    log_in(page, farm)
    ready(page)
    cut(page)
    page.get_by_role("link", name="① 记一笔").click()
    see_pest(page)
    page.locator("[data-sync]").click()
    page.get_by_text("手机坏了、要换手机").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出成文件").click()
    path = tmp_path / "queue.json"
    download.value.save_as(path)

    helper = make_farm(name="别家", role="helper", member="helper")
    MembershipFactory(user=helper.user, producer=farm.producer, role="helper")
    second = handset()
    second.goto("/accounts/login/?next=/my/")
    second.locator("input[name=login]").fill(helper.user.username)
    second.locator("input[name=password]").fill(PASSWORD)
    second.locator("main form button[type=submit], main form button:not([type])").first.click()
    second.get_by_role("button", name=re.compile("别家")).click()
    ready(second)
    second.goto("/my/#!/queue")
    second.get_by_text("手机坏了、要换手机").click()
    second.get_by_label("从文件导入").set_input_files(path)
    expect(second.get_by_text("导入了 1 笔，0 笔没有导入")).to_be_visible(timeout=SLOW)
    expect(second.locator("[data-sync]")).to_have_text("全部已发送", timeout=SLOW)
    kept = QueuedItem.objects.get()
    assert (kept.made_by, kept.sent_by, kept.on_behalf) == (farm.user, helper.user, True)

    page.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送", timeout=SLOW)
    assert PestObservation.objects.count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_apps_pages_are_accessible_fit_and_are_large_enough_to_touch(
    handset, farm, accessible, fits, photograph, scheme
):
    page = handset(color_scheme=scheme)
    log_in(page, farm)
    ready(page)
    small = """() => [...document.querySelectorAll(
            'main button, main summary, main a, main select, main label:has(input)')]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML)"""
    cut(page)
    for name in ("home", "acts", "sell", "queue", "elsewhere", "new/use", "new/harvest", "new/purchase"):
        page.evaluate("name => { location.hash = '#!/' + name; }", name)
        expect(page.locator(".app-view h1")).to_be_visible()
        photograph(page, f"offline-{name.replace('/', '-')}-{scheme}")
        accessible(page)
        fits(page)
        assert page.evaluate(small) == []
