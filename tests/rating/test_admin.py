"""The officers' pages: list, desk, reasons, steps behind a page that asks, decisions."""

from datetime import date

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.testing import run_all_jobs
from rating.models import Decision, Rating, RatingRun
from rating.services import decisions, runs
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.rating import make_rating, make_run, served, shipped
from tests.rating import examples

pytestmark = pytest.mark.django_db


def page(client, name, *arguments, status=200, **query):
    response = client.get(reverse(f"admin:rating_{name}", args=arguments), query)
    assert response.status_code == status
    return response.content.decode()


@pytest.fixture
def officer(client):
    user = UserFactory(role="city_officer")
    enter(client, user)
    return user


@pytest.fixture
def computed():
    shipped()
    examples.load()
    run = runs.start(scheme="gd-r1", region="4408", year=2024, actor=None)
    run_all_jobs()
    run.refresh_from_db()
    return run


def test_the_desk_shows_distribution_and_what_waits(client, officer, computed):
    html = page(client, "ratingrun_change", computed.pk)
    assert "最多的是" in html
    assert "提交复核" in html
    assert "GD-V6" in html
    assert "占比最高的是" in html
    assert "年度" in page(client, "ratingrun_changelist")


def test_a_run_being_computed_shows_its_progress(client, officer):
    shipped()
    ProducerFactory()
    run = runs.start(scheme="gd-r1", region="4408", year=2024, actor=None)
    html = page(client, "ratingrun_change", run.pk)
    assert "已计算 0 家，共 1 家" in html
    assert "重新计算" in html


def test_a_step_asks_first_and_then_is_taken(client, officer, computed):
    address = reverse("admin:rating_ratingrun_step", args=[computed.pk, "review"])
    assert "结果进入复核" in client.get(address).content.decode()
    computed.refresh_from_db()
    assert computed.state == "computed"
    response = client.post(address, follow=True)
    assert "复核中" in response.content.decode()
    computed.refresh_from_db()
    assert computed.state == "in_review"
    again = client.post(address)
    assert "只有“已计算”的评价才能办理这一步" in again.content.decode()


def test_starting_from_the_page(client, officer):
    shipped()
    ProducerFactory()
    address = reverse("admin:rating_ratingrun_start")
    response = client.post(address, {"scheme": "gd-r1", "region": "440823", "year": 2024})
    assert response.status_code == 302
    run = RatingRun.objects.get()
    assert (run.started_by, run.region_code) == (officer, "440823")
    again = client.post(address, {"scheme": "gd-r1", "region": "440823", "year": 2024})
    assert "已经发起" in again.content.decode()
    assert RatingRun.objects.count() == 1


def test_whoever_may_not_act_is_refused(client, computed):
    enter(client, UserFactory(role="township_supervisor"))
    assert client.get(reverse("admin:rating_ratingrun_start")).status_code == 403
    address = reverse("admin:rating_ratingrun_step", args=[computed.pk, "review"])
    assert client.post(address).status_code == 403
    html = page(client, "ratingrun_change", computed.pk)
    assert "提交复核" not in html


def test_a_foreign_run_does_not_exist(client):
    run = make_run(region="440825")
    enter(client, UserFactory(region_code="440823"))
    assert client.get(reverse("admin:rating_ratingrun_step", args=[run.pk, "review"])).status_code == 404
    page(client, "ratingrun_change", run.pk, status=302)


def test_a_result_is_explained_line_by_line(client, officer, computed):
    rating = Rating.objects.get(producer__key="P4242-000002")
    html = page(client, "rating_change", rating.pk)
    assert "69.27" in html
    assert "GD801" in html
    assert "计算结果，未生效" in html
    assert rating.producer.name in page(client, "rating_changelist", run__id__exact=computed.pk)


def test_a_result_whose_frozen_roll_is_lost_says_so_and_shows_the_rest(client, officer, computed):
    default_storage.delete(computed.roll_path)
    rating = Rating.objects.get(producer__key="P4242-000002")
    html = page(client, "rating_change", rating.pk)
    assert "2024年度 广东省湛江市 gd-r1评价的冻结名册文件缺失或已改变" in html
    assert rating.producer.name in html


def test_results_awaiting_notice_are_those_of_the_newest_year_that_nobody_was_told_of(client, officer):
    old, new = make_run(year=2023, state="effective"), make_run(year=2024, state="in_review")
    make_rating(run=old, grade="C", status="pending", vetoes=1)
    told, untold = [make_rating(run=new, grade="C", status="pending", vetoes=1) for _ in range(2)]
    make_rating(run=new, grade="AAA", status="rated")
    decisions.give_notice(rating=told, reasons="检出禁用农药。", basis="方案 GD-V1", actor=officer)
    response = client.get(reverse("admin:rating_rating_changelist"), {"awaiting": "notice"})
    assert [rating.pk for rating in response.context["cl"].result_list] == [untold.pk]


def test_notice_and_confirmation_by_two_people(client, officer, monkeypatch):
    rating = make_rating(run=make_run(state="in_review"), grade="C", status="pending", vetoes=1)
    address = reverse("admin:rating_rating_notice", args=[rating.pk])
    assert "GD-V1" in client.get(address).content.decode()
    client.post(address, {"reasons": "检出禁用农药。", "basis": "方案 GD-V1"})
    decision = Decision.objects.get()
    assert decision.noticed_by == officer
    html = page(client, "decision_change", decision.pk)
    assert "下一步：送达告知书" in html
    assert "作出认定" not in html
    confirm = reverse("admin:rating_decision_act", args=[decision.pk, "confirm"])
    assert "不能与告知的人相同" in client.post(confirm, {"reason": ""}).content.decode()
    enter(client, UserFactory())
    assert "告知书尚未送达" in client.post(confirm, {"reason": ""}).content.decode()
    served(decision, officer)
    assert "陈述申辩期到" in client.post(confirm, {"reason": ""}).content.decode()
    early = {"noticed_on": date(2025, 3, 3), "notice_served_on": date(2025, 3, 3)}
    Decision.objects.update(**early, statement_until=date(2025, 3, 10))
    html = page(client, "decision_change", decision.pk)
    assert "2025年3月10日届满" in html
    assert "作出认定" in html
    response = client.post(confirm, {"reason": ""}, follow=True)
    assert "已认定待送达" in response.content.decode()
    assert Rating.objects.current().get().status == "pending"
    serve = reverse("admin:rating_decision_act", args=[decision.pk, "serve"])
    today = clock.today().isoformat()
    client.post(serve, {"method": "direct", "recipient": "负责人", "on": today})
    assert Rating.objects.current().get().status == "rated"
    assert Decision.objects.get().state == "effective"
    assert decision.producer.name in page(client, "decision_changelist")


def test_schemes_are_read_as_tables_with_their_clauses(client, officer):
    html = page(client, "scheme_change", shipped().pk)
    words = (
        "采收记录：合格的占比（本年度）",
        "≥0.95得8分",
        "按比例得分，满分4，低于0.6得零分",
        "每次减4分",
        "最多3分",
    )
    for text in ("GD101", "GD-V8", "评分标准", "一票否决", "AAAA", *words):
        assert text in html
    assert "gd-r1" in page(client, "scheme_changelist")
    assert "44" in page(client, "regionscheme_changelist")


def test_standings_never_show_the_live_estimate(client, officer):
    assert "预估" not in page(client, "standing_changelist")
