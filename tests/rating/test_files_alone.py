"""The commands, the files and the contract's page alone give both schemes' results.

Whoever has `producers.csv`, `events.csv` and `docs/ledger-contract.md` comes to `ratings.csv` to the last
byte without this platform's code; and facts that arrive later change nothing of what a run has said.
"""

import csv
import io
from datetime import date
from fractions import Fraction

import pytest
from django.core.management import call_command

from archives.models import CreditEvent
from tests.factories.archives import RegionFactory
from tests.rating import reference
from tests.rating.engine.test_reading import postable
from tests.rating.engine.worlds import decimals, read_archive
from tests.rating.ledgers import generated

PRODUCERS = (
    *("producer", "name", "kind", "nature", "sectors", "region", "credit_code", "registered_on", "status"),
    "merged_into",
)
EVENTS = (
    *("uid", "producer", "kind", "outcome", "value", "occurred_on", "valid_until", "recorded_at", "region"),
    *("source", "incident", "note", "reverses", "repairs"),
)


def said(name, *arguments, **options):
    """What a command prints; an error of its would end the test."""
    out = io.StringIO()
    call_command(name, *arguments, stdout=out, **options)
    return out.getvalue()


def write(path, columns, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def archive(folder, subjects, facts):
    """The two files of a generated ledger."""
    folder.mkdir()
    write(
        folder / "producers.csv",
        PRODUCERS,
        [
            {
                "producer": one.producer,
                "name": f"测试主体{one.producer}",
                "kind": one.kind,
                "nature": "individual_business",
                "sectors": "crops",
                "region": one.region,
                "registered_on": one.registered_on.isoformat(),
                "status": one.status,
                "merged_into": one.merged_into,
            }
            for one in subjects.values()
        ],
    )
    write(folder / "events.csv", EVENTS, [row(fact) for fact in facts])
    return folder


def row(fact):
    return {
        "uid": fact.uid,
        "producer": fact.producer,
        "kind": fact.kind,
        "outcome": fact.outcome,
        "value": "" if fact.value is None else decimals(int(fact.value * 100), 2),
        "occurred_on": fact.occurred_on.isoformat(),
        "valid_until": fact.valid_until.isoformat() if fact.valid_until else "",
        "recorded_at": fact.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "region": "440823",
        "source": "测试",
        "incident": fact.incident,
        "reverses": fact.reverses,
        "repairs": fact.repairs,
    }


def reckoned(folder, scheme):
    """``ratings.csv`` as a reader of the contract makes it out of the two exported files."""
    subjects, facts = read_archive(folder)
    kept = reference.counting(facts, subjects)
    rated = [
        one
        for one in subjects.values()
        if one.status in ("active", "paused") and one.registered_on <= date(2024, 12, 31)
    ]
    days = reference.Window.of_year(2024)
    results = [reference.rate(scheme, one, kept.get(one.producer, []), days, Fraction(1)) for one in rated]
    return reference.ratings_csv(scheme, 2024, results)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [7, 21])
def test_the_files_alone_give_the_results_and_late_facts_change_none(seed, tmp_path):
    RegionFactory(code="440823")
    subjects, facts = generated(seed, producers=14, events=1500)
    facts = postable(subjects, facts)
    late = [fact for fact in facts if not fact.reverses and not fact.repairs][: len(facts) // 5]
    dependent = {fact.reverses or fact.repairs for fact in facts}
    late = [fact for fact in late if fact.uid not in dependent]
    first = [fact for fact in facts if fact not in late]
    said("import_archive", str(archive(tmp_path / "given", subjects, first)))
    runs, before = {}, {}
    for scheme in ("gd-r1", "hz-r1"):
        rate = {"year": 2024, "scheme": scheme, "region": "44", "wait": True}
        runs[scheme] = said("rate", **rate).strip()
        said("export_ratings", runs[scheme], str(tmp_path / f"{scheme}.csv"))
        before[scheme] = (tmp_path / f"{scheme}.csv").read_bytes()
    said("export_archive", str(tmp_path / "taken"))
    for scheme, content in before.items():
        rows = list(csv.reader(io.StringIO(content.decode())))
        assert rows == reckoned(tmp_path / "taken", scheme)
        assert len({line[5] for line in rows[1:]}) > 1
    said("import_archive", str(archive(tmp_path / "late", subjects, late)))
    assert CreditEvent.objects.count() == len(facts)
    for scheme, run in runs.items():
        assert "identical" in said("verify_rating", run)
        said("export_ratings", run, str(tmp_path / "again.csv"))
        assert (tmp_path / "again.csv").read_bytes() == before[scheme]
