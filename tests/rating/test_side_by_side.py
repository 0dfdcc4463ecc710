"""Two schemes over the same facts: each as if it were alone, the second without any effect."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.clock import today
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.services.ledger import post
from rating.models import Rating, RegionScheme, Standing
from rating.services import explaining, runs, schemes, side_by_side
from tests.archives.portal.farm import make_farm
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.ledger import draft
from tests.factories.rating import shipped
from tests.rating import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def both():
    return shipped("gd-r1"), shipped("hz-r1")


def test_each_side_is_what_that_scheme_gives_alone(both):
    _gd, hz = both
    examples.load()
    runs.start(scheme="gd-r1", region="44", year=2024, actor=None)
    run_all_jobs()
    expected = {row["producer"]: row for row in examples.rows("ratings-hz-r1.csv")}
    compared = 0
    for rating in Rating.objects.select_related("run__scheme", "producer"):
        found = side_by_side.of_rating(rating, hz)
        assert found.own.explanation.score == rating.score
        wanted = expected[rating.producer.key]
        assert f"{found.other.explanation.score / 100:.2f}" == wanted["score"]
        assert (found.other.explanation.grade.code if found.other.explanation.grade else "") == wanted[
            "grade"
        ]
        compared += 1
    assert compared > 10
    assert set(Rating.objects.values_list("run__scheme__code", flat=True)) == {"gd-r1"}


def test_criteria_that_read_the_same_stand_in_one_row(both):
    producer = ProducerFactory(registered_on=date(2020, 1, 1))
    found = side_by_side.of_estimate(producer, both[1])
    pairs = {own.criterion.code: other.criterion.code for own, other in found.rows if own and other}
    assert (pairs["GD102"], pairs["GD201"], pairs["GD404"]) == ("HZ0108", "HZ0204", "HZ0304")
    columns = [*found.own.explanation.columns, *found.other.explanation.columns]
    assert len([one for row in found.rows for one in row if one]) == len(columns)


def test_what_applies_scales_and_weighs_is_said(both):
    producer = ProducerFactory(kind="family_farm", registered_on=date(2020, 1, 1))
    post([draft(producer=producer, kind="visit.made", outcome="pass", occurred_on=today())])
    told = explaining.explain_live(producer)
    sentences = side_by_side.scaling(told)
    assert "只适用于有组织的主体" in sentences[0]
    assert "没有可评的信息" in sentences[1]
    assert f"适用的{told.explanation.able / 100:.2f}分" in sentences[2]
    assert sentences[3] == "本方案只看本年度，上一年度得分不计入。"
    weighed = replace(told, scheme=replace(told.scheme, year_weight=70), last_score=8000)
    assert "本年度" in side_by_side.scaling(weighed)[3]
    assert "上一年度80.00分占30%" in side_by_side.scaling(weighed)[3]
    alone = replace(weighed, last_score=None)
    assert "没有同一方案的上一年度得分" in side_by_side.scaling(alone)[3]


def test_a_region_chooses_its_scheme_by_date(both):
    gd, hz = both
    boss = UserFactory(role="city_officer", region_code="4408")
    later = today() + timedelta(days=40)
    schemes.choose(region_code="4408", scheme=hz, valid_from=later, compared=gd, actor=boss)
    assert schemes.scheme_for("440823101", today()) == gd
    assert schemes.scheme_for("440823101", later) == hz
    assert side_by_side.offered("440823101", later) == gd
    assert AuditLine.objects.filter(verb="scheme.assigned").exists()


@pytest.mark.parametrize("wrong", ["past", "same", "draft"])
def test_a_choice_that_cannot_hold_is_refused(both, wrong):
    _gd, hz = both
    boss = UserFactory(role="city_officer", region_code="4408")
    asked = {"region_code": "4408", "scheme": hz, "valid_from": today(), "compared": None}
    says = {"past": "不能早于今天", "same": "对照方案应与所用方案不同", "draft": "只有施行中的方案"}[wrong]
    if wrong == "past":
        asked["valid_from"] = today() - timedelta(days=1)
    elif wrong == "same":
        asked["compared"] = hz
    else:
        type(hz).objects.filter(pk=hz.pk).update(state="retired")
        hz.refresh_from_db()
    before = RegionScheme.objects.count()
    with pytest.raises(ValidationError, match=says):
        schemes.choose(**asked, actor=boss)
    with pytest.raises(PermissionDenied):
        schemes.choose(**asked | {"region_code": "3301"}, actor=boss)
    assert RegionScheme.objects.count() == before


def test_the_officer_chooses_on_a_page_and_sees_both(both, client):
    gd, hz = both
    boss = enter(client, UserFactory(role="city_officer", region_code="4408"))
    day = today() + timedelta(days=10)
    form = {"region_code": "4408", "scheme": hz.pk, "compared": gd.pk, "valid_from": day.isoformat()}
    assert boss.post("/admin/rating/regionscheme/add/", form).status_code == 302
    assert RegionScheme.objects.get(valid_from=day).compared == gd
    producer = ProducerFactory(region="440823", registered_on=date(2020, 1, 1))
    Standing.objects.create(producer=producer)
    html = boss.get(f"/admin/rating/standing/{producer.pk}/compare/").content.decode()
    assert "仅供对照" in html
    assert "GD201" in html
    assert "HZ0204" in html


def test_a_producer_sees_the_second_scheme_only_where_its_region_shows_it(both):
    farm = make_farm()
    page = "/my/score/compare/"
    assert farm.client.get(page).status_code == 404
    entry = RegionScheme.objects.holding(farm.producer.region_id, today())
    RegionScheme.objects.filter(pk=entry.pk).update(compared=both[1])
    html = farm.get(page)
    assert "仅供对照" in html
    assert "折合满分100分" in html
