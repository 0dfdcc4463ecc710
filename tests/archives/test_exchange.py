"""Exchange files: in whole or not at all, every fault named, and out again exactly."""

import csv
import datetime
import io
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.jobs.models import OutboxMessage
from archives.models import CreditEvent, EventNote, Producer
from archives.services import ledger
from archives.services.exchange import ImportRefused, export_archive, import_archive
from archives.services.exchange.reading import EVENT_COLUMNS, PRODUCER_COLUMNS
from tests.factories.archives import ProducerFactory, RegionFactory

EXAMPLES = Path(__file__).parents[1] / "data" / "examples"
REGIONS = ("440802", "440823", "440823100", "440825", "440881")
pytestmark = pytest.mark.django_db
PRODUCER = {
    "producer": "A", "name": "甲", "kind": "enterprise", "nature": "legal_person", "sectors": "crops",
    "region": "440823", "credit_code": "", "registered_on": "2020-01-01", "status": "active",
    "merged_into": "",
}  # fmt: skip
EVENT = {
    "uid": "e1", "producer": "A", "kind": "visit.made", "outcome": "pass", "value": "",
    "occurred_on": "2024-05-01", "valid_until": "", "recorded_at": "2024-05-01T08:00:00Z", "region": "440823",
    "source": "t", "incident": "", "note": "", "reverses": "", "repairs": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _regions():
    for code in REGIONS:
        RegionFactory(code=code)


def write(folder, name, columns, rows):
    folder.mkdir(exist_ok=True)
    with (folder / name).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def archive(folder, producers=({},), events=()):
    write(folder, "producers.csv", PRODUCER_COLUMNS, [PRODUCER | row for row in producers])
    return write(folder, "events.csv", EVENT_COLUMNS, [EVENT | row for row in events])


def faults(folder, **options):
    with pytest.raises(ImportRefused) as error:
        import_archive(directory=folder, **options)
    return {(f.file.removesuffix(".csv"), f.row, f.column): f.message for f in error.value.faults}


def rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    for row in found:
        row.pop("leaf", None)
    return found


def by_uid(path):
    return sorted(rows(path), key=lambda row: row["uid"])


def count():
    return Producer.objects.count(), CreditEvent.objects.count()


def test_the_worked_example_goes_in_and_comes_out_exactly(tmp_path):
    done = import_archive(directory=EXAMPLES)
    assert (done.producers_new, done.events_new) == count() == (30, 4952)
    export_archive(directory=tmp_path / "out")
    assert (tmp_path / "out" / "producers.csv").read_bytes() == (EXAMPLES / "producers.csv").read_bytes()
    assert by_uid(tmp_path / "out" / "events.csv") == by_uid(EXAMPLES / "events.csv")


def test_importing_again_changes_nothing(tmp_path):
    import_archive(directory=EXAMPLES)
    again = import_archive(directory=EXAMPLES)
    assert (again.producers_unchanged, again.events_existing) == (30, 4952)
    assert (again.producers_new, again.producers_changed, again.events_new) == (0, 0, 0)
    assert AuditLine.objects.filter(verb="archive.imported").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_export_imported_into_an_empty_database_exports_byte_for_byte(tmp_path, django_db_blocker):
    from django.core.management import call_command as command

    producer = ProducerFactory(key="L", region="440825")
    for n in range(6):  # live arrival: corrections in between
        draft = ledger.EventDraft(
            uid=f"u{n}", producer_id=producer.pk, kind="sampling.tested", outcome="fail",
            occurred_on=datetime.date(2024, 3, n + 1), note=f' 备注"{n}",\n第二行 ',
        )  # fmt: skip
        ledger.post([draft])
        if n % 2:
            ledger.reverse(uid=f"u{n}", by_uid=f"u{n}r", source="更正")
    import_archive(directory=EXAMPLES)
    first = tmp_path / "first"
    export_archive(directory=first)
    command("flush", verbosity=0, interactive=False)
    for code in REGIONS:
        RegionFactory(code=code)
    import_archive(directory=first)
    export_archive(directory=tmp_path / "second")
    for name in ("producers.csv", "events.csv"):
        assert (tmp_path / "second" / name).read_bytes() == (first / name).read_bytes()


def test_a_dry_run_checks_and_writes_nothing(tmp_path):
    done = import_archive(directory=EXAMPLES, dry_run=True)
    assert (done.producers_new, done.events_new) == (30, 4952)
    assert count() == (0, 0)
    assert not AuditLine.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_ten_different_faults_are_all_said_at_once_and_nothing_is_kept(tmp_path):
    folder = archive(
        tmp_path / "bad",
        producers=[
            {},
            {"producer": "B", "kind": "shop"},
            {"producer": "C", "region": "999999"},
            {"producer": "D", "credit_code": "914408235371903690"},
            {"producer": "E", "status": "merged", "merged_into": "E2"},
            {"producer": "F", "registered_on": "2020-02-30"},
        ],
        events=[
            {},
            {"uid": "e2", "kind": "weather.nice"},
            {"uid": "e3", "producer": "Z"},
            {"uid": "e4", "outcome": "none"},
            {"uid": "e5", "value": "1.234"},
            {"uid": "e6", "recorded_at": "2024-05-01T08:00:00"},
            {"uid": "e7", "reverses": "nothing"},
            {"uid": "e1", "outcome": "fail"},
            {"uid": "e8", "producer": "B"},  # of a faulty producer: not a fault of its own
            {"uid": "e9", "reverses": "e6"},  # of a faulty row: likewise
        ],
    )
    found = faults(folder)
    assert set(found) == {
        ("producers", 3, "kind"),
        ("producers", 4, "region"),
        ("producers", 5, "credit_code"),
        ("producers", 6, "merged_into"),
        ("producers", 7, "registered_on"),
        ("events", 3, "kind"),
        ("events", 4, "producer"),
        ("events", 5, "outcome"),
        ("events", 6, "value"),
        ("events", 7, "recorded_at"),
        ("events", 8, "reverses"),
        ("events", 9, "outcome"),
    }
    assert found["producers", 6, "merged_into"] == "没有编号为“E2”的主体可以合并。"
    assert found["events", 6, "value"] == "应为最多两位小数的数字，现为“1.234”。"
    assert count() == (0, 0)
    assert faults(folder, dry_run=True) == found


def test_all_faults_of_one_row_are_said(tmp_path):
    folder = archive(
        tmp_path / "bad",
        producers=[{"name": "", "nature": "natural_person", "sectors": "crops;mining", "registered_on": "x"}],
        events=[{"producer": "N", "kind": "x.y", "occurred_on": "1", "region": "1", "outcome": "maybe"}],
    )
    assert set(faults(folder)) == {
        ("producers", 2, "name"), ("producers", 2, "nature"), ("producers", 2, "sectors"),
        ("producers", 2, "registered_on"), ("events", 2, "producer"), ("events", 2, "kind"),
        ("events", 2, "occurred_on"), ("events", 2, "region"), ("events", 2, "outcome"),
    }  # fmt: skip


def test_columns_are_known_or_refused(tmp_path):
    folder = archive(tmp_path / "a", events=[{}])
    text = (folder / "events.csv").read_text()
    (folder / "events.csv").write_text(text.replace("incident", "inzident", 1))
    assert set(faults(folder)) == {("events", 1, "incident"), ("events", 1, "inzident")}
    (folder / "producers.csv").write_text("producer,name\nA,b\n")
    assert set(faults(folder)) == {
        *(("producers", 1, column) for column in PRODUCER_COLUMNS[2:]),
        ("events", 1, "incident"),
        ("events", 1, "inzident"),
    }
    assert count() == (0, 0)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"", 0),
        (b"\xff\xfe\x00", 1),
        (",".join(PRODUCER_COLUMNS).encode() + b'\n"A,b\n', 2),
        (",".join(PRODUCER_COLUMNS).encode() + b"\nA,b,c\n", 2),
    ],
)
def test_a_file_that_is_no_csv_is_refused_with_its_row(tmp_path, text, place):
    folder = archive(tmp_path / "a")
    (folder / "producers.csv").write_bytes(text)
    assert {key[:2] for key in faults(folder)} == {("producers", place)}


