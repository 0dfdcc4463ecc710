"""The portal without reception, in a real browser: recorded in the field, sent once."""

import datetime
import re

import pytest
from playwright.sync_api import expect

from agricredit.foundation.common import clock
from archives.models import Harvest, InputUse, PestObservation, QueuedItem, RecordPhoto
from archives.services.records import record_purchase
from tests.browser.offline.steps import begin_without_a_line, cut, harvest, ready, see_pest, spray, use_again
from tests.browser.steps import log_in, save, to_next

WECHAT = (
    "Mozilla/5.0 (Linux; Android 10; V1934A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
    " Chrome/107.0.5304.141 Mobile Safari/537.36 MicroMessenger/8.0.40.2420(0x28002837) WeChat/arm64"
)


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
    expect(page.get_by_text("现在还不能采")).to_be_visible()
    page.get_by_role("button", name="情况属实，保存").click()
    expect(page.locator(".field.wrong")).to_contain_text("写明原因")
    page.get_by_label("写明原因").fill("台风前抢收")
    photograph(page, "offline-warned")
    page.get_by_role("button", name="情况属实，保存").click()
    page.locator("[data-sync]").click()
    expect(page.get_by_role("heading", name="待发送 3")).to_be_visible()
    photograph(page, "offline-queue")
    assert InputUse.objects.count() == 0

    context.set_offline(False)
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
    assert (InputUse.objects.count(), PestObservation.objects.count(), Harvest.objects.count()) == (1, 1, 1)
    assert list(QueuedItem.objects.order_by("pk").values_list("noun", "outcome")) == [
        ("use", "sent"),
        ("pest", "sent"),
        ("harvest", "sent"),
    ]
    photograph(page, "offline-sent")


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
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
    model = type(farm.producer)._meta.apps.get_model("archives.InputPurchase")
    assert sorted(model.objects.values_list("name", "quantity")) == [("复合肥", 4), ("复合肥", 4)]


def test_without_a_worker_an_open_page_records_and_the_queue_survives_closing(handset, farm):
    page = handset(service_workers="block", user_agent=WECHAT)
    page.add_init_script("delete Navigator.prototype.serviceWorker")
    begin_without_a_line(page, farm)
    see_pest(page)
    page.get_by_role("link", name="再记一笔别的").click()
    harvest(page)
    save(page)
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 2")
    page.locator("[data-sync]").click()
    expect(page.get_by_text("去没有网络的地方前先打开这一页")).to_be_visible()
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto("/my/")
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
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
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")
    assert PestObservation.objects.count() == 1


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
    save(page)
    expect(page.get_by_text("等记录发出后发送")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("照片（可不拍）：已发送")).to_be_visible()
    photo = RecordPhoto.objects.get()
    assert photo.record == Harvest.objects.get().uid
    assert photo.file.open("rb").read(3) == b"\xff\xd8\xff"
    page.get_by_role("link", name="看这一笔").click()
    expect(page.get_by_role("img", name=re.compile("照片 1"))).to_be_visible()


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


def test_the_app_takes_a_page_of_the_platform_over_at_its_question(handset, farm):
    page = handset()
    log_in(page, farm)
    plot = farm.plot.pk
    page.goto(f"/my/records/new/harvest/?plot={plot}&quantity=88&unit=公斤&at=when")
    ready(page)
    page.get_by_role("link", name="改：一共多少？").click()
    expect(page).to_have_url(re.compile("#!/item/"))
    expect(page.get_by_label("数量")).to_have_value("88")
    page.get_by_label("数量").fill("90")
    to_next(page)
    expect(page.get_by_text("90 公斤")).to_be_visible()
