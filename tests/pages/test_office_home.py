"""The home of the back office: what waits in one's own division, four answers, and a menu by role."""

import datetime

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.test import Client

from agricredit.foundation.accounts.jurisdiction import Scope
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.common.clock import now, today
from agricredit.foundation.jobs.models import State
from agricredit.pages.office import figures, navigation, todo
from rating.models import Decision, RatingRun
from supervision.models import Task
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory, ProducerProductFactory, ProductFactory, RegionFactory
from tests.factories.certificates import issued
from tests.factories.jobs import JobFactory
from tests.factories.records import HarvestFactory, RecordReviewFactory
from tests.factories.supervision import EnforcementCertificateFactory, PlanFactory, TaskFactory
from tests.pages.city import effective_run, rate

pytestmark = pytest.mark.django_db

COUNTY = Scope("region", "440823")


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def officer():
    return UserFactory(role=Role.COUNTY_OFFICER, region_code="440823")


@pytest.fixture
def page(officer):
    return lambda who=officer: enter(Client(), who).get("/admin/")


def counts(response):
    return {str(tile.title): int(tile.count) for tile in response.context["todos"]}


def summary(**townships):
    return {"townships": {code.removeprefix("t"): row for code, row in townships.items()}}


def task(region="440823", due=0, **fields):
    plan = PlanFactory._meta.model.objects.filter(year=2026).first() or PlanFactory()
    day = today() + datetime.timedelta(days=due)
    return TaskFactory(plan=plan, producer=ProducerFactory(region=region), due_on=day, **fields)


def test_tiles_count_the_own_division_only(page):
    task(due=-1)
    task(due=-40)
    task(due=0)
    task(due=-1, state=Task.State.DONE, done_on=today())
    task(region="440825", due=-1)
    JobFactory(region_code="440823", state=State.FAILED)
    JobFactory(region_code="440825", state=State.FAILED)
    shown = counts(page())
    assert shown["逾期未完成的任务"] == 2
    assert shown["本月到期的任务"] == 1
    assert shown["失败的后台任务"] == 1


def test_each_tile_leads_to_a_list_of_just_those_rows(page, officer):
    task(due=-1)
    task(due=0)
    for tile in page().context["todos"]:
        answer = enter(Client(), officer).get(tile.link)
        assert answer.status_code == 200
        assert int(answer.context["cl"].result_count) == tile.count


def test_urgent_tiles_come_first_and_done_ones_last(page):
    task(due=-1)
    task(due=0)
    titles = [tile.title for tile in page().context["todos"]]
    assert titles[:2] == ["逾期未完成的任务", "本月到期的任务"]


def test_undecided_results_are_those_of_the_newest_year_less_the_decisions(officer):
    run = effective_run(2025, region="440823", summary=summary(t440823100={"AAA": 4, "pending": 3}))
    effective_run(2024, region="440823", summary=summary(t440823100={"pending": 9}))
    assert todo.undecided(officer) == 3
    producer = ProducerFactory(region="440823")
    Decision.objects.create(
        run=run,
        producer=producer,
        rating_version=1,
        ground="veto",
        grade="C",
        reasons="抽检不合格",
        basis="方案",
        noticed_by=officer,
        noticed_on=today(),
        statement_until=today() - datetime.timedelta(days=1),
    )
    assert todo.undecided(officer) == 2
    assert todo.undecided(UserFactory(role=Role.COUNTY_OFFICER, region_code="440825")) == 0


def test_an_enforcement_certificate_that_ends_soon_is_a_task(page):
    soon = today() + datetime.timedelta(days=30)
    EnforcementCertificateFactory(user=UserFactory(region_code="440823"), valid_until=soon)
    EnforcementCertificateFactory(user=UserFactory(region_code="440825"), valid_until=soon)
    assert counts(page())["将到期的行政执法证"] == 1


def test_distribution_compares_the_townships_of_the_own_county():
    RegionFactory(code="440823100", name="遂城镇")
    RegionFactory(code="440823102", name="洋青镇")
    townships = {
        "t440823100": {"AAAA": 3, "B": 1},
        "t440823102": {"AA": 1, "B": 2, "not_rated": 1},
        "t440825100": {"AAAA": 50},
    }
    effective_run(2025, region="4408", summary=summary(**townships))
    chart = figures.distribution(COUNTY, figures._rated_years(COUNTY))
    assert chart.title == "2025年度AA级以上：遂城镇最高（75%），洋青镇最低（25%）"
    assert chart.categories == ["遂城镇", "洋青镇"]
    assert {one.name: one.counts for one in chart.series} == {
        "AAAA 信用优秀": [3, 0],
        "AA 信用良好": [0, 1],
        "B 信用警示": [1, 2],
        "未评价": [0, 1],
    }
    assert chart.rows[1] == ("洋青镇", [(0, "0%"), (1, "25%"), (2, "50%"), (1, "25%")], 4)


def test_change_against_the_year_before_in_points():
    effective_run(2024, region="440823", summary=summary(t440823100={"AAA": 5, "B": 5}))
    effective_run(2025, region="440823", summary=summary(t440823100={"AAA": 6, "B": 4}))
    chart = figures.change(COUNTY, figures._rated_years(COUNTY))
    assert chart.title == "AA级以上占60%，比上年高10.0个百分点"
    assert chart.categories == ["2025年度", "2024年度"]


