"""An explanation is the result itself, with every event behind it."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import CreditEvent
from rating.models import Rating
from rating.services import explaining, runs, telling
from tests.factories.archives import ProducerFactory
from tests.factories.rating import make_run, shipped
from tests.rating import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive():
    shipped()
    producers = examples.load()
    runs.start(scheme="gd-r1", region="44", year=2024, actor=None)
    run_all_jobs()
    return producers


def test_every_explanation_equals_the_computed_result(archive):
    for row in examples.rows("ratings-gd-r1.csv"):
        told = telling.as_document(explaining.explain(archive[row["producer"]], 2024))
        assert [told[name] for name in ("score", "grade", "status", "base", "bonus", "deductions")] == [
            row[name] for name in ("score", "grade", "status", "base", "bonus", "deductions")
        ]
        assert ";".join(veto["code"] for veto in told["vetoes"]) == row["vetoes"]
        for column in told["criteria"]:
            assert (column["points"] or "", column["reading"] or "") == (
                row[column["code"]],
                row[column["code"] + ".reading"],
            )


def test_the_events_behind_a_point_are_named(archive):
    told = telling.as_document(explaining.explain(archive["P4242-000002"], 2024))
    [pledges] = [column for column in told["criteria"] if column["code"] == "GD103"]
    uids = {event["uid"] for event in pledges["events"]}
    assert len(uids) == 4
    assert CreditEvent.objects.filter(uid__in=uids).count() == 4
    assert told["official"] is False


def test_text_and_json_come_from_the_command(archive, capsys):
    call_command("explain", "P4242-000002", "--year", "2024")
    text = capsys.readouterr().out
    assert "69.27" in text
    assert "一票否决 GD-V6" in text
    assert "GD101" in text
    call_command("explain", "P4242-000002", "--year", "2024", "--json")
    assert json.loads(capsys.readouterr().out)["score"] == "69.27"


def test_a_merged_producer_is_explained_at_the_end_of_its_chain(archive):
    rated = {row["producer"] for row in examples.rows("ratings-gd-r1.csv")}
    merged = [row for row in examples.rows("producers.csv") if row["merged_into"] in rated]
    for row in merged:
        told = explaining.explain(archive[row["producer"]], 2024)
        assert told.producer == archive[row["merged_into"]]
    assert merged


def test_without_a_result_it_says_so(archive):
    with pytest.raises(ValidationError, match="没有2019年度的评价结果"):
        explaining.explain(archive["P4242-000002"], 2019)
    with pytest.raises(CommandError, match="there is no producer nobody"):
        call_command("explain", "nobody", "--year", "2024")


def test_later_events_do_not_change_the_explanation_of_a_sealed_run(archive):
    rating = Rating.objects.get(producer__key="P4242-000002")
    before = telling.as_document(explaining.explain_rating(rating))
    from archives.services.ledger import reverse

    reverse(uid=before["criteria"][2]["events"][0]["uid"], by_uid="late", source="test")
    assert telling.as_document(explaining.explain_rating(rating)) == before


@pytest.mark.django_db
def test_of_two_schemes_results_the_regions_own_comes_first():
    producer = ProducerFactory()
    own = make_run(scheme="gd-r1", results=[{"producer": producer}])
    other = make_run(scheme="hz-r1", results=[{"producer": producer}])
    assert explaining.latest_rating(producer, 2024).run == own
    narrowed = Rating.objects.filter(run__scheme__code="hz-r1")
    assert explaining.latest_rating(producer, 2024, narrowed).run == other
