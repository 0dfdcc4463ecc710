"""The officer's pages: template, upload, what was found, yes or no, the history; and who sees what."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.codes import check_credit_code
from agricredit.foundation.jobs import services as jobs
from agricredit.foundation.jobs.models import Job
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import ImportBatch, Producer
from archives.services import imports
from archives.services.sheets import SHEETS, Row
from archives.services.sheets.columns import in_file
from tests.archives.exchange.files import filled, looked_at, workbook
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ImportBatchFactory, ProducerFactory, RegionFactory

pytestmark = pytest.mark.django_db
LIST = "admin:archives_importbatch_changelist"


@pytest.fixture
def officer():
    RegionFactory()
    return UserFactory()


@pytest.fixture
def desk(client, officer):
    return enter(client, officer)


def farm(**fields):
    return {"producer": "SX-1", "name": "绿源合作社", "kind": "合作社", "nature": "法人", "region": "440823",
            **fields}  # fmt: skip


def page(batch):
    return reverse("admin:archives_importbatch_change", args=[batch.pk])


def test_a_template_has_headings_an_example_and_allowed_values(desk):
    answer = desk.get(reverse("admin:archives_importbatch_template", args=["producers"]))
    assert answer.status_code == 200
    assert "filename" in answer["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    first, notes = book.worksheets
    headings = [cell.value for cell in first[1]]
    assert headings[:3] == ["主体编号", "名称", "主体类型"]
    assert first["A2"].value.startswith("示例")
    lists = [rule.formula1 for rule in first.data_validations.dataValidation]
    assert any("合作社" in rule for rule in lists)
    text = "\n".join(str(cell.value) for row in notes.iter_rows() for cell in row)
    assert "必填" in text
    assert "企业、合作社" in text


def test_the_example_of_every_template_is_one_that_its_sheet_reads():
    """People copy it and change what differs."""
    for name, sheet in SHEETS.items():
        row = Row(2, {column.field: in_file(column.example) for column in sheet.columns})
        sheet.read(row)
        assert row.faults == [], name
    code = SHEETS["producers"].named("credit_code").example
    assert check_credit_code(code) == code


def test_upload_look_and_say_yes(desk, officer):
    ProducerFactory(key="SX-2", name="旧名", region="440823")
    upload = workbook(*filled("producers", farm(), farm(producer="SX-2"), farm(producer="SX-3", kind="X")))
    answer = desk.post(reverse("admin:archives_importbatch_upload"), {"sheet": "producers", "file": upload})
    batch = ImportBatch.objects.get()
    assert answer["Location"] == page(batch)
    assert "data-jobs-active" in desk.get(page(batch)).content.decode()
    run_all_jobs()
    text = desk.get(page(batch)).content.decode()
    for said in ("旧名", "绿源合作社", "不在可填的内容中", "导入无误的 2 行", "SHA-256"):
        assert said in text
    faulty = desk.get(reverse("admin:archives_importbatch_faults", args=[batch.pk]))
    rows = list(load_workbook(io.BytesIO(b"".join(faulty.streaming_content))).worksheets[0].values)
    assert rows[0][-1] == "错误"
    assert len(rows) == 2
    assert "不在可填的内容中" in rows[1][-1]
    desk.post(page(batch), {"act": "confirm"})
    run_all_jobs()
    assert Producer.objects.filter(key="SX-1").exists()
    text = desk.get(page(batch)).content.decode()
    assert "已写入" in text
    assert batch.sha256[:12] in desk.get(reverse(LIST)).content.decode()


def test_a_refused_file_says_why_beside_its_field(desk):
    upload = workbook(["A"], [["B"]], name="a.exe")
    answer = desk.post(reverse("admin:archives_importbatch_upload"), {"sheet": "producers", "file": upload})
    assert answer.status_code == 200
    assert answer.context["form"].errors["file"]
    assert not ImportBatch.objects.exists()


def test_giving_up(desk, officer):
    batch = looked_at("producers", officer, farm())
    desk.post(page(batch), {"act": "discard"})
    batch.refresh_from_db()
    assert batch.state == "discarded"
    assert not Producer.objects.exists()


def test_work_that_was_cancelled_is_gone_on_with_or_given_up(
    desk, officer, django_capture_on_commit_callbacks
):
    batch = looked_at("producers", officer, farm(), farm(producer="SX-2", credit_code=""))
    imports.confirm(batch=batch, actor=officer)
    assert 'value="resume"' not in desk.get(page(batch)).content.decode(), "it is on the list"
    desk.post(page(batch), {"act": "discard"})
    batch.refresh_from_db()
    assert batch.state == "committing"
    jobs.cancel(job=Job.objects.get(kind=imports.COMMIT_JOB))
    text = desk.get(page(batch)).content.decode()
    assert "没有做完就停了" in text
    assert "data-jobs-active" not in text
    desk.post(page(batch), {"act": "resume"})
    desk.post(page(batch), {"act": "resume"})
    assert Job.objects.filter(kind=imports.COMMIT_JOB).count() == 2
    run_all_jobs()
    batch.refresh_from_db()
    assert (batch.state, batch.written) == ("done", 2)
    again = imports.start(sheet="producers", upload=workbook(*filled("producers", farm())), actor=officer)
    jobs.cancel(job=Job.objects.filter(kind=imports.CHECK_JOB).latest("pk"))
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page(again), {"act": "discard"})
    again.refresh_from_db()
    assert (again.state, again.file.name) == ("discarded", "")
    assert set(AuditLine.objects.values_list("verb", flat=True)) >= {"import.resumed", "import.discarded"}


def test_batches_of_other_divisions_do_not_exist(desk):
    far = ImportBatchFactory(region_code="440825", filename="far.xlsx")
    assert "far.xlsx" not in desk.get(reverse(LIST)).content.decode()
    for name in ("change", "faults"):
        assert desk.get(reverse(f"admin:archives_importbatch_{name}", args=[far.pk])).status_code == 404
    assert desk.post(page(far), {"act": "confirm"}).status_code == 404


def test_a_township_may_not_say_yes_to_penalties(client):
    batch = ImportBatchFactory(sheet="penalties", region_code="440823100")
    town = enter(client, UserFactory(role=Role.TOWNSHIP_SUPERVISOR))
    assert "导入无误" not in town.get(page(batch)).content.decode()
    assert town.post(page(batch), {"act": "confirm"}).status_code == 403
    answer = town.get(reverse("admin:archives_importbatch_template", args=["penalties"]))
    assert answer.status_code == 403


def test_the_history_costs_no_query_a_row(desk, django_assert_max_num_queries):
    for _ in range(20):
        ImportBatchFactory()
    desk.get(reverse(LIST))
    with django_assert_max_num_queries(16):
        desk.get(reverse(LIST))
