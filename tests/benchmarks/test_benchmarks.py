"""Each benchmark runs whole on a small ledger and says what it measured; how fast is no test's business."""

import json
import os
from io import StringIO

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg2 import sql

from agricredit.benchmarks import dataset, installation, timing

pytestmark = pytest.mark.django_db


@pytest.fixture
def copied(monkeypatch, migrated):
    """The benchmark's database is a copy of a migrated one; migrating it finds nothing to do."""

    def creation(name):
        template = sql.Identifier(migrated)
        return sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), template)

    monkeypatch.setattr(installation, "_creation", creation)


@pytest.fixture
def migrated_before(copied, monkeypatch):
    """The same, and nobody looks whether there is something to migrate: one test does."""
    monkeypatch.setattr(installation, "_migrate", lambda environment: None)


def measured(name: str, producers: int = 60) -> dict:
    out, size = StringIO(), ["--producers", str(producers), "--years", "2", "--rounds", "2"]
    call_command("benchmark", name, *size, "--json", stdout=out)
    return json.loads(out.getvalue())


def left_behind() -> bool:
    """Whether this process's benchmark still has its database; another's may run beside it."""
    with connection.cursor() as cursor:
        own = f"agricredit_benchmark_{os.getpid()}"
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [own])
        return cursor.fetchone() is not None


def test_the_rating_is_timed_against_its_floor_and_peers_that_agree_with_it(copied):
    report = measured("rating")
    assert report["events_of_the_year"] == 600
    assert set(report["ratios"]) == {
        *("vs_floor", "vs_floor_one_process", "vs_chunked_orm", "vs_orm_loop"),
    }
    assert all(value > 0 for value in report["ratios"].values())
    assert report["samples"] == {"chunked_orm": 60, "orm_loop": 60}
    assert not left_behind()


@pytest.mark.parametrize(("name", "figure"), [("search", "search"), ("live", "one_rescore")])
def test_the_others_say_their_percentiles(migrated_before, name, figure):
    found = measured(name)[figure]
    for percentiles in found.values() if name == "search" else [found]:
        assert percentiles["p50_ms"] <= percentiles["p99_ms"] <= percentiles["worst_ms"]


def test_the_register_is_timed_page_by_page(migrated_before):
    report = measured("register", producers=300)
    assert {"list", "township", "grade_rare", "overdue_visit", "file", "charts"} <= set(report["pages"])
    assert max(page["queries"] for page in report["pages"].values()) <= 56
    assert report["vs_limit"]["p50"] > 0


def test_what_if_agrees_with_the_ledger_and_is_timed_against_its_floor(migrated_before):
    report = measured("whatif", producers=300)
    assert report["must_rate_queries"] <= 9
    assert {"whatif", "floor", "from_ledger", "preview_of_a_township"} <= set(report["seconds"])
    assert report["ratios"]["vs_floor"] > 0


@pytest.mark.parametrize("given", [["--producers", "0"], ["--years", "0"]])
def test_nothing_cannot_be_measured(given):
    with pytest.raises(CommandError, match="at least 1"):
        call_command("benchmark", "rating", *given)


def test_a_failing_benchmark_leaves_no_database(monkeypatch):
    def fail(environment):
        raise psycopg2.OperationalError

    monkeypatch.setattr(installation, "_migrate", fail)
    with pytest.raises(psycopg2.OperationalError), installation.throwaway():
        pytest.fail("not reached")
    assert not left_behind()


def test_the_menu_is_a_thousand_events_of_registered_kinds():
    assert sum(dish.weight for dish in dataset.MENU) == 1000


def test_percentiles_are_those_of_the_sorted_times():
    assert timing.percentiles([float(n) for n in range(100, 0, -1)]) == {
        "p50_ms": 50.0,
        "p99_ms": 99.0,
        "worst_ms": 100.0,
    }


def test_the_duplicate_finder_finds_what_was_planted(migrated_before):
    report = measured("duplicates", producers=300)
    assert report["found_planted"] == report["planted"] > 0
