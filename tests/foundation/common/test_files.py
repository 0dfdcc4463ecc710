"""Readers with row and column, writers without formulas, uploads judged by content."""

import io
import zipfile
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from agricredit.foundation.common import files
from agricredit.foundation.common.files import uploads


def rows_of(data, name="f.csv", **columns):
    return list(files.read_rows(io.BytesIO(data), name=name, **columns))


def faults_of(data, name="f.csv", **columns):
    with pytest.raises(files.FileRefused) as refusal:
        rows_of(data, name, **columns)
    return [str(fault) for fault in refusal.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_each_encoding(encoding):
    data = "名称,数量\r\n湛江农场,5\r\n\r\n 雷州 ,\r\n".encode(encoding)
    assert rows_of(data) == [(2, {"名称": "湛江农场", "数量": "5"}), (4, {"名称": "雷州", "数量": ""})]


def test_quoted_cells_span_lines_and_count_as_one_row():
    assert rows_of(b'a,b\r\n"x\r\ny","1,""2"""\r\nz,3\r\n') == [
        (2, {"a": "x\r\ny", "b": '1,"2"'}),
        (3, {"a": "z", "b": "3"}),
    ]


def test_short_rows_are_filled_and_empty_extra_cells_forgiven():
    assert rows_of(b"a,b\nx\ny,1,,\n") == [(2, {"a": "x", "b": ""}), (3, {"a": "y", "b": "1"})]


def test_all_faults_of_the_heading_come_at_once():
    assert faults_of(b"uid,uid,,colour\n1,2,3,4\n", required=["uid", "kind"], optional=["note"]) == [
        "f.csv:1:3: 第3列没有列名。",
        "f.csv:1:colour: 未知的列；可用的列：uid、kind、note。",
        "f.csv:1:kind: 缺少此列。",
        "f.csv:1:uid: 此列出现了两次。",
    ]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "f.csv:0:: 文件是空的：第1行应为列名。"),
        (b"a,b\n1,2,3\n", "f.csv:2:: 此行有3格，列名只有2个。"),
        (b'a,b\n1,2\n"x"y,2\n', "f.csv:3:: 此行不是规范的CSV：',' expected after '\"'。"),
        (b"a\n\x00\n", "f.csv:0:: 这不是文本文件（含有空字节）。"),
        (
            "名".encode() + b"\n" + b"x\n" * 40_000 + b"\xff\xff\n",
            "f.csv:32769:: 文字编码无法识别：请用UTF-8或GB 18030保存。",
        ),
    ],
)
def test_unreadable_csv_says_where(data, fault):
    [found] = faults_of(data)
    assert found.split(":")[0] == "f.csv"
    assert found.split(": ", 1)[1] == fault.split(": ", 1)[1]


def _workbook(*rows):
    book, stream = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def test_xlsx_reads_as_the_csv_would():
    data = _workbook(
        ["名称", "日期", "数量", "比例", "是"], ["湛江", date(2026, 1, 2), 5, 0.25, True], [], ["雷州"]
    )
    assert rows_of(data, "f.XLSX") == [
        (2, {"名称": "湛江", "日期": "2026-01-02", "数量": "5", "比例": "0.25", "是": "true"}),
        (4, {"名称": "雷州", "日期": "", "数量": "", "比例": "", "是": ""}),
    ]


def _opened(*sheets):
    """A workbook of sheets as (name, shown, what to do with it)."""
    book, stream = Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, shown, act in sheets:
        sheet = book.create_sheet(name)
        sheet.sheet_state = "visible" if shown else "hidden"
        act(sheet)
    book.save(stream)
    return stream.getvalue()


def test_the_first_sheet_that_people_see_is_read():
    data = _opened(
        ("旧", False, lambda s: s.append(["x"])),
        ("新", True, lambda s: (s.append(["a", "b", None]), s.append([1, None, None]))),
        ("说明", True, lambda s: s.append(["y"])),
    )
    assert rows_of(data, "f.xlsx") == [(2, {"a": "1", "b": ""})]


def test_cells_in_error_and_formulas_without_a_value_are_not_empty():
    def act(sheet):
        for cell, value in {"C2": "a", "D2": "b", "C3": "#N/A", "D3": 1, "C4": "x", "D4": "=A1&B1"}.items():
            sheet[cell] = value
        sheet.delete_rows(1)

    assert rows_of(_opened(("1", True, act)), "f.xlsx") == [
        (2, {"a": "#N/A", "b": "1"}), (3, {"a": "x", "b": "=A1&B1"}),
    ]  # fmt: skip


def test_numbers_beyond_15_digits_are_shown_as_the_spreadsheet_shows_them():
    rows = rows_of(_workbook(["a", "b"], [934408230000005537, 440823106200]), "f.xlsx")
    assert rows == [(2, {"a": "9.34408230000006e+17", "b": "440823106200"})]


