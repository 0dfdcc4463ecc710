"""The register's filters over every floor, and its figures by township."""

import datetime
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from agricredit.foundation.common.clock import today
from agricredit.foundation.jobs.models import Job
from agricredit.pages.office import producers as office_producers
from archives.models import Figure, Producer, ProfileState, TownshipFigure
from archives.services import figures, ledger, profiles
from certificates.services import figures as issued_figures
from rating.models import Standing
from rating.services import live
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory, ProducerProductFactory, RegionFactory
from tests.factories.certificates import issued
from tests.factories.ledger import draft
from tests.factories.rating import shipped
from tests.factories.supervision import TaskFactory

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def desk(client):
    return enter(client, UserFactory())


def names(desk, **query):
    answer = desk.get(reverse("admin:archives_producer_changelist"), query)
    assert answer.status_code == 200
    return {row.name for row in answer.context["cl"].result_list}


def profile(producer, share, day):
    ledger.post(
        [
            draft(producer=producer, uid=f"{producer.pk}-{kind}-{day}", kind=kind, outcome="none",
                  value=value, occurred_on=day)
            for kind, value in (("profile.completed", share), ("profile.confirmed", None))
        ]
    )  # fmt: skip


def test_filters_by_division_product_grade_due_and_completeness(desk, monkeypatch):
    shipped()
    RegionFactory(code="440823101", name="黄略镇")
    one = ProducerFactory(name="甲", region="440823101")
    two = ProducerFactory(name="乙")
    three = ProducerFactory(name="丙")
    grown = ProducerProductFactory(producer=two)
    Standing.objects.create(producer=two, official_grade="AAA", status="rated")
    TaskFactory(producer=three, due_on=today() - DAY)
    live.rescore([one.pk, two.pk, three.pk])  # as the reaction to a new file does
    profile(one, 50, today() - 181 * DAY)
    profile(two, 100, today())
    profile(three, 86, today() - 180 * DAY)
    assert names(desk, township="440823101") == {"甲"}
    assert names(desk, township="黄略") == {"甲"}
    assert names(desk, product=grown.product_id) == {"乙"}
    assert names(desk, product="坏") == set()
    assert names(desk, grade="AAA") == {"乙"}
    assert names(desk, grade="none") == {"甲", "丙"}
    ProducerFactory(name="刚建档")
    assert names(desk, grade="none") == {"甲", "丙", "刚建档"}
    monkeypatch.setattr(office_producers, "MANY", 1)
    assert names(desk, grade="none") == {"甲", "丙", "刚建档"}
    Producer.objects.filter(name="刚建档").delete()
    assert names(desk, due="visit") == {"丙"}
    assert names(desk, due="confirm") == {"甲"}
    assert names(desk, complete="poor") == {"甲"}
    assert names(desk, complete="partly") == {"丙"}
    assert names(desk, complete="full") == {"乙"}
    Producer.objects.filter(pk=three.pk).update(status="closed")
    assert names(desk, complete="partly") == set()
    Producer.objects.filter(pk=three.pk).update(status="paused")
    assert names(desk, complete="partly") == {"丙"}
    assert names(desk, complete="full", grade="AAA", product=grown.product_id) == {"乙"}


def test_the_list_costs_the_same_for_every_filter(desk, django_assert_max_num_queries):
    shipped()
    for _ in range(3):
        ProducerFactory()
    names(desk)
    for query in ({}, {"grade": "AAA"}, {"due": "confirm"}, {"complete": "poor"}, {"due": "visit"}):
        with django_assert_max_num_queries(16):
            names(desk, **query)


def test_the_profile_state_follows_the_ledger(desk):
    producer = ProducerFactory()
    profile(producer, 57, today() - 10 * DAY)
    state = ProfileState.objects.get(producer=producer)
    assert (state.completeness, state.confirmed_on) == (57, today() - 10 * DAY)
    profile(producer, 100, today())
    state.refresh_from_db()
    assert (state.completeness, state.confirmed_on) == (100, today())
    ledger.reverse(uid=f"{producer.pk}-profile.completed-{today()}", by_uid="back", source="test")
    state.refresh_from_db()
    assert state.completeness == 57
    ProfileState.objects.all().delete()
    assert profiles.refresh_all() == 1
    state = ProfileState.objects.get(producer=producer)
    assert (state.completeness, state.confirmed_on) == (57, today())
    assert profiles.refresh_all() == 0


def figure(name, code="440823100"):
    return TownshipFigure.objects.filter(region_code=code, name=name).values_list("value", flat=True).first()


def test_figures_count_each_township_and_are_safe_to_repeat(desk):
    here = [ProducerFactory(region="440823100201") for _ in range(3)]
    ProducerFactory(region="440825")
    profile(here[0], 100, today())
    ledger.post(
        [draft(producer=here[0], uid=f"r{n}", occurred_on=today() - n * DAY) for n in (1, 29, 40, 89, 95)]
    )
    ledger.reverse(uid="r40", by_uid="back", source="test")
    issued(producer=here[1])
    for _ in range(2):
        figures.measure()
        issued_figures.measure()
    assert figure(Figure.PRODUCERS) == 3
    assert (figure(Figure.COMPLETE), figure(Figure.POOR), figure(Figure.OVERDUE)) == (1, 2, 2)
    assert (figure(Figure.RECORDS_30), figure(Figure.RECORDS_90)) == (2, 3)
    assert (figure(Figure.KEEPING_30), figure(Figure.KEEPING_90)) == (1, 1)
    assert figure(Figure.CERTIFICATES_30) == 1


def test_the_overview_charts_the_own_division_and_counts_on_request(desk):
    ProducerFactory(region="440823100201")
    ProducerFactory(region="440825")
    address = reverse("office-register")
    assert "还没有可统计的内容" in desk.get(address).content.decode()
    assert desk.post(address, {"act": "count"}).status_code == 302
    assert Job.objects.filter(kind="archives.measure_register").count() == 1
    figures.measure()
    charts = {chart.key: chart for chart in desk.get(address).context["charts"]}
    assert charts["completeness"].categories == ["遂城镇"]
    assert charts["completeness"].title.startswith("1个主体中")


def test_every_list_bears_a_plain_name(desk):
    answer = desk.get(reverse("admin:archives_producer_changelist"))
    assert answer.context["title"] == "生产主体"
    assert "选择" not in answer.context["title"]


def test_on_a_phone_pages_stay_at_the_thumb_and_empty_cells_are_left_out(desk):
    """The stylesheet does both by these names."""
    ProducerFactory(credit_code=None)
    html = desk.get(reverse("admin:archives_producer_changelist")).content.decode()
    assert "office-pages" in html
    assert '<span class="office-none">—</span>' in html
    styles = Path(finders.find("css/office.css")).read_text()
    assert "#result_list td:has(> .office-none) { display: none; }" in styles
    assert ".office-pages { background" in styles


def test_files_to_be_confirmed_again_are_a_tile_that_leads_to_them(desk):
    late, closed = ProducerFactory(name="甲"), ProducerFactory(name="乙", status="closed")
    for producer in (late, closed):
        profile(producer, 80, today() - 181 * DAY)
    figures.measure()
    tiles = {str(tile.title): tile for tile in desk.get("/admin/").context["todos"]}
    tile = tiles["半年未确认的档案"]
    assert tile.count == 1
    rows = desk.get(tile.link).context["cl"].result_list
    assert [row.name for row in rows] == ["甲"]
