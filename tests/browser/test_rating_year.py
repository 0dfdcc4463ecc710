"""A whole rating year, clicked through: county officer, second approver, two producers, a citizen.

One producer objects to a sample that was not its own and wins; the other loses its grade by decision, after
notice, statement and service. The citizen sees neither before it has effect.
"""

import datetime

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.services.ledger import EventDraft, post
from rating.models import Decision, Objection, Rating, RatingRun, Standing
from rating.services import schemes, verifying
from tests.archives.portal.farm import make_farm
from tests.browser.conftest import PHONE
from tests.browser.test_whole_way import GOOD_YEAR, YEAR, as_user, step
from tests.factories.accounts import UserFactory

MODULES = (
    "rating.services.steps",
    "rating.services.decisions",
    "rating.services.serving",
    "rating.services.objections",
    "rating.services.reissue",
    "rating.portal.objecting",
    "rating.portal.answering",
)
WRONG = "sample-of-somebody-else"


def draft(farm, kind, number=0, value=None, uid="", outcome=""):
    return EventDraft(
        uid=uid or f"{farm.producer.key}-{kind}-{number}",
        producer_id=farm.producer.pk,
        kind=kind,
        outcome=outcome or ("pass" if value is None else "none"),
        value=value,
        occurred_on=datetime.date(YEAR, number % 12 + 1, 15),
        source="test",
    )


@pytest.fixture
def today(monkeypatch):
    """A calendar that the test turns."""
    on = {"day": clock.today()}
    for module in MODULES:
        monkeypatch.setattr(f"{module}.today", lambda: on["day"])
    return on


@pytest.fixture
def farms():
    """Two cooperatives with a good year; one has a sample not its own, one used what is banned."""
    call_command("migrate", verbosity=0, interactive=False)  # the flush took the groups' permissions away
    schemes.load_shipped()
    good = make_farm(name="遂溪县青禾蔬菜专业合作社")
    bad = make_farm(name="遂溪县旧埠水果专业合作社")
    for farm in (good, bad):
        post(draft(farm, kind, n, value) for kind, count, value in GOOD_YEAR for n in range(count))
    post([draft(good, "sampling.exceeded", uid=WRONG, outcome="none")])
    post([draft(bad, "banned.found", outcome="none")])
    return good, bad


def press(page, address, button, **values):
    """Fill a page that asks, and send it."""
    page.goto(address)
    for name, value in values.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_url("**/change/")


def shown_grade(open_page, farm, live_server):
    """What a citizen sees of a producer."""
    citizen = open_page(PHONE)
    citizen.goto(f"/p/{farm.producer.key}/")
    expect(citizen.get_by_role("heading", level=1)).to_have_text(farm.producer.name)
    return citizen.content()


def test_a_rating_year(open_page, farms, today, live_server):
    good, bad = farms
    first, second = UserFactory(), UserFactory()
    office, colleague = as_user(open_page, first), as_user(open_page, second)

    # The officer starts the run, reviews it and shows it to the public.
    office.goto("/admin/rating/ratingrun/start/")
    office.get_by_role("button", name="发起", exact=True).click()
    office.wait_for_url("**/change/")
    run_all_jobs()
    run = RatingRun.objects.get()
    step(office, run, "提交复核")
    expect(office.get_by_text("应评2家：已评1家，待认定1家")).to_be_visible()

    # Law before arithmetic: notice of the intended grade, served on paper, answered on a phone.
    pending = Rating.objects.get(run=run, producer=bad.producer)
    assert pending.status == "pending"
    press(office, f"/admin/rating/rating/{pending.pk}/notice/", "告知", basis="农产品质量安全法第七十条")
    decision = Decision.objects.get()
    assert decision.evidence_uids == [f"{bad.producer.key}-banned.found-0"]
    act = f"/admin/rating/decision/{decision.pk}/act"
    answering = as_user(open_page, bad.user, PHONE, staff=False)
    answering.goto("/my/remedies/")
    answering.get_by_role("link", name="查看和办理").click()
    answering.get_by_role("button", name="签收告知书").click()
    expect(answering.get_by_text("已签收，日期记入送达回证。")).to_be_visible()
    answering.get_by_role("link", name="陈述申辩", exact=True).click()
    answering.get_by_label("您的陈述和申辩").fill("投入品是误购，已全部销毁。")
    answering.get_by_label("证明材料").set_input_files(
        {"name": "销毁记录.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 record"}
    )
    answering.get_by_role("button", name="提交").click()
    expect(answering.get_by_role("link", name="销毁记录.pdf")).to_be_visible()

    step(office, run, "发布公示")
    run.refresh_from_db()
    for farm in farms:
        assert "目前没有生效的农安信用等级" in shown_grade(open_page, farm, live_server)

    # The other producer objects during the notice; another officer upholds it.
    before = Rating.objects.get(run=run, producer=good.producer)
    objecting = as_user(open_page, good.user, PHONE, staff=False)
    objecting.goto("/my/remedies/")
    objecting.get_by_role("link", name="提出异议").click()
    objecting.get_by_label("对什么有异议，为什么").fill("抽样单编号不是我们的。")
    objecting.get_by_label("证明材料").set_input_files(
        {"name": "抽样单.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n sheet"}
    )
    objecting.get_by_role("button", name="提出异议").click()
    expect(objecting.get_by_text("已提出异议，等级处已标注“异议中”。")).to_be_visible()
    objection = Objection.objects.get()
    colleague.goto(f"/admin/rating/objection/{objection.pk}/change/")
    expect(colleague.get_by_role("link", name="抽样单.png")).to_be_visible()
    press(
        colleague,
        f"/admin/rating/objection/{objection.pk}/act/uphold/",
        "异议成立",
        reason="抽样单编号不符，予以更正。",
        uids=WRONG,
    )
    run_all_jobs()
    after = Rating.objects.current().get(run=run, producer=good.producer)
    assert (after.version, before.deductions, after.deductions) == (2, 1000, 0)

    # The days are over: the second person decides, serves, and gives the run effect.
    today["day"] = run.notice_until + datetime.timedelta(days=3)
    press(colleague, f"{act}/confirm/", "作出认定", reason="销毁属实，但违法事实成立，不予采纳。")
    step(colleague, run, "确认生效")
    assert "目前没有生效的农安信用等级" in shown_grade(open_page, bad, live_server)
    press(
        colleague,
        f"{act}/serve/",
        "登记决定书送达",
        method="left",
        on=today["day"].isoformat(),
        recipient="王某（拒收）",
        witness="村委会 李某",
    )
    run_all_jobs()

    # What the citizen sees, and what only the producer and the office may read.
    standing = Standing.objects.get(producer=good.producer)
    assert (standing.official_grade, standing.official_version) == (after.grade, 2)
    assert f"农安信用等级 {after.grade}" in shown_grade(open_page, good, live_server)
    assert "农安信用等级 C" in shown_grade(open_page, bad, live_server)
    objecting.goto("/my/remedies/")
    expect(objecting.get_by_text("已被替代").first).to_be_visible()
    assert "已被替代" not in shown_grade(open_page, good, live_server)
    office.goto(f"/admin/rating/rating/{after.pk}/change/")
    expect(office.get_by_text("已被替代").first).to_be_visible()

    # Late facts change no old page: the run verifies, its versions too.
    post([draft(good, "banned.found", outcome="none", uid="late")])
    verdict = verifying.verify(run)
    assert (verdict.identical, verdict.later) == (True, {"reissue": 1, "decision": 1})
    assert f"农安信用等级 {after.grade}" in shown_grade(open_page, good, live_server)
