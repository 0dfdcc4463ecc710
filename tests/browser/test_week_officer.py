"""A township supervisor's week: visit, verify, return, reverse, and two files merged and taken apart."""

import datetime

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.common import clock
from archives.models import DuplicatePair, Producer, RecordReview
from supervision.models import GuidanceVisit, Task
from tests.archives.portal.farm import make_farm
from tests.browser.conftest import PHONE
from tests.browser.test_whole_way import as_user
from tests.factories.accounts import UserFactory
from tests.factories.archives import DuplicatePairFactory, ProducerFactory
from tests.factories.records import HarvestFactory, RecordReviewFactory
from tests.factories.supervision import TaskFactory

VILLAGE = "440823100201"


@pytest.fixture
def township():
    """Three records to look at, a visit and an inspection of the plan, two files of one cooperative."""
    call_command("migrate", verbosity=0, interactive=False)  # the flush took the groups' permissions away
    farm = make_farm(name="遂溪县红土地蔬菜专业合作社", region=VILLAGE)
    for days in (1, 2, 3):
        day = clock.today() - datetime.timedelta(days=days)
        row = HarvestFactory(
            producer=farm.producer, product=farm.product, occurred_on=day, quantity=100 * days
        )
        RecordReviewFactory(row=row)
    due = clock.today().replace(day=28)
    TaskFactory(producer=farm.producer, kind="guidance", due_on=due, month=due.month)
    TaskFactory(producer=ProducerFactory(region=VILLAGE, name="城月果园"), due_on=due, month=due.month)
    DuplicatePairFactory(
        low=farm.producer, high=ProducerFactory(region=VILLAGE, name="红土地蔬菜合作社", contact_name="陈五")
    )
    return farm


def visit(page):
    """Empty it says what is missing; pressed twice it is one visit. An inspection is not hers to hold."""
    page.goto("/field/")
    expect(page.get_by_role("link", name="开始检查")).to_have_count(0)
    expect(page.get_by_text("行政检查须由两名持行政执法证的人员进行")).to_be_visible()
    page.get_by_role("link", name="开始巡查").click()
    page.get_by_role("button", name="保存巡查记录").click()
    expect(page.get_by_role("alert")).to_contain_text("看到的情况")
    page.get_by_label("看到的情况").fill("记录齐全，库房分开存放。")
    page.get_by_role("button", name="保存巡查记录").dblclick()
    expect(page.get_by_text("已保存对“遂溪县红土地蔬菜专业合作社”的巡查指导。")).to_be_visible()
    assert GuidanceVisit.objects.count() == 1
    assert Task.objects.get(kind="guidance").state == "done"


def verify(page):
    """One is right, one goes back with its reason, one never happened."""
    page.goto("/field/reviews/")
    expect(page.get_by_text("共 3 条")).to_be_visible()
    page.get_by_label("核实无误").first.check()
    page.get_by_role("button", name="核实勾选的记录").click()
    page.get_by_role("button", name="核实无误").click()
    expect(page.get_by_role("heading", name="已核实 1 条")).to_be_visible()
    for act, button, reason in (
        ("退回主体", "退回主体", "数量与票据不符"),
        ("撤销记录", "撤销记录", "查无此事"),
    ):
        page.goto("/field/reviews/")
        page.locator(".card a").first.click()
        page.get_by_role("link", name=act).click()
        page.get_by_label("理由").fill(reason)
        page.get_by_role("button", name=button).click()
        expect(page.locator(".notice").first).to_be_visible()
        expect(page.get_by_role("heading", name="记录核实")).to_be_visible()
    assert sorted(RecordReview.objects.values_list("state", flat=True)) == [
        "confirmed",
        "returned",
        "reversed",
    ]


def explain(page):
    """The farmer reads why, on the phone, and says what was."""
    page.goto("/my/")
    page.get_by_role("link", name="被退回：数量与票据不符").click()
    page.get_by_role("link", name="说明情况").click()
    page.get_by_label("情况说明").fill("另有一张票据")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_text("您的说明已提交")).to_be_visible()


def merge_and_take_back(page):
    """Without a reason nothing happens; merged they are one; taken back they are two again."""
    page.goto("/admin/archives/duplicatepair/")
    page.locator("tbody a").first.click()
    page.get_by_role("button", name="预览合并结果").click()
    expect(page.get_by_role("heading", name="合并后的档案")).to_be_visible()
    page.get_by_role("button", name="确认合并").click()
    expect(page.get_by_text("请填写理由。")).to_be_visible()
    assert DuplicatePair.objects.get().state == "open"
    page.get_by_label("理由").fill("同一社，名称简写")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.get_by_role("button", name="确认合并").dblclick()
    expect(page.get_by_text("已合并，原有记录都保留，可以撤销。")).to_be_visible()
    assert sent.count("POST") == 1
    assert Producer.objects.filter(status="merged").count() == 1
    page.get_by_label("理由").fill("看错了，是两家")
    page.get_by_role("button", name="撤销合并").click()
    expect(page.get_by_text("已撤销合并，恢复为两个主体。")).to_be_visible()
    assert not Producer.objects.filter(status="merged").exists()


def test_a_supervisors_week(open_page, township, fits, photograph):
    officer = UserFactory(role=Role.TOWNSHIP_SUPERVISOR, name="吴镇巡")
    desk = as_user(open_page, officer)
    desk.goto("/admin/")
    for title in ("待核实的生产记录", "疑似重复的主体"):
        expect(desk.get_by_text(title, exact=True)).to_be_visible()
    photograph(desk, "week-morning")
    phone = as_user(open_page, officer, PHONE)
    visit(phone)
    fits(phone)
    verify(phone)
    fits(phone)
    explain(as_user(open_page, township.user, PHONE, staff=False))
    phone.goto("/field/reviews/")
    expect(phone.get_by_text("另有一张票据")).to_be_visible()
    phone.get_by_label("核实无误").first.check()
    phone.get_by_role("button", name="核实勾选的记录").click()
    phone.get_by_role("button", name="核实无误").click()
    expect(phone.get_by_role("heading", name="已核实 1 条")).to_be_visible()
    merge_and_take_back(desk)
