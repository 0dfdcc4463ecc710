"""The worked example, from the ledger through a run to the file: equal to the contract's byte for byte."""

import io
from datetime import date

import numpy as np
import polars as pl
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from agricredit.foundation.jobs.testing import run_all_jobs
from archives.services.ledger import post
from rating.models import Decision, Rating, RatingRun
from rating.services import decisions, interim, runs, schemes, standings
from tests.factories.accounts import UserFactory
from tests.factories.ledger import draft
from tests.factories.rating import served
from tests.rating import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive():
    schemes.load_shipped()
    return examples.load()


def computed(scheme, **more):
    run = runs.start(scheme=scheme, region="44", year=2024, actor=None, **more)
    run_all_jobs()
    run.refresh_from_db()
    assert (run.state, run.error) == ("computed", "")
    return run


@pytest.mark.parametrize("scheme", ["gd-r1", "hz-r1"])
@pytest.mark.parametrize("shard_producers", [1000, 7])
def test_the_example_comes_out_to_the_last_byte(archive, scheme, shard_producers, tmp_path):
    run = computed(scheme, shard_producers=shard_producers)
    file = tmp_path / "ratings.csv"
    call_command("export_ratings", str(run.pk), str(file))
    assert file.read_bytes() == (examples.FOLDER / f"ratings-{scheme}.csv").read_bytes()
    assert sorted(tmp_path.iterdir()) == [file]
    assert run.shards.count() == -(-run.producers // shard_producers)


@pytest.mark.parametrize("ground", ["lowered", "suspended"])
def test_what_is_decided_during_the_year_leaves_the_file_as_the_contract_has_it(archive, ground, tmp_path):
    """The file has the computed grade, and "suspended" is no status of the contract."""
    run = computed("gd-r1")
    RatingRun.objects.filter(pk=run.pk).update(state="effective", effective_on=date(2025, 3, 1))
    standings.apply_run(run)
    rating = Rating.objects.filter(run=run, grade="AAA").select_related("producer").first()
    rating.producer.is_generated = True  # whose acts may be dated back
    rating.producer.save(update_fields=["is_generated"])
    day = date(2025, 3, 5)
    post([draft(uid="b1", producer=rating.producer, kind="banned.found", outcome="none", occurred_on=day)])
    city = {"role": "city_officer", "region_code": rating.region_id[:4]}
    decision = interim.propose(
        producer=rating.producer,
        ground=Decision.Ground(ground),
        grade="B" if ground == "lowered" else "",
        reasons="确认检出禁用农药",
        basis="农产品质量安全法第五十四条",
        evidence=["b1"],
        actor=UserFactory(**city),
        on=date(2025, 3, 10),
    )
    served(decision, None, on=date(2025, 3, 10))
    decision.refresh_from_db()
    decision = decisions.confirm(
        decision=decision, reason="成立", actor=UserFactory(**city), on=date(2025, 3, 24)
    )
    served(decision, None, on=date(2025, 3, 24))
    newest = Rating.objects.current().get(run=run, producer=rating.producer)
    assert (newest.version, newest.status) == (2, "rated" if ground == "lowered" else "suspended")
    call_command("export_ratings", str(run.pk), str(tmp_path / "ratings.csv"))
    contract = (examples.FOLDER / "ratings-gd-r1.csv").read_bytes()
    assert (tmp_path / "ratings.csv").read_bytes() == contract


def test_a_run_names_what_it_read_and_sums_up(archive):
    run = computed("gd-r1")
    given = examples.rows("ratings-gd-r1.csv")
    assert run.producers == len(given) == Rating.objects.count()
    assert run.seal_size == len(examples.rows("events.csv"))
    assert len(run.seal_root) == len(run.roll_sha256) == 64
    by_status = {status: sum(row["status"] == status for row in given) for status in run.summary["statuses"]}
    assert run.summary["statuses"] == by_status
    for grade, count in run.summary["grades"].items():
        assert count == sum(row["grade"] == grade and row["status"] == "rated" for row in given)


def test_measures_are_kept_exactly_in_one_file(archive):
    run = computed("gd-r1", shard_producers=7)
    with default_storage.open(run.measures_path) as file:
        measures = pl.read_parquet(io.BytesIO(file.read()))
    assert measures["producer"].to_list() == sorted(Rating.objects.values_list("producer_id", flat=True))
    readings = {row["producer"]: row["GD205.reading"] for row in examples.rows("ratings-gd-r1.csv")}
    for key, producer in archive.items():
        mine = measures.filter(pl.col("producer") == producer.pk)
        if reading := readings.get(key):
            assert f"{mine['GD205.num'][0] / mine['GD205.den'][0]:.6f}" == reading
        else:
            assert mine["GD205.num"].to_list() in ([], [None])


def test_a_seal_before_the_events_sees_none_of_them():
    schemes.load_shipped()
    from archives.services.sealing import seal

    empty = seal()
    examples.load()
    run = computed("gd-r1", seal=empty.pk)
    assert run.seal_size == 0
    assert set(Rating.objects.values_list("status", flat=True)) == {"not_rated"}


def test_what_cannot_be_exported_is_said(archive, tmp_path):
    with pytest.raises(CommandError, match="there is no run 999999"):
        call_command("export_ratings", "999999", str(tmp_path / "x.csv"))
    run = runs.start(scheme="gd-r1", region="44", year=2024, actor=None)
    with pytest.raises(CommandError, match="is computing: it has no results"):
        call_command("export_ratings", str(run.pk), str(tmp_path / "x.csv"))
    run_all_jobs()
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("export_ratings", str(run.pk), str(tmp_path / "nowhere" / "x.csv"))
    assert list(tmp_path.iterdir()) == []


def test_points_are_stored_as_little_endian_columns(archive):
    run = computed("gd-r1")
    rating = Rating.objects.get(producer__key="P4242-000002")
    scheme = schemes.parsed(run.scheme)
    points = np.frombuffer(bytes(rating.points), "<i4")
    assert points[scheme.column_index("GD101")] == 312
    assert np.frombuffer(bytes(rating.readings), "<i8")[scheme.column_index("GD101")] == 780000
