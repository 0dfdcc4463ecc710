"""A county moves in: 5,000 rows of Excel with planted faults are listed, corrected, cleaned and rated."""

import datetime
import io
from collections import Counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from agricredit.foundation.common import clock
from agricredit.foundation.common.codes import make_credit_code
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import CreditEvent, DuplicatePair, Producer
from archives.services import duplicates, imports, sealing
from archives.services.sheets import SHEETS
from rating import tasks  # noqa: F401 - registers the jobs
from rating.models import Rating
from rating.services import runs
from tests.archives.exchange.files import checked, faults, figures, filled, imported, workbook
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProductFactory, RegionFactory
from tests.factories.rating import shipped

pytestmark = pytest.mark.django_db
ROWS = 5_000
TOWNS = [f"4408231{n:02d}" for n in range(10)]
YEAR = clock.today().year - 1
EVERY = 40
"""One row in so many has a fault."""
FAULTS = {
    "credit_code": [
        lambda row: row["credit_code"][:-1] + "?", lambda row: row["credit_code"][:-1],
        lambda row: row["credit_code"][:16] + ("00" if not row["credit_code"].endswith("00") else "11"),
        lambda row: make_credit_code("9344082300000001"),  # the second row's
    ],
    "producer": [lambda row: "SX-00003", lambda row: "SX 1/2"],
    "name": [lambda row: "", lambda row: "合作" * 90, lambda row: "绿源\u200b合作社"],
    "kind": [lambda row: "个体", lambda row: "1"],
    "nature": [lambda row: "股份", lambda row: "自然人"],
    "sectors": [lambda row: "种植业;矿业"],
    "activities": [lambda row: "生产;讲课"],
    "registered_on": [
        lambda row: "2025-02-29", lambda row: datetime.datetime(2099, 1, 1), lambda row: "去年春天",
    ],
    "region": [lambda row: "440825", lambda row: "999999", lambda row: "遂城镇"],
    "phone": [lambda row: "1380013", lambda row: "1.38E+10", lambda row: "138****0000"],
    "address": [lambda row: "@SUM(A1:A9)", lambda row: "+cmd|' /C calc'!A1"],
    "products": [lambda row: "龙肝凤髓"],
    "plots": [lambda row: "东地=大", lambda row: "东地=-5"],
    "status": [lambda row: "已合并"],
    "identity_number": [lambda row: "440823197005010000"],
}  # fmt: skip
SPOILS = [(column, act) for column, acts in FAULTS.items() for act in acts]


def register():
    """A county's rows as they should be; the last ten are second files of earlier producers."""
    rows = []
    for n in range(ROWS):
        rows.append({
            "producer": f"SX-{n:05d}", "name": f"遂溪第{n}号农场", "kind": "合作社", "nature": "法人",
            "sectors": "种植业", "activities": "", "region": TOWNS[n % 10],
            "credit_code": make_credit_code(f"93440823{n:08d}"), "identity_number": "",
            "contact_name": "陈某", "phone": f"138{n:08d}", "address": f"某村{n}号",
            "registered_on": "2023/5/6", "status": "", "products": "长豇豆", "plots": "东地=5.5",
        })  # fmt: skip
    for n in range(10):
        first = rows[n]
        rows[-1 - n].update(name=first["name"] + "（新）", phone=first["phone"], region=first["region"])
    return rows


def untidy(rows):
    """What people do to a table without spoiling it: it must be read all the same."""
    rows[10]["phone"] = float(rows[10]["phone"])
    rows[11]["phone"] = "".join(chr(ord(digit) + 0xFEE0) for digit in rows[11]["phone"])
    rows[12]["name"] = f"  {rows[12]['name']}   "
    rows[13]["registered_on"] = datetime.datetime(2023, 5, 6)
    rows[14]["region"] = int(rows[14]["region"])
    rows[15]["credit_code"] = rows[15]["credit_code"].lower()
    rows[16]["registered_on"] = "２０２３年5月6日"


def spoil(rows):
    """Plant the faults; row number in the file → the columns that are wrong."""
    planted = {}
    for turn in range(3 * len(SPOILS)):
        index = 20 + EVERY * turn
        column, act = SPOILS[turn % len(SPOILS)]
        rows[index][column] = act(rows[index])
        planted[index + 2 + index // 1_000] = column
    return planted


def sheet_of(rows, title=""):
    """The workbook as an office keeps it: with an empty line after every thousand."""
    book = Workbook(write_only=True)
    page = book.create_sheet()
    if title:
        page.append([title])
    columns = [column for column in SHEETS["producers"].columns if column.field in rows[0]]
    page.append([column.title for column in columns])
    for n, row in enumerate(rows):
        if n and n % 1_000 == 0:
            page.append([None] * len(columns))
        page.append([row[column.field] for column in columns])
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile("遂溪县主体名录.xlsx", stream.getvalue())


@pytest.fixture
def officer():
    for code in (*TOWNS, "440825"):
        RegionFactory(code=code)
    ProductFactory(name="长豇豆")
    return UserFactory()


def test_a_county_moves_in(officer):
    titled = checked("producers", sheet_of(register()[:2], "遂溪县生产主体名录（2026年）"), officer)
    assert titled.state == "refused"
    assert "遂溪县生产主体名录" in titled.message

    spoilt = register()
    untidy(spoilt)
    planted = spoil(spoilt)
    assert len(SPOILS) > 25
    batch = checked("producers", sheet_of(spoilt), officer)
    named = faults(batch)
    assert {row for row, _column in named} == set(planted)
    assert set(planted.items()) <= set(named)
    assert figures(batch) == (ROWS - len(planted), 0, 0, len(planted))
    assert not Producer.objects.exists()

    imports.confirm(batch=batch, actor=officer)
    run_all_jobs()
    assert Producer.objects.count() == ROWS - len(planted)

    corrected = imported("producers", workbook(*filled("producers", *register())), officer)
    assert figures(corrected) == (len(planted), 0, ROWS - len(planted), 0)
    assert Producer.objects.count() == ROWS
    assert CreditEvent.objects.count() == 2 * ROWS

    clean(officer)
    samples = imported("tests", workbook(*filled("tests", *samples_of(ROWS - 10))), officer)
    assert (samples.written, samples.faulty) == (ROWS - 10, 0)
    assert rated(officer) == {"rated": ROWS - 60, "pending": 50}


def clean(officer):
    """The second files are found and merged into the first ones."""
    duplicates.find(region="440823")
    second = {f"SX-{ROWS - 1 - n:05d}": f"SX-{n:05d}" for n in range(10)}
    found = DuplicatePair.objects.select_related("low", "high")
    pairs = {frozenset((pair.low.key, pair.high.key)): pair for pair in found}
    for later, first in second.items():
        duplicates.merge_pair(
            pair=pairs[frozenset((later, first))],
            keep=Producer.objects.get(key=first),
            reason="同一家",
            actor=officer,
        )
    assert Producer.objects.filter(status="merged").count() == 10


def samples_of(count):
    """One supervision sample of each producer; every hundredth shows a banned substance."""
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
    """Rate the county for the year that is over; how many results of each status, all with a grade."""
    shipped("gd-r1")
    sealing.seal()
    run = runs.start(region="440823", year=YEAR, scheme="gd-r1", actor=officer)
    run_all_jobs()
    results = Rating.objects.filter(run=run)
    assert not results.filter(grade="").exists()
    return Counter(results.values_list("status", flat=True))