def test_a_county_run_inside_a_city_run_is_not_counted_twice():
    effective_run(2025, region="4408", summary=summary(t440823100={"AAA": 5}))
    effective_run(2025, region="440823", summary=summary(t440823100={"AAA": 5}))
    ((_year, run, townships),) = figures._rated_years(COUNTY)
    assert run.region_code == "4408"
    assert townships == {"440823100": {"AAA": 5}}


def test_coverage_counts_organised_producers_with_a_product_to_certify():
    product = ProductFactory(name="长豇豆")
    certified, silent = ProducerFactory(region="440823100"), ProducerFactory(region="440823100")
    for producer in (certified, silent, ProducerFactory(natural=True), ProducerFactory(region="440825")):
        ProducerProductFactory(producer=producer, product=product)
    ProducerFactory()
    issued(producer=certified)
    chart = figures.coverage(COUNTY)
    assert chart.title == "近12个月，2家应开证主体中50%开过合格证"
    assert [one.counts for one in chart.series] == [[1], [1]]


def test_progress_of_the_plan_by_month(noon):
    task(due=-40, month=10)
    task(due=0, month=11, state=Task.State.DONE, done_on=today())
    task(due=20, month=12, state=Task.State.CANCELLED)
    task(due=20, month=12)
    task(region="440825", due=-40, month=10)
    chart = figures.progress(COUNTY)
    assert chart.title == "2026年计划已完成33.3%，逾期1项"
    assert chart.categories == ["10月", "11月", "12月"]
    assert [one.counts for one in chart.series] == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]


def test_empty_charts_say_what_will_stand_there(page):
    html = page().content.decode()
    assert "还没有生效的年度评价" in html
    assert "还没有检查计划" in html


def test_charts_are_kept_so_that_a_second_look_asks_nothing(django_assert_num_queries):
    figures.charts(COUNTY)
    with django_assert_num_queries(0):
        figures.charts(COUNTY)


def test_the_page_reads_the_same_few_queries_however_many_rows(officer, django_assert_num_queries):
    rate(ProducerFactory(region="440823"))
    for _ in range(5):
        task(due=-1)
    client = enter(Client(), officer)
    client.get("/admin/")
    with django_assert_num_queries(28):
        client.get("/admin/")


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_administrators_see_their_own_work_and_nothing_of_business(page, role):
    task(due=-1)
    RatingRun.objects.filter(pk=effective_run(region="4408").pk).update(state="in_review")
    response = page(UserFactory(role=role, is_staff=True))
    html = response.content.decode()
    assert "charts" not in response.context
    for word in ("年度评价", "生产主体", "检查任务", "合格证", "公开查询"):
        assert word not in html


def test_the_system_administrator_sees_the_state_of_the_engines(page):
    response = page(UserFactory(role=Role.SYSTEM_ADMIN, is_staff=True))
    assert response.context["checks"] == [("系统配置", ""), ("数据库", ""), ("消息服务", "")]


def test_the_audit_administrator_sees_the_newest_lines(page):
    officer = UserFactory(role=Role.AUDIT_ADMIN, is_staff=True)
    assert counts(page(officer)).keys() == {
        "今日登录未成功",
        "今日查看个人信息",
        "今日导出数据",
        "今日全部操作",
    }


def test_the_security_administrator_sees_staff_without_a_second_factor(page, officer):
    shown = counts(page(UserFactory(role=Role.SECURITY_ADMIN, is_staff=True)))
    assert shown["未绑定二次验证的工作人员"] == 2


def test_the_menu_names_every_registered_list():
    named = {entry.model for _title, entries in navigation.GROUPS for entry in entries}
    schedules = {"django_celery_beat.crontabschedule", "django_celery_beat.intervalschedule"}
    assert {model._meta.label_lower for model in admin.site._registry} - schedules <= named


def test_the_menu_shows_only_what_the_role_may_open(page):
    html = page(UserFactory(role=Role.VILLAGE_ASSISTANT)).content.decode()
    assert "检查任务" in html
    assert "行政检查" not in html
    assert "操作日志" not in html


def test_the_site_speaks_english_when_asked(officer):
    client = enter(Client(), officer)
    client.cookies["django_language"] = "en"
    html = client.get("/admin/").content.decode()
    assert "Today’s work" in html
    assert "今日工作" not in html


def test_the_chart_says_where_records_are_verified_and_where_they_wait():
    for village, states in (("440823100201", ("confirmed", "open")), ("440823101201", ("open",))):
        for state in states:
            row = HarvestFactory(producer=ProducerFactory(region=village))
            fields = {"state": state, "decided_at": now()} if state == "confirmed" else {}
            RecordReviewFactory(row=row, put_up_at=now(), **fields)
    chart = figures.reviewed(COUNTY)
    assert chart.title == "近90天列入核实的3条记录，33.3%已核实或撤销"
    assert [one.counts for one in chart.series] == [[1, 0], [1, 1]]
    assert figures.reviewed(Scope("region", "440825")).empty == "近90天没有需要核实的生产记录。"
