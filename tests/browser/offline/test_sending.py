"""The queue on its way: logins, accounts, lost answers, disagreement, refusals, clocks, another phone."""

import datetime
import re

import pytest
from playwright.sync_api import expect

from agricredit.foundation.common import clock
from archives.models import PestObservation, QueuedItem
from tests.archives.offline.parcels import item, send
from tests.archives.portal.farm import make_farm
from tests.browser.offline.steps import begin_without_a_line, cut, ready, see_pest
from tests.browser.steps import give_name_and_password, log_in, save, to_next
from tests.factories.archives import MembershipFactory


def test_an_expired_login_keeps_the_queue_and_asks(handset, farm, photograph):
    page = handset()
    begin_without_a_line(page, farm)
    see_pest(page)
    page.context.clear_cookies(name="sessionid")
    page.context.set_offline(False)
    page.locator("[data-sync]").click()
    expect(page.get_by_text("登录已过期")).to_be_visible()
    expect(page.locator("[data-sync]")).to_have_text("登录 · 待发送 1")
    photograph(page, "offline-expired")
    assert PestObservation.objects.count() == 0
    page.locator("main").get_by_role("link", name="登录").click()
    give_name_and_password(page, farm.user)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
    assert PestObservation.objects.get().recorded_by == farm.user


def test_another_account_on_the_phone_sends_nothing_of_the_first(handset, farm):
    page = handset()
    begin_without_a_line(page, farm)
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
    with page.expect_event("requestfailed", lambda request: "/my/sync/" in request.url):
        see_pest(page)
    expect(page.locator("[data-sync]")).to_have_text("待发送 1")
    assert lost == [200]
    assert PestObservation.objects.count() == 1
    page.reload()
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
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
    begin_without_a_line(page, farm)
    see_pest(page)
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 1")
    uid = page.evaluate("() => location.hash.split('/').pop()")
    there = item(farm, "pest", {"pest": "斜纹夜蛾"}, now=clock.now()) | {"uid": uid}
    assert send(farm, [there], now=clock.now())[0]["status"] == "sent"
    page.context.set_offline(False)
    expect(page.get_by_text("两台手机上记的不一样")).to_be_visible()
    expect(page.locator("[data-sync]")).to_have_text("冲突 1")
    if choice.startswith("用平台"):
        photograph(page, "offline-conflict")
        accessible(page)
        fits(page)
    page.get_by_role("button", name=choice).click()
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
    assert dict(PestObservation.objects.values_list("pest", "status")) == pests


def test_a_refused_record_says_why_and_is_corrected(handset, farm, photograph):
    page = handset()
    begin_without_a_line(page, farm)
    page.get_by_role("link", name="买农药化肥").click()
    page.get_by_text("农药", exact=True).click()
    page.get_by_label("名称").fill("甲胺磷乳油")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("禁止使用")).to_be_visible()
    photograph(page, "offline-banned")
    page.get_by_label("名称").fill("阿维菌素")
    to_next(page)
    page.get_by_label("数量").fill("2")
    to_next(page)
    to_next(page)
    save(page)
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 1")
    page.route("**/my/sync/", refuse_quantity)
    page.context.set_offline(False)
    expect(page.get_by_text("买得太多，请核对单位。")).to_be_visible()
    expect(page.locator("[data-sync]")).to_have_text("要修改 1")
    photograph(page, "offline-refused")
    page.unroute("**/my/sync/")
    page.get_by_role("link", name="去修改").click()
    expect(page.get_by_role("heading", name="一共多少？")).to_be_visible()
    expect(page.get_by_text("买得太多，请核对单位。")).to_be_visible()
    page.get_by_label("数量").fill("1")
    to_next(page)  # all else is answered: put right, it is saved
    save(page)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
    model = type(farm.producer)._meta.apps.get_model("archives.InputPurchase")
    assert model.objects.get().quantity == 1


def refuse_quantity(route):
    """The platform refuses by a rule that the phone does not know."""
    uid = route.request.post_data_json["items"][0]["uid"]
    sentence = "买得太多，请核对单位。"
    fault = {"question": "amount", "field": "quantity", "message": sentence}
    result = {"uid": uid, "status": "refused", "sentence": sentence, "faults": [fault]}
    route.fulfill(json={"skew": 0, "results": [result]})


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
    expect(page.get_by_text("手机的时间慢了约 2 天")).to_be_visible()
    assert PestObservation.objects.count() == 0
    page.get_by_role("link", name="去修改").click()
    expect(page.get_by_text("手机时间不准，已按平台的时间算")).to_be_visible()
    page.get_by_text("今天（").click()
    save(page)
    page.clock.run_for(5_000)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
    assert PestObservation.objects.get().occurred_on == clock.today()
    assert abs(QueuedItem.objects.get().skew_seconds - 2 * 86400) < 600


def test_the_queue_is_handed_to_a_helpers_phone_as_a_file(handset, farm, tmp_path):
    page = handset()
    begin_without_a_line(page, farm)
    see_pest(page)
    page.locator("[data-sync]").click()
    page.get_by_text("手机坏了、要换手机").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出成文件").click()
    path = tmp_path / "queue.json"
    download.value.save_as(path)
    sealed = path.read_text()
    assert "agricredit-sealed-1" in sealed
    assert "豆荚螟" not in sealed

    helper = make_farm(name="别家", role="helper", member="helper")
    MembershipFactory(user=helper.user, producer=farm.producer, role="helper")
    second = handset()
    second.goto("/accounts/login/?next=/my/")
    give_name_and_password(second, helper.user)
    second.get_by_role("button", name=re.compile("别家")).click()
    second.wait_for_url("**/my/")
    ready(second)
    second.goto("/my/#!/queue")
    second.get_by_text("手机坏了、要换手机").click()
    second.get_by_label("从文件导入").set_input_files(path)
    expect(second.get_by_text("导入了 1 笔，0 笔没有导入")).to_be_visible()
    expect(second.locator("[data-sync]")).to_have_text("全部已发送")
    kept = QueuedItem.objects.get()
    assert (kept.made_by, kept.sent_by, kept.on_behalf) == (farm.user, helper.user, True)

    page.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
    assert PestObservation.objects.count() == 1


def test_a_page_that_came_without_the_worker_is_taken_over(handset, farm):
    """A page that loads while the worker settles in, or is forced past it, must not stay without it."""
    page = handset()
    log_in(page, farm)
    ready(page)
    page.context.new_cdp_session(page).send("Page.reload", {"ignoreCache": True})
    page.wait_for_function("() => performance.getEntriesByType('navigation')[0].type === 'reload'")
    ready(page)
    cut(page)
    page.goto("/my/records/")
    expect(page.get_by_role("heading", name="今天做了什么？")).to_be_visible()