def test_a_cell_merged_downwards_stands_for_every_row_that_says_something():
    def act(sheet):
        for row in (
            ["a", "b", "c"],
            ["1", "甲", "p"],
            ["2", None, None],
            [None] * 3,
            ["3", None, "q"],
            ["4"],
        ):
            sheet.append(row)
        sheet.merge_cells("B2:B5")
        sheet.merge_cells("C2:C3")

    found = [tuple(row.values()) for _number, row in rows_of(_opened(("1", True, act)), "f.xlsx")]
    assert found == [("1", "甲", "p"), ("2", "甲", "p"), ("3", "甲", "q"), ("4", "", "")]


@pytest.mark.parametrize(
    "data", [b"a;b\n1,5;2\n", b"a\tb\n1,5\t2\n", '\ufeffa,b\n"1,5",2\n'.encode("gb18030")]
)
def test_csv_as_other_programs_write_it(data):
    assert rows_of(data) == [(2, {"a": "1,5", "b": "2"})]


def test_what_stands_above_or_beside_the_heading_is_told():
    assert rows_of(b"a,b,,\n1,2,,\n") == [(2, {"a": "1", "b": "2"})]
    assert faults_of(b"a,b,,\n1,2,,x\n") == ["f.csv:2:: 此行有4格，列名只有2个。"]
    assert faults_of(b"\n\na,b\n") == ["f.csv:1:: 这一行是空的：请删去列名上面的空行，使第1行就是列名。"]
    for title in ("名录,,\n", "名录\n"):
        [said] = faults_of(title.encode() + b"a,b\n1,2\n")
        assert said.startswith("f.csv:1:: 只有“名录”一格")


def test_broken_xlsx_is_refused():
    assert faults_of(b"not a workbook", "f.xlsx") == ["f.xlsx:0:: 这不是可以读取的XLSX文件。"]


def test_reads_a_path(tmp_path):
    path = tmp_path / "p.csv"
    path.write_bytes(b"a\n1\n")
    assert list(files.read_rows(path)) == [(2, {"a": "1"})]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_exchange_csv_round_trips(rows):
    stream = io.BytesIO()
    assert files.write_csv(stream, ["a", "b"], rows, for_people=False) == len(rows)
    kept = [(a.strip(), b.strip()) for a, b in rows if a.strip() or b.strip()]
    assert [(row["a"], row["b"]) for _number, row in rows_of(stream.getvalue())] == kept


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\tx", "\rx", "＝1"])
def test_formulas_are_neutralised_for_people(text):
    assert files.neutralised(text) == "'" + text
    assert next(iter(files.csv_lines([], [[text]]))) == "\ufeff\r\n"


@pytest.mark.parametrize("value", ["-5", "+1.25", "湛江", "", 5, None])
def test_numbers_and_plain_text_stay(value):
    assert files.neutralised(value) == value


def test_xlsx_writer_makes_text_of_formulas():
    stream = io.BytesIO()
    assert (
        files.write_xlsx(stream, ["a", "b"], [["=1+1", 5], [date(2026, 1, 2), "x\x01y"]], sheet="名单") == 2
    )
    sheet = load_workbook(io.BytesIO(stream.getvalue())).active
    assert [sheet["A2"].value, sheet["B2"].value] == ["'=1+1", 5]
    assert sheet["A2"].data_type == "s"
    assert sheet["B3"].value == "xy"


PDF = b"%PDF-1.7\n"
JPG = b"\xff\xd8\xff\xe0"
PNG = b"\x89PNG\r\n\x1a\n"


def _zip(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pdf", PDF, "pdf"),
        ("a.JPEG", JPG, "jpg"),
        ("a.png", PNG, "png"),
        ("a.xlsx", _workbook(["a"]), "xlsx"),
    ],
)
def test_content_decides_the_kind(name, data, kind):
    upload = SimpleUploadedFile(name, data)
    assert files.check_upload(upload, uploads.SIZE_LIMITS) == kind
    assert upload.read() == data


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.jpg", b"<svg>", "文件内容应为JPG、PNG、PDF、XLSX。"),
        ("a.exe", PDF, "文件扩展名与内容不符：内容是PDF。"),
        ("a.xlsx", _zip("evil.txt"), "文件内容应为XLSX。"),
        ("a.xlsx", b"PK\x03\x04broken", "XLSX文件已损坏。"),
    ],
)
def test_upload_refusals(name, data, sentence):
    upload = SimpleUploadedFile(name, data)
    with pytest.raises(ValidationError) as refusal:
        files.check_upload(upload, uploads.SIZE_LIMITS)
    assert refusal.value.messages == [sentence]


def test_kind_not_asked_for_is_refused():
    with pytest.raises(ValidationError, match="JPG、PNG"):
        files.check_upload(SimpleUploadedFile("a.pdf", PDF), uploads.PHOTOS)


def test_too_large_is_refused(monkeypatch):
    monkeypatch.setitem(uploads.SIZE_LIMITS, "png", 4)
    with pytest.raises(ValidationError, match="文件超过"):
        files.check_upload(SimpleUploadedFile("a.png", PNG))


def test_zip_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "UNPACKED_LIMIT", 10)
    with pytest.raises(ValidationError, match="解开后过大"):
        files.check_upload(SimpleUploadedFile("a.xlsx", _workbook(["a"])), ["xlsx"])
