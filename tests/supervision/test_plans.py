"""Frequency from grade and flags, and the plan it is spread into."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from archives.services.ledger import EventDraft, post
from rating.models import Standing
from supervision.models import FrequencyAssignment, Plan, Task
from supervision.services import frequency, plans
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProducerFactory, RegionFactory
from tests.factories.rating import make_run

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    for module in ("frequency", "plans"):
        monkeypatch.setattr(f"supervision.services.{module}.today", lambda: TODAY)


def graded(grade, **fields):
    producer = ProducerFactory(**fields)
    if grade:
        Standing.objects.update_or_create(
            producer=producer, defaults={"official_grade": grade, "official_year": 2025, "status": "rated"}
        )
    return producer


def event(producer, kind, **fields):
    draft = {
        "uid": f"{kind}-{producer.pk}",
        "producer_id": producer.pk,
        "kind": kind,
        "occurred_on": datetime.date(2026, 1, 5),
    }
    post([EventDraft(**{**draft, **fields})])


def assigned():
    run = make_run(region="4408", year=2025)
    count = frequency.assign(run=run)
    return count, {row.producer_id: row for row in FrequencyAssignment.objects.all()}


class TestFrequency:
    @pytest.mark.parametrize(
        ("grade", "visits", "sampling", "risk"),
        [
            ("AAAA", 1, 5, "low"),
            ("AAA", 1, 10, "low"),
            ("A", 2, 30, "normal"),
            ("B", 4, 60, "high"),
            ("C", 6, 100, "severe"),
            ("", 2, 20, "normal"),
        ],
    )
    def test_follows_the_schemes_table(self, grade, visits, sampling, risk):
        producer = graded(grade)
        count, rows = assigned()
        row = rows[producer.pk]
        assert (count, row.year, row.visits, row.sampling, row.risk, row.flags) == (
            1,
            2026,
            visits,
            sampling,
            risk,
            [],
        )

    def test_a_lawful_listing_lifts_the_limit(self):
        producer = graded("AAA")
        event(producer, "dishonesty.listed")
        row = assigned()[1][producer.pk]
        assert (row.visits, row.sampling, row.flags) == (None, 100, ["listed"])

    def test_a_listing_that_has_ended_does_not(self):
        producer = graded("AAA")
        event(producer, "dishonesty.listed", valid_until=datetime.date(2026, 2, 1))
        assert assigned()[1][producer.pk].visits == 1

    def test_a_failed_sampling_raises_a_good_grade_but_never_lowers_a_bad_one(self):
        good, bad = graded("AAA"), graded("C")
        for producer in (good, bad):
            event(producer, "sampling.tested", outcome="fail")
        rows = assigned()[1]
        assert (rows[good.pk].visits, rows[good.pk].risk) == (4, "high")
        assert (rows[bad.pk].visits, rows[bad.pk].risk) == (6, "severe")

    def test_running_it_twice_changes_nothing(self):
        graded("AA")
        first = assigned()[1]
        frequency.assign(run=first[next(iter(first))].run)
        assert FrequencyAssignment.objects.count() == 1

    def test_closed_producers_and_other_regions_are_left_out(self):
        graded("AA", status="closed")
        graded("AA", region="330106")
        assert assigned()[0] == 0


class TestPlan:
    def tasks(self, producer):
        return list(
            Task.objects.filter(producer=producer).order_by("month").values_list("month", "kind", "due_on")
        )

    def test_spreads_visits_over_the_months_that_are_left(self):
        producer = graded("B")
        assigned()
        plans.make(region_code="4408", year=2026)
        rows = self.tasks(producer)
        assert [month for month, _, _ in rows] == list(range(3, 13))  # monthly follow-up from March on
        assert sorted(kind for _, kind, _ in rows).count("inspection") == 1
        assert rows[0][2] == datetime.date(2026, 3, 31)

    def test_a_household_with_a_good_grade_gets_guidance_only(self):
        producer = graded("AAA", natural=True)
        assigned()
        plans.make(region_code="4408", year=2026)
        assert [kind for _, kind, _ in self.tasks(producer)] == ["guidance"]

    def test_repeating_it_changes_nothing(self):
        graded("AA")
        assigned()
        plans.make(region_code="4408", year=2026)
        before = list(Task.objects.order_by("id").values_list("id", "month"))
        plans.make(region_code="4408", year=2026)
        assert list(Task.objects.order_by("id").values_list("id", "month")) == before
        assert Plan.objects.count() == 1

    def test_a_better_frequency_takes_open_tasks_back_and_keeps_done_ones(self):
        producer = graded("B")
        assigned()
        plan = plans.make(region_code="4408", year=2026)
        done = Task.objects.filter(producer=producer).order_by("month").first()
        Task.objects.filter(pk=done.pk).update(state="done", done_on=TODAY)
        FrequencyAssignment.objects.update(visits=1, monthly_follow_up=False)
        plans.make(region_code="4408", year=2026)
        rows = Task.objects.filter(plan=plan)
        assert rows.filter(pk=done.pk).exists()
        assert rows.filter(state="open").count() <= 1

    def test_an_unknown_division_is_refused(self):
        with pytest.raises(ValidationError, match="没有代码为 999999 的行政区划"):
            plans.make(region_code="999999", year=2026)
        assert Plan.objects.count() == 0

    def test_a_year_that_is_over_is_refused(self):
        RegionFactory()
        with pytest.raises(ValidationError, match="2025年已经结束"):
            plans.make(region_code="4408", year=2025)
        assert Plan.objects.count() == 0

    def test_publishing_twice_is_publishing_once(self):
        RegionFactory()
        plan = plans.make(region_code="4408", year=2026)
        officer = UserFactory()
        first = plans.publish(plan=plan, actor=officer).published_at
        assert plans.publish(plan=plan, actor=officer).published_at == first

    def test_the_nearest_plan_covers_a_region(self):
        RegionFactory()
        plans.make(region_code="4408", year=2026)
        county = plans.make(region_code="440823", year=2026)
        assert plans.covering("440823100", 2026) == county
        assert plans.covering("440825", 2026).region_code == "4408"
        assert plans.covering("33", 2026) is None
