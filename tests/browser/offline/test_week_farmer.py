"""A farmer's week on a phone: bought, sprayed, picked without reception, sold, put right, confirmed."""

import re

import pytest
from playwright.sync_api import expect

from archives.models import Harvest, InputPurchase, InputUse, PestObservation, ProfileState, RecordPhoto
from certificates.models import Certificate
from tests.browser.offline.steps import cut, ready, use_again
from tests.browser.steps import log_in, save, to_next
from tests.factories.archives import PlotFactory


@pytest.fixture
def fields(farm):
    """A second plot, not sprayed in this week."""
    PlotFactory(producer=farm.producer, name="5号地")
    return farm


def sent(page):
    expect(page.locator("[data-sync]")).to_have_text("全部已发送")


def act(page, name):
    """From the saved page, or from home, to the first question of an act."""
    page.evaluate("location.hash = '#!/acts'")
    page.locator(".acts").get_by_role("link", name=name).first.click()


def monday(page):
    """Two initials, nonsense for an amount, a button pressed twice: one purchase of a known input."""
    act(page, "买农药化肥")
    page.get_by_text("农药", exact=True).click()
    page.get_by_label("名称").fill("awjs")
    to_next(page)
    page.get_by_label("阿维菌素").first.check()
    to_next(page)
    page.get_by_label("数量").fill("-2")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("不能小于 0.001。")).to_be_visible()
    page.get_by_label("数量").fill("2")
    to_next(page)
    page.get_by_label("供应商").fill("遂城农资店")
    to_next(page)
    page.get_by_role("button", name="保存").dblclick()
    sent(page)
    assert InputPurchase.objects.get().name == "阿维菌素"


def tuesday(page):
    """Sprayed with what was bought; more than that asks for a reason, which nobody was asked for before."""
    act(page, "打药施肥")
    page.get_by_text("3号地").click()
    to_next(page)
    page.get_by_label("阿维菌素").first.check()
    to_next(page)
    page.get_by_label("数量").fill("3")
    page.get_by_label("单位").select_option("瓶")
    to_next(page)
    page.get_by_label("天数").fill("7")
    to_next(page)
    page.get_by_text("喷雾").click()
    page.get_by_label("防治什么").fill("豆荚螟")
    to_next(page)
    expect(page.get_by_label("写明原因")).to_have_count(0)
    save(page)
    expect(page.get_by_text("这次采购只有2瓶")).to_be_visible()
    page.get_by_role("link", name="去修改").click()
    page.get_by_label("写明原因").fill("还有去年剩的一瓶")
    save(page)
    expect(page.get_by_text("3号地的长豇豆")).to_be_visible()
    assert InputUse.objects.get().reason == "还有去年剩的一瓶"


def wednesday(page, tmp_path):
    """No reception: a pest, a batch with its photo; a program renamed is no photo."""
    picture, program = tmp_path / "beans.png", tmp_path / "beans.jpg"
    picture.write_bytes(page.screenshot())
    program.write_bytes(b"MZ\x90\x00" + b"\0" * 4000)
    cut(page)
    act(page, "病虫害")
    page.get_by_text("5号地").click()
    to_next(page)
    page.get_by_label("病虫害或疫病").fill("豆荚瞑")
    to_next(page)
    to_next(page)
    save(page)
    act(page, re.compile("^采收 一批"))
    page.get_by_text("5号地").click()
    to_next(page)
    page.get_by_label("数量").fill("120")
    to_next(page)
    page.get_by_label("照片").set_input_files(program)
    expect(page.get_by_text("这不是照片")).to_be_visible()
    page.get_by_label("照片").set_input_files(picture)
    expect(page.get_by_text("照片已存在手机上")).to_be_visible()
    save(page)
    expect(page.locator("[data-sync]")).to_have_text("没网络 · 待发送 2")
    page.context.set_offline(False)
    expect(page.get_by_text("照片（可不拍）：已发送")).to_be_visible()
    sent(page)
    assert RecordPhoto.objects.get().record == Harvest.objects.get().uid


def thursday(page):
    """Sold with a certificate; the back button and the same once more is asked about first."""
    page.goto("/my/certificates/")
    page.locator(".picks a").first.click()
    page.get_by_label("卖多少").fill("50")
    page.get_by_label("卖给谁").fill("霞山批发市场")
    page.get_by_role("button", name="卖货并开证").dblclick()
    expect(page.get_by_role("img", name="合格证二维码")).to_be_visible()
    page.go_back()
    page.get_by_label("卖多少").fill("50")
    page.get_by_label("卖给谁").fill("霞山批发市场")
    page.get_by_role("button", name="卖货并开证").click()
    expect(page.get_by_text("几分钟前刚开过一张同样的证").first).to_be_visible()
    assert Certificate.objects.count() == 1


def friday(page):
    """The pest was misspelt; bottles go back; the last record again in two presses; the file is right."""
    page.goto("/my/")
    ready(page)
    act(page, "交回空瓶空袋")
    page.get_by_label("件数").fill("3")
    page.get_by_label("交到哪里").fill("村回收点")
    to_next(page)
    save(page)
    sent(page)
    page.evaluate("location.hash = '#!/queue'")
    page.locator(".app-view .entries a").filter(has_text="豆荚瞑").click()
    page.get_by_role("link", name="改这一笔").click()
    page.get_by_role("link", name="改：看到了什么病虫害？").click()
    page.get_by_label("病虫害或疫病").fill("豆荚螟")
    to_next(page)
    save(page)
    sent(page)
    page.goto("/my/")
    ready(page)
    use_again(page)
    sent(page)
    page.goto("/my/file/")
    page.get_by_role("button", name="都对，确认").click()
    expect(page.get_by_text(re.compile("已确认|谢谢|上次确认")).first).to_be_visible()


def test_a_farmers_week(handset, fields, tmp_path, fits, photograph):
    page = handset()
    log_in(page, fields)
    ready(page)
    monday(page)
    tuesday(page)
    fits(page)
    wednesday(page, tmp_path)
    photograph(page, "week-wednesday")
    thursday(page)
    friday(page)
    fits(page)
    known = dict(PestObservation.objects.values_list("pest", "status"))
    assert known == {"豆荚瞑": "reversed", "豆荚螟": "active"}
    assert ProfileState.objects.filter(producer=fields.producer).exists()