def test_an_empty_folder_is_refused(tmp_path):
    assert list(faults(tmp_path)) == [("producers", 0, "")]


def test_one_file_alone_will_do(tmp_path):
    folder = archive(tmp_path / "a", events=[{}])
    producers = tmp_path / "p"
    producers.mkdir()
    shutil.move(folder / "producers.csv", producers)
    assert import_archive(directory=producers).producers_new == 1
    assert import_archive(directory=folder).events_new == 1


def test_a_known_uid_with_other_content_is_an_error(tmp_path):
    import_archive(directory=archive(tmp_path / "a", events=[{"note": "甲"}]))
    changed = archive(tmp_path / "b", events=[{"note": "乙", "value": "1"}, {"uid": "e2"}])
    assert set(faults(changed)) == {("events", 2, "note"), ("events", 2, "value")}
    assert count() == (1, 1)


def test_moments_are_compared_as_instants_and_values_as_numbers(tmp_path):
    first = {
        "value": "2.5",
        "kind": "training.attended",
        "recorded_at": "2024-05-01T16:00:00+08:00",
        "outcome": "none",
    }
    import_archive(directory=archive(tmp_path / "a", events=[first]))
    same = first | {"value": "2.50", "recorded_at": "2024-05-01T08:00:00.000000Z"}
    assert import_archive(directory=archive(tmp_path / "b", events=[same])).events_existing == 1
    export_archive(directory=tmp_path / "out")
    (row,) = rows(tmp_path / "out" / "events.csv")
    assert (row["value"], row["recorded_at"], row["outcome"]) == (
        "2.50",
        "2024-05-01T08:00:00.000000Z",
        "none",
    )


