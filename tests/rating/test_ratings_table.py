"""The ratings table: one partition a run, opened and closed by functions, its rows never changed."""

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from rating.models import Rating, RatingRun, Scheme
from tests.factories.rating import make_rating, make_run, shipped

pytestmark = pytest.mark.django_db


def call(function, run):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [run.pk])


def partitions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'rating_rating'::regclass"
        )
        return {name for (name,) in cursor.fetchall()}


def refused(sqlstate, call, *arguments):
    with pytest.raises(DatabaseError) as refusal:
        call(*arguments)
    assert refusal.value.__cause__.pgcode == sqlstate


def test_a_result_is_written_into_its_runs_partition():
    run = make_run()
    rating = make_rating(run=run)
    assert f"rating_rating_run_{run.pk}" in partitions()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM rating_rating WHERE id = %s", [rating.pk])
        assert cursor.fetchone() == (f"rating_rating_run_{run.pk}",)


def test_results_are_never_changed_or_deleted():
    rating = make_rating(run=make_run())
    with transaction.atomic():
        refused("23001", lambda: savepoint(Rating.objects.filter(pk=rating.pk).update, grade="AAAA"))
    with transaction.atomic():
        refused("23001", lambda: savepoint(Rating.objects.filter(pk=rating.pk)._raw_delete, "default"))
    assert Rating.objects.get().grade == "AAA"


def savepoint(change, *arguments, **named):
    with transaction.atomic():
        change(*arguments, **named)


def test_opening_and_closing_twice_changes_nothing():
    run = make_run()
    RatingRun.objects.filter(pk=run.pk).update(state="computing")
    make_rating(run=run)
    before = partitions()
    call("rating_open_partition", run)
    call("rating_close_partition", run)
    assert partitions() == before
    assert Rating.objects.count() == 1


def test_only_a_run_being_computed_opens_a_partition():
    refused("55000", call, "rating_open_partition", make_run())


def test_a_partition_is_not_closed_while_shards_are_left():
    run = RatingRun.objects.get(pk=make_run().pk)
    RatingRun.objects.filter(pk=run.pk).update(state="computing")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE rating_rating_run_{run.pk}")
    call("rating_open_partition", run)
    run.shards.create(number=1, low=1, high=2, producers=2)
    refused("55000", call, "rating_close_partition", run)


def test_only_a_run_without_effect_is_discarded():
    run = make_run(state="effective")
    make_rating(run=run)
    refused("55000", call, "rating_discard_partition", run)
    RatingRun.objects.filter(pk=run.pk).update(state="cancelled")
    call("rating_discard_partition", run)
    assert f"rating_rating_run_{run.pk}" not in partitions()
    assert not Rating.objects.exists()


def test_a_role_that_may_not_write_ratings_opens_nothing():
    run = make_run()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE ROLE rating_test_reader")
        cursor.execute("SET SESSION AUTHORIZATION rating_test_reader")
        try:
            refused("42501", call, "rating_open_partition", run)
        finally:
            cursor.execute("RESET SESSION AUTHORIZATION")
            cursor.execute("DROP ROLE rating_test_reader")


def test_a_role_that_owns_nothing_opens_writes_and_closes_a_partition():
    run = make_run()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE rating_rating_run_{run.pk}")
        cursor.execute("UPDATE rating_ratingrun SET state = 'computing' WHERE id = %s", [run.pk])
        cursor.execute("CREATE ROLE rating_test_app")
        cursor.execute("GRANT SELECT, INSERT ON rating_rating TO rating_test_app")
        cursor.execute("GRANT USAGE ON SEQUENCE rating_rating_id_seq TO rating_test_app")
        cursor.execute("SET SESSION AUTHORIZATION rating_test_app")
        cursor.execute("SELECT rating_open_partition(%s)", [run.pk])
        cursor.execute(
            f"INSERT INTO rating_rating_run_{run.pk}"
            " (run_id, producer_id, kind, nature, region_id, registered_on,"
            " base, bonus, deductions, score, able, grade, status, points, readings)"
            " VALUES (%s, 7, 1, 1, '440823', '2020-01-01', 0, 0, 0, 0, 0, 'C', 'pending', '', '')",
            [run.pk],
        )
        cursor.execute("SELECT rating_close_partition(%s)", [run.pk])
        cursor.execute("SELECT producer_id, version FROM rating_rating WHERE run_id = %s", [run.pk])
        assert cursor.fetchall() == [(7, 1)]
        refused("42501", lambda: savepoint(cursor.execute, f"DROP TABLE rating_rating_run_{run.pk}"))
        cursor.execute("RESET SESSION AUTHORIZATION")
        cursor.execute("DROP OWNED BY rating_test_app")
        cursor.execute("DROP ROLE rating_test_app")


def test_a_producer_has_each_version_once():
    rating = make_rating(run=make_run())
    refused("23505", lambda: savepoint(make_rating, run=rating.run, producer=rating.producer))


def test_a_scheme_in_force_is_immutable_but_can_be_retired():
    scheme = shipped()
    for change in ({"document": {}}, {"sha256": "0"}, {"valid_from": "2020-01-01"}, {"state": "draft"}):
        refused(
            "23001", lambda change=change: savepoint(Scheme.objects.filter(pk=scheme.pk).update, **change)
        )
    refused("23001", lambda: savepoint(Scheme.objects.filter(pk=scheme.pk)._raw_delete, "default"))
    assert Scheme.objects.filter(pk=scheme.pk).update(state="retired") == 1
    refused("23001", lambda: savepoint(Scheme.objects.filter(pk=scheme.pk).update, state="in_force"))
