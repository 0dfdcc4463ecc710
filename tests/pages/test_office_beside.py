"""A township's charts stand beside its county's average; no other township's figures show."""

import pytest
from django.core.cache import cache

from agricredit.foundation.accounts.jurisdiction import Scope
from agricredit.foundation.common.clock import now
from agricredit.pages.office import figures, register, shops
from archives.services import figures as register_figures
from tests.factories.archives import ProducerFactory, ProducerProductFactory, RegionFactory
from tests.factories.certificates import issued
from tests.factories.records import HarvestFactory, RecordReviewFactory
from tests.pages.city import effective_run
from tests.pages.test_office_home import summary

pytestmark = pytest.mark.django_db
OWN = Scope("region", "440823100")
WHOLE = "全县"


@pytest.fixture(autouse=True)
def places():
    cache.clear()
    RegionFactory(code="440823100", name="遂城镇")
    RegionFactory(code="440823102", name="洋青镇")


def shown(chart):
    return chart.categories, [one.counts for one in chart.series]


def test_grades_beside_the_county_and_years_of_the_township_alone():
    townships = {"t440823100": {"AAA": 3, "B": 1}, "t440823102": {"AAA": 1, "B": 3}, "t440825100": {"B": 9}}
    effective_run(2025, region="4408", summary=summary(**townships))
    grades, years = figures.charts(OWN)[:2]
    assert grades.title == "2025年度AA级以上：遂城镇占75%；全县50%"
    assert shown(grades) == (["遂城镇", WHOLE], [[3, 4], [1, 4]])
    assert shown(years) == (["2025年度"], [[3], [1]])


def test_certificates_and_reviews_beside_the_county():
    here, there = ProducerFactory(region="440823100201"), ProducerFactory(region="440823102")
    for producer in (here, there):
        ProducerProductFactory(producer=producer, product__certificate_required=True)
        state = "confirmed" if producer is here else "open"
        decided = {"decided_at": now()} if producer is here else {}
        RecordReviewFactory(row=HarvestFactory(producer=producer), put_up_at=now(), state=state, **decided)
    issued(producer=here)
    coverage, reviewed = figures.coverage(OWN), figures.reviewed(OWN)
    assert coverage.title == "近12个月，1家应开证主体中100%开过合格证；全县50%"
    assert shown(coverage) == (["遂城镇", WHOLE], [[1, 1], [0, 1]])
    assert reviewed.title == "近90天列入核实的1条记录，100%已核实或撤销；全县50%"
    assert reviewed.categories == ["遂城镇", WHOLE]


def test_shops_beside_the_county():
    ProducerFactory(region="440823100", activities=["input_sale"])
    ProducerFactory(region="440823102", activities=["input_sale"])
    assert shown(shops.selling(OWN)) == (["遂城镇", WHOLE], [[0, 0], [1, 2]])


def test_the_registers_charts_count_by_the_hundred_producers():
    here = [ProducerFactory(region="440823100") for _ in range(2)]
    ProducerFactory(region="440823102")
    HarvestFactory(producer=here[0])
    register_figures.measure()
    counts, _measured = register.figures_of(OWN)
    complete = register.completeness(counts, OWN)
    assert complete.categories == ["遂城镇", WHOLE]
    assert complete.title.startswith("2个主体中，")
    assert "；全县完整的占" in complete.title
    elsewhere = Scope("region", "440823103")
    assert register.completeness(register.figures_of(elsewhere)[0], elsewhere).empty