def test_rows_may_come_in_any_order(tmp_path):
    folder = archive(
        tmp_path / "a",
        producers=[{"producer": "B", "status": "merged", "merged_into": "A"}, {}],
        events=[
            {"uid": "r", "reverses": "e1", "producer": "A"},
            {"uid": "fix", "kind": "repair.granted", "outcome": "none", "repairs": "bad", "producer": "B"},
            {"uid": "bad", "kind": "cooperation.lacked", "outcome": "none", "producer": "B"},
            {"uid": "e1", "producer": "A"},
        ],
    )
    assert import_archive(directory=folder).events_new == 4
    assert Producer.objects.get(key="B").merged_into.key == "A"
    assert CreditEvent.objects.get(uid="r").reverses.uid == "e1"


def test_merges_in_a_circle_are_refused_also_through_the_register(tmp_path):
    merged = {"status": "merged"}
    circle = [
        {},
        *({"producer": a, "merged_into": b} | merged for a, b in (("B", "C"), ("C", "D"), ("D", "B"))),
    ]
    found = faults(archive(tmp_path / "a", producers=circle))
    assert set(found) == {("producers", n, "merged_into") for n in (3, 4, 5)}
    chain = [{}, {"producer": "B", "merged_into": "A"} | merged]
    import_archive(directory=archive(tmp_path / "b", producers=chain))
    closing = archive(tmp_path / "c", producers=[{"merged_into": "B"} | merged])
    assert set(faults(closing)) == {("producers", 2, "merged_into")}


def test_producers_are_upserted_by_key(tmp_path):
    import_archive(directory=archive(tmp_path / "a", producers=[{}, {"producer": "B"}]))
    done = import_archive(
        directory=archive(tmp_path / "b", producers=[{"name": "甲乙农场"}, {"producer": "C"}])
    )
    assert (done.producers_new, done.producers_changed, done.producers_unchanged) == (1, 1, 0)
    changed = Producer.objects.get(key="A")
    assert (changed.name, changed.name_folded, changed.initials) == ("甲乙农场", "甲乙农场", "jync")
    assert changed.name_grams == sorted({"甲", "乙", "农", "场", "甲乙", "乙农", "农场"})
    message = OutboxMessage.objects.get(topic="producers.changed")
    assert message.keys == {"producer_ids": [changed.pk]}


CODES = ("914408235371903698", "9144082334182821X7")


