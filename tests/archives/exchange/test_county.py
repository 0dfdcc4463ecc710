"""A county moves in: 5,000 rows with planted faults are listed, corrected, written, cleaned and rated."""

from collections import Counter

import pytest

from agricredit.foundation.common import clock
from agricredit.foundation.common.codes import make_credit_code
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import CreditEvent, DuplicatePair, Producer
from archives.services import duplicates, imports, sealing
from rating import tasks  # noqa: F401 - registers the jobs
from rating.models import Rating
from rating.services import runs
from tests.archives.exchange.files import checked, faults, figures, filled, imported, table, workbook
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProductFactory, RegionFactory
from tests.factories.rating import shipped

pytestmark = pytest.mark.django_db
ROWS = 5_000
TOWNS = [f"4408231{n:02d}" for n in range(10)]
FAULTS = {
    "bad_code": ("credit_code", lambda row: row.update(credit_code=row["credit_code"][:-1] + "?")),
    "no_name": ("name", lambda row: row.update(name="")),
    "bad_kind": ("kind", lambda row: row.update(kind="个体")),
    "bad_day": ("registered_on", lambda row: row.update(registered_on="2025-02-29")),
    "future": ("registered_on", lambda row: row.update(registered_on="2099-01-01")),
    "far_away": ("region", lambda row: row.update(region="440825")),
    "no_region": ("region", lambda row: row.update(region="999999")),
    "bad_phone": ("phone", lambda row: row.update(phone="1380013")),
    "formula": ("address", lambda row: row.update(address='=HYPERLINK("http://x","y")')),
    "unknown_product": ("products", lambda row: row.update(products="龙肝凤髓")),
}
YEAR = clock.today().year - 1
EVERY = 50
"""One row in so many has a fault: a hundred in all, ten of each kind."""


def register():
    """A county's workbook as it should be; the last ten rows are second files of earlier producers."""
    rows = []
    for n in range(ROWS):
        rows.append({
            "producer": f"SX-{n:05d}", "name": f"遂溪第{n}号农场", "kind": "合作社", "nature": "法人",
            "sectors": "种植业", "region": TOWNS[n % 10], "credit_code": make_credit_code(f"93440823{n:08d}"),
            "contact_name": "陈某", "phone": f"138{n:08d}", "address": f"某村{n}号",
            "registered_on": "2023/5/6", "products": "长豇豆", "plots": "东地=5.5",
        })  # fmt: skip
    for n in range(10):
        first = rows[n]
        rows[-1 - n].update(name=first["name"] + "（新）", phone=first["phone"], region=first["region"])
    return rows


def spoil(rows):
    """Plant the faults; row number in the file → (column, what is wrong)."""
    planted = {}
    for turn, (index, kind) in enumerate(zip(range(20, ROWS - 20, EVERY), list(FAULTS) * 10, strict=False)):
        column, act = FAULTS[kind]
        act(rows[index])
        planted[index + 2] = (column, kind)
        assert turn < 100
    return planted


@pytest.fixture
def officer():
    for code in (*TOWNS, "440825"):
        RegionFactory(code=code)
    ProductFactory(name="长豇豆")
    return UserFactory()


def test_a_county_moves_in(officer):
    spoilt = register()
    planted = spoil(spoilt)
    batch = checked("producers", table(*filled("producers", *spoilt), encoding="gb18030"), officer)
    assert figures(batch) == (ROWS - len(planted), 0, 0, len(planted))
    assert set(faults(batch)) == {(row, column) for row, (column, _k) in planted.items()}
    assert not Producer.objects.exists()

    imports.confirm(batch=batch, actor=officer)
    run_all_jobs()
    assert Producer.objects.count() == ROWS - len(planted)

    corrected = imported("producers", workbook(*filled("producers", *register())), officer)
    assert figures(corrected) == (len(planted), 0, ROWS - len(planted), 0)
    assert Producer.objects.count() == ROWS
    assert CreditEvent.objects.count() == 2 * ROWS

    duplicates.find(region="440823")
    second = {f"SX-{ROWS - 1 - n:05d}": f"SX-{n:05d}" for n in range(10)}
    pairs = {frozenset((pair.low.key, pair.high.key)) for pair in DuplicatePair.objects.all()}
    assert {frozenset(pair) for pair in second.items()} <= pairs

    samples = imported("tests", workbook(*filled("tests", *samples_of(1_000))), officer)
    assert (samples.written, samples.faulty) == (1_000, 0)
    assert rated(officer) == {"not_rated": ROWS - 1_000, "rated": 990, "pending": 10}


def samples_of(count):
    """One supervision sample each of the first producers; every hundredth shows a banned substance."""
    for n in range(count):
        failed = n % 100 == 50
        passed = {"passed": "合格"}
        banned = {"passed": "不合格", "excess": "禁用药物", "items": "克百威"}
        yield {
            "number": "JC-2025", "sample": str(n), "producer": f"SX-{n:05d}", "kind": "监督抽查",
            "product": "长豇豆", "sampled_on": f"{YEAR}-05-01", "effective_on": f"{YEAR}-06-01",
            "laboratory": "县检测中心", **(banned if failed else passed),
        }  # fmt: skip


def rated(officer):
    """Rate the county for the year that is over; how many results of each status."""
    shipped("gd-r1")
    sealing.seal()
    run = runs.start(region="440823", year=YEAR, scheme="gd-r1", actor=officer)
    run_all_jobs()
    return Counter(Rating.objects.filter(run=run).values_list("status", flat=True))
