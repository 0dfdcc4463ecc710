"""The register from a file: checked, listed, written once, changed by key, and no file that does harm."""

import datetime
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.codes import make_credit_code
from agricredit.foundation.common.crypto import keyed_hash
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import CreditEvent, ImportBatch, Plot, Producer, ProducerProduct
from archives.services import imports, producer_loads
from archives.services.imports import running
from archives.services.sheets.producers import Plan
from tests.archives.exchange.files import (
    checked,
    faults,
    figures,
    filled,
    imported,
    looked_at,
    sent,
    table,
    workbook,
)
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProducerFactory, ProductFactory, RegionFactory

pytestmark = pytest.mark.django_db
CODE = make_credit_code("9344082300000077")


@pytest.fixture
def officer():
    RegionFactory(code="440823100201")
    RegionFactory(code="440825")
    return UserFactory()


def farm(**fields):
    return {
        "producer": "SX-1", "name": "绿源合作社", "kind": "合作社", "nature": "法人", "sectors": "种植业",
        "region": "440823100201", "credit_code": CODE, "contact_name": "陈某", "phone": "13800138000",
        "registered_on": "2026-01-05", **fields,
    }  # fmt: skip


def test_a_register_comes_in_with_products_and_plots_and_twice_is_once(officer):
    ProductFactory(name="长豇豆")
    rows = [
        farm(products="长豇豆", plots="东地=5.5;西地"),
        farm(producer="SX-2", credit_code="", name="二社"),
    ]
    batch = sent("producers", officer, *rows)
    assert (batch.state, figures(batch), batch.written) == ("done", (2, 0, 0, 0), 2)
    producer = Producer.objects.get(key="SX-1")
    assert (producer.phone, producer.region_id, producer.registered_on) == (
        "13800138000", "440823100201", datetime.date(2026, 1, 5),
    )  # fmt: skip
    assert ProducerProduct.objects.get().producer == producer
    assert set(Plot.objects.values_list("name", "area_mu")) == {("东地", 5.5), ("西地", None)}
    assert CreditEvent.objects.filter(producer=producer).count() == 2
    assert AuditLine.objects.filter(verb="import.done", actor=officer).count() == 1
    again = looked_at("producers", officer, *rows)
    assert figures(again) == (0, 0, 2, 0)
    with pytest.raises(ValidationError, match="没有可导入的行"):
        imports.confirm(batch=again, actor=officer)
    assert CreditEvent.objects.filter(producer=producer).count() == 2


def test_a_row_changes_what_it_says_and_leaves_what_it_does_not(officer):
    sent("producers", officer, farm())
    batch = looked_at("producers", officer, farm(name="改名合作社", contact_name="", phone="138****8000"))
    assert figures(batch) == (0, 1, 0, 0)
    assert [(c.column, c.before, c.after) for c in batch.findings.changes()] == [
        ("name", "绿源合作社", "改名合作社")
    ]
    imports.confirm(batch=batch, actor=officer)
    run_all_jobs()
    producer = Producer.objects.get()
    assert (producer.name, producer.contact_name, producer.phone) == ("改名合作社", "陈某", "13800138000")
    assert producer.name_folded == "改名合作社"


def test_a_row_without_a_key_is_known_by_its_code_or_identity(officer):
    sent("producers", officer, farm())
    batch = sent("producers", officer, farm(producer="", address="新址"))
    assert figures(batch) == (0, 1, 0, 0)
    assert Producer.objects.get().address == "新址"


def test_personal_numbers_in_findings_are_masked(officer):
    sent("producers", officer, farm())
    batch = looked_at("producers", officer, farm(phone="13900139000"))
    (change,) = batch.findings.changes()
    assert (change.before, change.after) == ("138****8000", "139****9000")
    assert "13900139000" not in str(batch.head)


def test_every_fault_is_named_with_row_and_column_and_nothing_is_written(officer):
    ProducerFactory(key="FAR", region="440825")
    taken = ProducerFactory(key="MINE", region="440823")
    rows = [
        farm(),
        farm(producer="SX-3", credit_code="", kind="公司", registered_on="2026-02-30", phone="123"),
        farm(producer="SX-4"),
        farm(producer="FAR", credit_code=""),
        farm(producer="SX-5", credit_code=taken.credit_code),
        farm(producer="", credit_code=""),
        farm(producer="SX-6", credit_code="", nature="自然人"),
        farm(producer="SX-7", credit_code="", region="440825"),
        farm(producer="SX-8", credit_code="", name="=cmd|'/c calc'!A1"),
        farm(producer="SX-9", credit_code="", products="不存在的菜", plots="=3"),
        farm(producer="SX-10", credit_code="", registered_on="2099-01-01", phone="138****0000"),
    ]
    batch = checked("producers", table(*filled("producers", *rows)), officer)
    said = faults(batch)
    assert {row for row, _column in said} == set(range(3, 13))
    assert (batch.state, figures(batch)) == ("checked", (1, 0, 0, 10))
    assert {place for place in said if place[0] == 3} == {(3, "kind"), (3, "registered_on"), (3, "phone")}
    assert "应为日期" in said[3, "registered_on"]
    assert said[4, "credit_code"] == "文件中第2行已有这个主体。"
    assert said[5, "producer"] == "已有主体使用这个编号。"
    assert said[6, "credit_code"] == "已有主体使用这个统一社会信用代码。"
    assert "至少填一项" in said[7, "producer"]
    assert (8, "nature") in said
    assert "辖区" in said[9, "region"]
    assert "公式" in said[10, "name"]
    assert "公式" in said[11, "plots"]
    assert "遮盖" in said[12, "phone"]
    assert Producer.objects.count() == 2