def test_credit_codes_are_unique_in_file_and_register_and_may_be_exchanged(tmp_path):
    pair = [{"credit_code": CODES[0]}, {"producer": "B", "credit_code": CODES[1]}]
    import_archive(directory=archive(tmp_path / "a", producers=pair))
    taken = archive(tmp_path / "b", producers=[{"producer": "C", "credit_code": CODES[0]}])
    assert faults(taken) == {("producers", 2, "credit_code"): "主体“A”已使用这个统一社会信用代码。"}
    twice = archive(tmp_path / "c", producers=[pair[0], {"producer": "D", "credit_code": CODES[0]}])
    assert set(faults(twice)) == {("producers", 3, "credit_code")}
    swapped = [{"credit_code": CODES[1]}, {"producer": "B", "credit_code": CODES[0]}]
    assert import_archive(directory=archive(tmp_path / "d", producers=swapped)).producers_changed == 2
    assert Producer.objects.get(key="A").credit_code == CODES[1]


def test_a_key_stands_once_in_a_file(tmp_path):
    assert faults(archive(tmp_path / "a", producers=[{}, {}])) == {
        ("producers", 3, "producer"): "文件中第2行已有这个主体。"
    }


def test_identity_and_contact_survive_an_import(tmp_path):
    producer = ProducerFactory(key="A", contact_name="陈", phone="13800138000", phone_hash="x")
    import_archive(directory=archive(tmp_path / "a"))
    producer.refresh_from_db()
    assert (producer.name, producer.contact_name, producer.phone) == ("甲", "陈", "13800138000")


def test_the_heading_may_carry_leaf_and_a_byte_order_mark(tmp_path):
    folder = archive(tmp_path / "a")
    write(folder, "events.csv", ("leaf", *EVENT_COLUMNS), [EVENT | {"leaf": "99"}])
    text = (folder / "events.csv").read_bytes()
    (folder / "events.csv").write_bytes(b"\xef\xbb\xbf" + text)
    assert import_archive(directory=folder).events_new == 1


def test_notes_go_through_unchanged_and_never_as_formulas(tmp_path):
    notes = ["=1+1", " 前后空格 ", '引"号", 逗号', "两\n行", "", "\\.", "'"]
    folder = archive(tmp_path / "a", events=[{"uid": f"e{n}", "note": note} for n, note in enumerate(notes)])
    import_archive(directory=folder)
    export_archive(directory=tmp_path / "out")
    assert [row["note"] for row in rows(tmp_path / "out" / "events.csv")] == notes
    assert EventNote.objects.count() == len(notes) - 1


def test_a_region_is_exported_with_whatever_its_producers_are_merged_with(tmp_path):
    folder = archive(
        tmp_path / "a",
        producers=[
            {},
            {"producer": "B", "region": "440825", "status": "merged", "merged_into": "A"},
            {"producer": "C", "region": "440825"},
        ],
        events=[{}, {"uid": "e2", "producer": "C"}, {"uid": "e3", "producer": "B"}],
    )
    import_archive(directory=folder)
    done = export_archive(directory=tmp_path / "out", region="440823")
    assert (done.producers, done.events) == (2, 2)
    text = (tmp_path / "out" / "events.csv").read_text()
    assert [line.split(",")[0] + line[line.rindex(",") :] for line in text.splitlines()[1:]] == [
        "e1,0",
        "e3,2",
    ]
    assert AuditLine.objects.get(verb="archive.exported").region_code == "440823"


def test_the_commands_speak_one_line_a_fault_and_exit_with_one(tmp_path):
    folder = archive(tmp_path / "a", producers=[{"kind": "shop"}], events=[{"value": "x\ny"}])
    err = io.StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("import_archive", str(folder), stderr=err)
    assert stop.value.code == 1
    lines = err.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("producers.csv:2:kind: ")
    assert lines[1].startswith("events.csv:2:value: ")
    out = io.StringIO()
    call_command("import_archive", str(EXAMPLES), "--dry-run", stdout=out)
    assert out.getvalue() == "试运行，未写入。主体：新增 30，更新 0，未变 0；信用信息：新增 4952，已有 0。\n"
    with pytest.raises(CommandError, match="没有代码为“9”的行政区划"):
        call_command("export_archive", str(tmp_path / "out"), region="9")
