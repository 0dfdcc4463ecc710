"""Seals, proofs and verification: exactly the first n events, and any change is found and named."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from agricredit.foundation.jobs.models import Job
from agricredit.foundation.jobs.registry import function_of
from archives import tasks
from archives.ledger import merkle, verify_log
from archives.ledger.leaf import COLUMNS
from archives.models import CreditEvent, LedgerTile, Seal
from archives.services import proofs
from archives.services.leaves import leaf_hashes
from archives.services.ledger import post
from archives.services.sealing import seal
from archives.services.tiles import positions_of
from archives.services.verification import verify
from tests.archives.ledger.conftest import leave_a_gap
from tests.archives.ledger.test_merkle import definition
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db


def tamper(statement: str, *parameters) -> None:
    """Change what no one may change, as a superuser who switches the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, parameters)
        cursor.execute("SET LOCAL session_replication_role = origin")


class TestSeal:
    def test_an_empty_ledger_is_sealed_once_with_size_0(self):
        first = seal()
        assert (first.size, first.last_id, bytes(first.root)) == (0, 0, merkle.EMPTY)
        assert seal() == first
        assert Seal.objects.count() == 1

    def test_it_covers_exactly_the_first_n_events(self, farm):
        posted = post(draft(uid=f"e{n}", producer=farm) for n in range(3))
        made = seal()
        later = post([draft(uid="later", producer=farm, occurred_on=date(2001, 1, 1))])
        assert (made.size, made.last_id) == (3, posted.new[-1])
        assert [event.uid for event in CreditEvent.objects.as_of(made).order_by("id")] == ["e0", "e1", "e2"]
        assert (seal().size, seal().last_id) == (4, later.new[0])

    def test_it_is_chained_to_the_one_before(self, farm):
        first = seal()
        post([draft(producer=farm)])
        second = seal()
        assert bytes(first.previous) == bytes(32)
        assert bytes(second.previous) == bytes(first.chained)
        chained = merkle.chain(bytes(first.chained), 1, bytes(second.root), second.sealed_at)
        assert bytes(second.chained) == chained

    def test_roots_over_stored_tiles_follow_the_definition(self, farm, narrow):
        for size in range(1, 90):
            leave_a_gap()
            post([draft(uid=f"e{size}", producer=farm)])
            made = seal()
            hashes = [digest for _id, digest in leaf_hashes(0, made.last_id)]
            assert (made.size, bytes(made.root)) == (size, definition(hashes))
        counts = {level: LedgerTile.objects.filter(level=level).count() for level in (1, 2, 3, 4)}
        assert counts == {1: 22, 2: 5, 3: 1, 4: 0}
        assert verify() == type(verify())(89, 89, [])

    def test_many_events_at_once_give_the_same_root_as_one_by_one(self, farm, narrow):
        post(draft(uid=f"e{n}", producer=farm) for n in range(300))
        made = seal()
        hashes = [digest for _id, digest in leaf_hashes(0, made.last_id)]
        assert (made.size, bytes(made.root)) == (300, definition(hashes))
        assert LedgerTile.objects.filter(level=3).count() == 4

    def test_tiles_of_their_real_width(self, farm):
        post(draft(uid=f"e{n}", producer=farm) for n in range(515))
        made = seal()
        hashes = [digest for _id, digest in leaf_hashes(0, made.last_id)]
        assert bytes(made.root) == definition(hashes)
        assert (LedgerTile.objects.count(), len(made.tail)) == (2, 3 * 32)
        assert verify().faults == []

    def test_positions_count_events_and_not_ids(self, farm, narrow):
        ids = []
        for n in range(11):
            leave_a_gap()
            ids += post([draft(uid=f"e{n}", producer=farm)]).new
            if n == 8:
                seal()
        assert positions_of(ids[::-1]) == {event_id: n for n, event_id in enumerate(ids)}

    def test_the_command_prints_the_seals_number(self, farm):
        post([draft(producer=farm), draft(producer=farm)])
        out = io.StringIO()
        call_command("seal", stdout=out)
        call_command("seal", stdout=out)
        assert out.getvalue() == "2\n2\n"