def test_one_unreadable_cell_hides_no_other_fault_of_its_row(officer):
    row = farm(
        plots="东地=大", credit_code="123", phone="1", registered_on="2099-01-01", region="999999",
        products="龙肝", nature="自然人",
    )  # fmt: skip
    named = faults(looked_at("producers", officer, row))
    wanted = {"plots", "credit_code", "phone", "registered_on", "region", "products", "nature"}
    assert {column for _row, column in named} == wanted
    hidden = ProducerFactory(key="FAR", region="440825", phone="13900139000")
    row = farm(producer=hidden.key, credit_code="", phone="139****9000", plots="东地=大")
    named = faults(looked_at("producers", officer, row))
    assert set(named) == {(2, "producer"), (2, "phone"), (2, "plots")}, "of a hidden one nothing is told"


def test_sound_rows_go_in_and_faulty_ones_are_sent_again(officer, tmp_path):
    batch = sent("producers", officer, farm(), farm(producer="SX-2", credit_code="9"))
    assert (batch.written, batch.faulty) == (1, 1)
    path = tmp_path / "faults.xlsx"
    with path.open("wb") as stream:
        assert imports.fault_sheet(batch, running.sheet_of("producers"), stream) == 1
    again = checked("producers", SimpleUploadedFile("faults.xlsx", path.read_bytes()), officer)
    assert (again.state, figures(again)) == ("checked", (0, 0, 0, 1))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_encodings_of_chinese_offices(officer, encoding):
    batch = imported("producers", table(*filled("producers", farm()), encoding=encoding), officer)
    assert batch.written == 1
    assert Producer.objects.get().name == "绿源合作社"


def test_the_template_is_read_and_its_example_left_out(officer):
    for sheet in running.sheet_of("producers"), running.sheet_of("tests"):
        batch = checked(sheet.name, SimpleUploadedFile("t.xlsx", imports.template(sheet)), officer)
        assert batch.state == "refused"
        assert "没有数据行" in batch.message
        assert "去掉“示例”二字" in batch.message


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (lambda: SimpleUploadedFile("a.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600), ".xls"),
        (lambda: SimpleUploadedFile("a.xlsx", b"MZ\x90\0" + b"\0" * 600), "请上传"),
        (lambda: SimpleUploadedFile("a.csv", b"MZ\x90\0" + b"\0" * 600), "请上传"),
        (lambda: SimpleUploadedFile("a.csv", b"\xff\xff\xff\xff\xff"), "请上传"),
        (lambda: SimpleUploadedFile("a.csv", b""), "空"),
        (lambda: SimpleUploadedFile("a.exe", "名称".encode()), "请上传"),
        (lambda: SimpleUploadedFile("a.xlsx", b"PK\x03\x04" + b"\0" * 600), "损坏"),
    ],
)
def test_what_is_no_table_is_refused_at_the_door(officer, upload, said):
    with pytest.raises(ValidationError, match=said):
        imports.start(sheet="producers", upload=upload(), actor=officer)
    assert not ImportBatch.objects.exists()


def test_what_spreadsheets_do_to_numbers_and_names(officer):
    batch = looked_at(
        "producers", officer,
        farm(producer="ＳＸ－１", name="张　三\xa0农场", contact_name="　李四 "),
        farm(producer="SX-2", credit_code="9.34408E+17"),
        farm(producer="SX-3", credit_code=934408230000005537.0),
        farm(producer="SX-4", credit_code="", contact_name="#N/A"),
    )  # fmt: skip
    said = faults(batch)
    assert set(said) == {(3, "credit_code"), (4, "credit_code"), (5, "contact_name")}
    assert "文本" in said[3, "credit_code"]
    assert "文本" in said[4, "credit_code"]
    assert "错误值" in said[5, "contact_name"]
    imports.confirm(batch=batch, actor=officer)
    run_all_jobs()
    producer = Producer.objects.get()
    assert (producer.key, producer.name, producer.contact_name) == ("SX-1", "张 三 农场", "李四")


def test_headings_are_known_whatever_their_blanks_and_stars(officer):
    headings, rows = filled("producers", farm())
    untidy = [f"* {heading[:2]}\n{heading[2:]}＊" for heading in headings]
    assert figures(checked("producers", workbook(untidy, rows), officer)) == (1, 0, 0, 0)


