"""At a county's desk: a sheet's faults by row and column; corrected it goes in, and the list goes out."""

import datetime
import re

import pytest
from django.core.management import call_command
from openpyxl import load_workbook
from playwright.sync_api import expect

from agricredit.foundation.common import clock
from agricredit.foundation.common.codes import make_credit_code
from agricredit.foundation.jobs import tasks  # noqa: F401 - registers the jobs of exports
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import ImportBatch, Producer
from tests.archives.exchange.files import filled, workbook
from tests.browser.test_whole_way import as_user
from tests.factories.accounts import UserFactory
from tests.factories.archives import RegionFactory

CODE = make_credit_code("9344082300000077")
WRONG_CODE = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
LIST = "/admin/archives/producer/"


def row(number, **fields):
    return {
        "producer": f"SX-{number}", "name": f"城月第{number}合作社", "kind": "合作社", "nature": "法人",
        "sectors": "种植业", "region": "440823100201", "registered_on": "2024-02-29", **fields,
    }  # fmt: skip


def faulty():
    """A sound row, a wrong check digit, a day that is none, one to come, an odd kind, no such place."""
    soon = clock.today() + datetime.timedelta(days=30)
    return [
        row(1, credit_code=CODE),
        row(2, credit_code=WRONG_CODE),
        row(3, registered_on="2025-02-29"),
        row(4, registered_on=soon.isoformat()),
        row(5, kind="夫妻店"),
        row(6, region="990099"),
    ]


FAULTS = [
    ("3", "统一社会信用代码"),
    ("4", "建档日期"),
    ("5", "建档日期"),
    ("6", "主体类型"),
    ("7", "所在区划代码"),
]


@pytest.fixture
def officer():
    call_command("migrate", verbosity=0, interactive=False)  # the flush took the groups' permissions away
    RegionFactory(code="440823100201")
    return UserFactory(name="黄县农")


def send(page, rows, tmp_path, name):
    """Upload a workbook by the page's own buttons and wait until it has been looked at."""
    path = tmp_path / name
    path.write_bytes(workbook(*filled("producers", *rows)).read())
    page.goto("/admin/archives/importbatch/")
    page.get_by_role("link", name="导入文件").first.click()
    page.get_by_label("要导入的表").select_option("producers")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="上传并检查").click()
    page.wait_for_url("**/change/")
    run_all_jobs()
    page.reload()


def confirm(page, count):
    """Say yes, and wait until it is written."""
    page.get_by_role("button", name=f"导入无误的 {count} 行").click()
    expect(page.get_by_text("已开始导入")).to_be_visible()
    run_all_jobs()
    page.reload()
    expect(page.get_by_text("已写入")).to_be_visible()


def fetched(page, name, path):
    """The first sheet of the workbook behind a link."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).first.click()
    download.value.save_as(path)
    return load_workbook(path).worksheets[0]


def test_faults_are_named_corrected_imported_and_exported(open_page, officer, tmp_path, photograph):
    page = as_user(open_page, officer)
    send(page, faulty(), tmp_path, "名录.xlsx")
    for number, column in FAULTS:
        cells = page.locator("tr", has=page.get_by_role("cell", name=number, exact=True))
        expect(cells.filter(has=page.get_by_role("cell", name=column, exact=True)).first).to_be_visible()
    photograph(page, "import-faults")
    assert not Producer.objects.exists()
    sheet = fetched(page, re.compile("^下载有误的行"), tmp_path / "错误.xlsx")
    assert [cells[0].value for cells in sheet.iter_rows(min_row=2)] == [f"SX-{n}" for n in range(2, 7)]
    confirm(page, 1)

    send(page, [row(number) for number in range(1, 7)], tmp_path, "名录-改正.xlsx")
    confirm(page, 5)
    assert Producer.objects.count() == 6, "the first row was there already"
    assert list(ImportBatch.objects.order_by("pk").values_list("state", "written")) == [
        ("done", 1),
        ("done", 5),
    ]

    page.goto(f"{LIST}?q=城月")
    page.get_by_role("button", name="Excel").click()
    run_all_jobs()
    page.goto("/admin/jobs/exportfile/")
    assert fetched(page, re.compile("下载"), tmp_path / "导出.xlsx").max_row == 7
