"""The whole river, clicked through: a producer's year, its rating, its visits, what a citizen sees."""

import datetime
import uuid

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import expect

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.services.ledger import EventDraft, post
from archives.services.records import record_harvest
from rating.models import RatingRun, Standing
from rating.services import schemes, steps
from supervision.models import Inspection, Task
from tests.archives.portal.farm import make_farm
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories.accounts import UserFactory, enter
from tests.factories.supervision import EnforcementCertificateFactory

YEAR = clock.today().year - 1
GOOD_YEAR = [  # kind, how many, value in hundredths
    ("harvest.recorded", 12, None),
    ("sale.recorded", 12, None),
    ("sale.certified", 12, None),
    ("input.used", 6, None),
    ("record.entered", 12, 100),
    ("record.completed", 12, 100),
    ("test.self", 6, None),
    ("test.planned", 6, 100),
    ("visit.made", 2, None),
    ("sampling.tested", 1, None),
    ("profile.completed", 1, 100),
    ("profile.confirmed", 1, None),
    ("pledge.signed", 1, None),
    ("licence.checked", 1, None),
]


@pytest.fixture
def farm():
    """A cooperative with a good last year on record and a harvest of today."""
    call_command("migrate", verbosity=0, interactive=False)  # the flush took the groups' permissions away
    schemes.load_shipped()
    farm = make_farm(name="遂溪县青禾蔬菜专业合作社")
    post(
        EventDraft(
            uid=f"{kind}-{number}",
            producer_id=farm.producer.pk,
            kind=kind,
            outcome="pass" if value is None else "none",
            value=value,
            occurred_on=datetime.date(YEAR, number % 12 + 1, 15),
            source="test",
        )
        for kind, count, value in GOOD_YEAR
        for number in range(count)
    )
    record_harvest(
        uid=uuid.uuid4(),
        producer=farm.producer,
        occurred_on=clock.today(),
        actor=farm.user,
        product=farm.product,
        plot=farm.plot,
        quantity=120,
        unit="公斤",
        batch="今早的豇豆",
    )
    return farm


def as_user(open_page, user, viewport=DESKTOP, staff=True):
    """A page of somebody who has passed the entrance (tested elsewhere)."""
    client = Client()
    if staff:
        enter(client, user)
    else:
        client.force_login(user)
    page = open_page(viewport)
    page.goto("/")
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": page.url}]
    )
    return page


def step(page, run, label):
    """Press one of the run's buttons, and the button of the page that asks."""
    page.goto(f"/admin/rating/ratingrun/{run.pk}/change/")
    page.get_by_role("link", name=label, exact=True).click()
    page.get_by_role("button", name=label, exact=True).click()
    page.wait_for_url("**/change/")


def test_from_the_field_to_the_citizen(open_page, farm, monkeypatch):
    first, second = UserFactory(), UserFactory()

    producer = as_user(open_page, farm.user, PHONE, staff=False)
    producer.goto("/my/")
    producer.get_by_role("link", name="② 卖货开证").click()
    producer.locator(".picks a").first.click()
    producer.get_by_label("卖多少").fill("80")
    producer.get_by_role("button", name="卖货并开证").click()
    expect(producer.get_by_role("img", name="合格证二维码")).to_be_visible()

    office = as_user(open_page, first)
    office.goto("/admin/rating/ratingrun/start/")
    office.get_by_role("button", name="发起", exact=True).click()
    office.wait_for_url("**/change/")
    run = RatingRun.objects.get()
    assert (run.year, run.state) == (YEAR, "computing")
    run_all_jobs()
    office.goto(f"/admin/rating/ratingrun/{run.pk}/change/")
    assert office.locator(".legend svg").first.bounding_box()["width"] == pytest.approx(16, abs=4)
    step(office, run, "提交复核")
    step(office, run, "发布公示")
    run.refresh_from_db()
    assert run.state == "public_notice"

    colleague = as_user(open_page, second)
    monkeypatch.setattr(steps, "today", lambda: run.notice_until + datetime.timedelta(days=1))
    step(colleague, run, "确认生效")
    run_all_jobs()
    standing = Standing.objects.get(producer=farm.producer)
    assert (standing.official_year, standing.status) == (YEAR, "rated")

    task = Task.objects.filter(producer=farm.producer, kind="inspection").get()
    EnforcementCertificateFactory(user=first)
    EnforcementCertificateFactory(user=second)
    field = as_user(open_page, first, PHONE)
    field.goto(f"/field/tasks/{task.pk}/inspection/")
    field.get_by_label("检查通知书文号").fill("遂农检〔2026〕1号")
    field.get_by_label("另一名执法人员").select_option(str(second.pk))
    field.get_by_role("button", name="保存检查记录").click()
    expect(field.get_by_text("已保存对“遂溪县青禾蔬菜专业合作社”的行政检查。")).to_be_visible()
    assert Inspection.objects.get().result == "pass"

    citizen = open_page(PHONE)
    citizen.goto("/")
    citizen.get_by_role("searchbox").or_(citizen.locator("input[name=q]")).first.fill("青禾")
    citizen.get_by_role("button", name="查询").click()
    citizen.get_by_role("link", name="遂溪县青禾蔬菜专业合作社").click()
    expect(citizen.get_by_role("heading", level=1)).to_have_text("遂溪县青禾蔬菜专业合作社")
    expect(citizen.get_by_role("img", name=f"农安信用等级 {standing.official_grade}").first).to_be_visible()
    expect(citizen.get_by_text("为什么是这个等级")).to_be_visible()
    expect(citizen.get_by_text(f"{YEAR}年度", exact=True).first).to_be_visible()