@pytest.mark.parametrize("name", ["名录.et", "名录.xlsm", "名录"])
def test_a_workbook_under_another_name_is_to_be_saved_as_one(officer, name):
    with pytest.raises(ValidationError, match=r"另存为\.xlsx"):
        imports.start(
            sheet="producers", upload=workbook(*filled("producers", farm()), name=name), actor=officer
        )


def test_unknown_missing_and_repeated_columns_are_all_named(officer):
    batch = checked("producers", workbook(["主体编号", "姓名", "主体类型"], [["A", "B", "C"]]), officer)
    assert batch.state == "refused"
    assert "“姓名”：未知的列" in batch.message
    for heading in ("名称", "法律性质", "所在区划代码"):
        assert f"“{heading}”：缺少此列" in batch.message
    with pytest.raises(ValidationError, match="无法读取"):
        imports.confirm(batch=batch, actor=officer)


def test_only_roles_that_may(officer):
    upload = workbook(*filled("producers", farm()))
    for role in (Role.PROVINCE_OFFICER, Role.PRODUCER, Role.SYSTEM_ADMIN, Role.VILLAGE_ASSISTANT):
        with pytest.raises(PermissionDenied):
            imports.start(sheet="producers", upload=upload, actor=UserFactory(role=role))
    town = UserFactory(role=Role.TOWNSHIP_SUPERVISOR)
    for sheet in ("tests", "penalties", "public_credit"):
        with pytest.raises(PermissionDenied):
            imports.start(sheet=sheet, upload=upload, actor=town)
    assert not ImportBatch.objects.exists()


def test_a_killed_worker_is_followed_by_one_that_goes_on(officer, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    monkeypatch.setattr(producer_loads, "COPIED_FROM", 1)  # as big chunks are written
    rows = [farm(producer=f"SX-{n}", credit_code="", name=f"合作社{n}") for n in range(7)]
    batch = looked_at("producers", officer, *rows)
    imports.confirm(batch=batch, actor=officer)

    class Killed(BaseException):
        pass

    def dies(done, total, message):
        if done >= 4:
            raise Killed

    with pytest.raises(Killed):
        imports.commit(batch_id=batch.pk, progress=dies)
    assert 0 < Producer.objects.count() < 7
    run_all_jobs()
    batch.refresh_from_db()
    assert (batch.state, batch.written, batch.faulty) == ("done", 7, 0)
    assert Producer.objects.count() == 7
    assert CreditEvent.objects.filter(kind=101).count() == 7


def test_what_is_copied_is_encrypted_searched_and_unique(officer, monkeypatch):
    monkeypatch.setattr(producer_loads, "COPIED_FROM", 1)
    sent("producers", officer, farm(phone="13800000000"))
    row = Producer.objects.search("lyhzs").get()
    assert (str(row.phone), row.phone_hash) == ("13800000000", keyed_hash("13800000000", "phone"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM archives_producer")
        assert b"13800000000" not in bytes(cursor.fetchone()[0])
    values = {name: getattr(row, name) for name in ("name", "kind", "nature", "region_id", "credit_code")}
    load = Plan({**values, "key": "OTHER", "registered_on": row.registered_on}, None, [])
    with pytest.raises(ValidationError, match="已有主体使用这个统一社会信用代码"):
        producer_loads.write([load])
    assert Producer.objects.count() == 1


def test_what_was_taken_since_the_check_is_left_out_and_said(officer):
    batch = looked_at("producers", officer, farm(), farm(producer="SX-2", credit_code=""))
    ProducerFactory(credit_code=CODE)
    imports.confirm(batch=batch, actor=officer)
    run_all_jobs()
    batch.refresh_from_db()
    assert (batch.written, batch.faulty) == (1, 1)
    assert faults(batch)[2, "credit_code"] == "已有主体使用这个统一社会信用代码。"


def test_two_officers_press_the_same_button(officer):
    batch = looked_at("producers", officer, farm())
    imports.confirm(batch=batch, actor=officer)
    with pytest.raises(ValidationError, match="导入中"):
        imports.confirm(batch=batch, actor=officer)


def test_giving_up_erases_the_file(officer, django_capture_on_commit_callbacks):
    batch = looked_at("producers", officer, farm())
    path = batch.file.path
    with django_capture_on_commit_callbacks(execute=True):
        imports.discard(batch=batch, actor=officer)
    batch.refresh_from_db()
    assert (batch.state, batch.file.name, batch.head) == ("discarded", "", [])
    assert not Path(path).exists()


def test_the_check_costs_no_query_a_row(officer, django_assert_max_num_queries):
    rows = [farm(producer=f"SX-{n}", credit_code="", name=f"合作社{n}") for n in range(300)]
    batch = imports.start(sheet="producers", upload=workbook(*filled("producers", *rows)), actor=officer)
    with django_assert_max_num_queries(20):
        imports.check(batch_id=batch.pk, progress=lambda *_: None)
    imports.confirm(batch=ImportBatch.objects.get(pk=batch.pk), actor=officer)
    with django_assert_max_num_queries(50):
        imports.commit(batch_id=batch.pk, progress=lambda *_: None)
    assert Producer.objects.count() == 300