class TestProofs:
    @pytest.fixture
    def ledger(self, farm, narrow):
        for n in range(23):
            leave_a_gap()
            note = "现场抽样，“检出”\n超标" if n == 7 else ""
            post(
                [draft(uid=f"e{n}", producer=farm, kind="record.entered", outcome="none", value=n, note=note)]
            )
            if n in (5, 16):
                seal()
        return seal()

    def events_csv(self, path, ledger) -> str:
        """events.csv as the export writes it."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*COLUMNS, "leaf"])
            for index, event in enumerate(CreditEvent.objects.order_by("id")):
                row = proofs.inclusion_document(event, ledger, with_note=True)
                writer.writerow([*(row["event"] | {"note": row["note"]}).values(), index])
        return str(path)

    def run(self, tmp_path, *documents, events=""):
        """The stand-alone script in a bare interpreter: exit status, output, complaints."""
        paths = []
        for number, document in enumerate(documents):
            path = tmp_path / f"{number}.json"
            path.write_text(json.dumps(document), encoding="utf-8")
            paths.append(str(path))
        command = [sys.executable, "-I", "-S", verify_log.__file__, *paths]
        command += ["--events", events] if events else []
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_every_event_is_proved_in_every_seal_that_covers_it(self, ledger):
        for made in Seal.objects.all():
            for event in CreditEvent.objects.as_of(made):
                document = proofs.inclusion_document(event, made)
                said = f"event {event.uid} is leaf {document['index']} of seal {made.size}"
                assert verify_log.check_inclusion(document, None) == said

    def test_every_seal_is_proved_to_continue_the_earlier_ones(self, ledger):
        seals = list(Seal.objects.order_by("size"))
        for place, second in enumerate(seals):
            for first in seals[: place + 1]:
                document = proofs.consistency_document(first, second)
                verify_log.check_consistency(document, None)

    def test_no_proof_where_there_is_nothing_to_prove(self, ledger):
        first = Seal.objects.order_by("size").first()
        with pytest.raises(proofs.ProofError):
            proofs.inclusion_document(CreditEvent.objects.get(uid="e20"), first)
        with pytest.raises(proofs.ProofError):
            proofs.consistency_document(ledger, first)

    def test_a_note_is_shown_only_when_asked_for(self, ledger):
        event = CreditEvent.objects.get(uid="e7")
        hidden = proofs.inclusion_document(event, ledger)
        shown = proofs.inclusion_document(event, ledger, with_note=True)
        assert "现场" not in json.dumps(hidden, ensure_ascii=False)
        assert (shown["note"], len(bytes.fromhex(shown["note_salt"]))) == ("现场抽样，“检出”\n超标", 16)
        with pytest.raises(verify_log.NotProved, match="note"):
            verify_log.check_inclusion(shown | {"note": "合格"}, None)

    def test_the_stand_alone_script_needs_nothing_but_python(self, ledger, tmp_path):
        events = self.events_csv(tmp_path / "events.csv", ledger)
        documents = [
            proofs.seals_document(),
            proofs.inclusion_document(CreditEvent.objects.get(uid="e7"), ledger, with_note=True),
            proofs.inclusion_document(CreditEvent.objects.get(uid="e3"), ledger),
            proofs.consistency_document(Seal.objects.get(size=6), ledger),
        ]
        status, out, err = self.run(tmp_path, *documents, events=events)
        assert (status, err) == (0, "")
        assert [line.split(": ", 1)[1] for line in out.splitlines()] == [
            "ok, 3 seals are chained",
            "ok, event e7 is leaf 7 of seal 23",
            "ok, event e3 is leaf 3 of seal 23",
            "ok, seal 23 continues seal 6",
        ]

    def test_the_stand_alone_script_finds_each_lie(self, ledger, tmp_path):
        event = CreditEvent.objects.get(uid="e3")
        inclusion = proofs.inclusion_document(event, ledger)
        consistency = proofs.consistency_document(Seal.objects.get(size=6), ledger)
        chain = proofs.seals_document()
        lies = [
            inclusion | {"event": inclusion["event"] | {"value": "0.04"}},
            inclusion | {"index": 4},
            inclusion | {"note_hash": "00" * 32},
            inclusion | {"seal": inclusion["seal"] | {"root": "00" * 32}},
            consistency | {"path": consistency["path"][::-1]},
            consistency | {"first": consistency["second"], "second": consistency["first"]},
            chain | {"seals": [chain["seals"][0], chain["seals"][2]]},
            chain | {"seals": [chain["seals"][0] | {"sealed_at": "2024-01-01T00:00:00.000000Z"}]},
        ]
        for lie in lies:
            status, out, err = self.run(tmp_path, lie)
            assert (status, out) == (1, "")
            assert "NOT PROVED" in err

    def test_the_stand_alone_script_compares_the_file(self, ledger, tmp_path):
        events = self.events_csv(tmp_path / "events.csv", ledger)
        text = (tmp_path / "events.csv").read_text(encoding="utf-8")
        document = proofs.inclusion_document(CreditEvent.objects.get(uid="e3"), ledger)
        for old, new in (
            ("e3,P1,record.entered,none,0.03", "e3,P1,record.entered,none,0.04"),
            ("e3,", "x3,"),
        ):
            assert text.count(old) == 1
            (tmp_path / "events.csv").write_text(text.replace(old, new), encoding="utf-8")
            assert self.run(tmp_path, document, events=events)[0] == 1

    def test_the_stand_alone_script_says_what_it_cannot_read(self, ledger, tmp_path):
        status, _out, err = self.run(tmp_path, {"type": "gossip"}, {"type": "inclusion"}, [])
        assert status == 1
        assert err.count("cannot be read as a proof") == 3
        assert self.run(tmp_path, {}, events=str(tmp_path / "none.csv"))[0] == 1

    def test_the_command_verifies_and_writes_proofs_with_the_script(self, ledger, tmp_path):
        out = io.StringIO()
        call_command("verify_log", "--proof", "e7", "--since", "6", "--out", tmp_path / "p", stdout=out)
        assert out.getvalue().splitlines()[0] == "23 events, 3 seals: ok"
        files = sorted((tmp_path / "p").glob("*.json"))
        assert [file.name for file in files] == [
            "proof-0-seals.json",
            "proof-1-inclusion.json",
            "proof-2-consistency.json",
        ]
        assert verify_log.main([str(file) for file in files]) == 0
        assert (tmp_path / "p" / "verify_log.py").exists()
        for wrong in (["--proof", "nothing"], ["--since", "7"]):
            with pytest.raises(CommandError):
                call_command("verify_log", *wrong, "--out", tmp_path / "q", stdout=io.StringIO())


class TestVerification:
    @pytest.fixture
    def ledger(self, farm, narrow):
        for n in range(11):
            post([draft(uid=f"e{n}", producer=farm, value=n, note="备注" if n == 5 else "")])
            if n == 6:
                seal()
        return seal()

    def test_an_untouched_ledger_is_whole(self, ledger):
        assert verify() == type(verify())(11, 2, [])

    @pytest.mark.parametrize(
        ("statement", "named"),
        [
            (
                "UPDATE archives_creditevent SET value = 900 WHERE uid IN ('e4', 'e9')",
                "第 4 号叶（信息“e4”）",
            ),
            ("UPDATE archives_creditevent SET source = 'x' WHERE uid = 'e10'", "第 10 号叶（信息“e10”）"),
            ("DELETE FROM archives_creditevent WHERE uid = 'e2'", "第 2 号叶（信息“e3”）"),
            ("DELETE FROM archives_creditevent WHERE uid = 'e10'", "封存 11 条，账本中只有 10 条"),
            ("UPDATE archives_producer SET key = 'Q1'", "第 0 号叶（信息“e0”）"),
            ("UPDATE archives_eventnote SET note = '合格'", "信息“e5”的备注"),
            ("UPDATE archives_seal SET root = chained WHERE size = 7", "封存 7 的根"),
            ("UPDATE archives_seal SET sealed_at = now() + interval '1 day' WHERE size = 7", "封存 7 的链值"),
            ("UPDATE archives_seal SET previous = root WHERE size = 11", "封存 11 的链值"),
            ("UPDATE archives_ledgertile SET hash = sha256(hash) WHERE level = 1 AND number = 1", "分块 1/1"),
        ],
    )
    def test_any_change_behind_the_triggers_is_named(self, ledger, statement, named):
        tamper(statement)
        result = verify()
        assert named in result.faults[0]
        with pytest.raises(CommandError, match=r"“|封存|分块"):
            call_command("verify_log", stdout=io.StringIO())

    def test_what_is_not_sealed_yet_is_not_judged(self, ledger, farm):
        post([draft(uid="new", producer=farm)])
        tamper("UPDATE archives_creditevent SET value = 900 WHERE uid = 'new'")
        assert verify().faults == []

    def test_without_a_seal_there_is_nothing_to_check(self, db):
        assert verify() == type(verify())(0, 0, [])


def test_the_daily_seal_is_a_job_that_is_queued_once(farm):
    post([draft(producer=farm)])
    tasks.seal_daily()
    tasks.seal_daily()
    assert Job.objects.filter(kind=tasks.SEAL_JOB).count() == 1
    function_of(tasks.SEAL_JOB)(None)
    assert Seal.objects.get().size == 1
