"""Official history: one line a year, undecided results without a grade, and the public sees less."""

from datetime import date

import pytest

from rating.models import Rating, Standing
from rating.services import standings
from rating.services.histories import history
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory, ProducerFactory
from tests.factories.rating import make_rating, make_run

pytestmark = pytest.mark.django_db


def test_history_lists_the_last_run_of_each_year_newest_first():
    producer = ProducerFactory()
    for year, grade, state in (
        (2022, "B", "superseded"),
        (2022, "A", "superseded"),
        (2023, "AA", "effective"),
    ):
        run = make_run(year=year, state=state, effective_on=date(year + 1, 3, 1))
        make_rating(run=run, producer=producer, grade=grade)
    make_rating(run=make_run(year=2024, state="in_review"), producer=producer, grade="AAAA")
    assert [(row.year, row.grade) for row in history(producer)] == [(2023, "AA"), (2022, "A")]


def test_an_undecided_result_has_no_grade_in_history_and_is_not_public():
    rating = make_rating(run=make_run(state="effective"), grade="C", status="pending", vetoes=1)
    [row] = history(rating.producer)
    assert (row.status, row.grade, row.score) == ("pending", "", 0)
    assert not Rating.objects.public().exists()
    make_rating(run=rating.run, producer=rating.producer, version=2, grade="C", status="rated", vetoes=1)
    assert [row.grade for row in history(rating.producer)] == ["C"]
    assert Rating.objects.public().get().version == 2


def test_natural_persons_are_never_public():
    run = make_run(state="effective", effective_on=date(2025, 3, 1))
    make_rating(run=run, producer=ProducerFactory(natural=True))
    company = make_rating(run=run).producer
    standings.apply_run(run)
    assert [row.producer for row in Rating.objects.public()] == [company]
    assert [row.producer for row in Standing.objects.public()] == [company]


@pytest.mark.parametrize(
    ("role", "region", "seen"),
    [
        ("city_officer", "4408", 2),
        ("county_officer", "440823", 1),
        ("county_officer", "440802", 0),
        ("township_supervisor", "440823100", 0),
        ("province_officer", "44", 2),
        ("system_admin", "", 0),
        ("security_admin", "", 0),
        ("audit_admin", "", 0),
        ("market", "", 0),
    ],
)
def test_who_sees_which_results_and_standings(role, region, seen):
    run = make_run(region="4408", state="effective", effective_on=date(2025, 3, 1))
    for code in ("440823", "440825"):
        make_rating(run=run, producer=ProducerFactory(region=code))
    standings.apply_run(run)
    user = UserFactory(role=role, region_code=region)
    assert Rating.objects.visible_to(user).count() == seen
    assert Standing.objects.visible_to(user).count() == seen


def test_a_member_sees_its_own_producer_only():
    run = make_run(state="effective", effective_on=date(2025, 3, 1))
    mine = make_rating(run=run)
    make_rating(run=run)
    standings.apply_run(run)
    owner = MembershipFactory(producer=mine.producer).user
    assert list(Rating.objects.visible_to(owner)) == [mine]
    assert [row.producer_id for row in Standing.objects.visible_to(owner)] == [mine.producer_id]
