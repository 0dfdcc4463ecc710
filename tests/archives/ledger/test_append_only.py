"""What the tables refuse by themselves, and the one change there is: a note's erasure."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from agricredit.foundation.audit.models import AuditLine
from archives.ledger import verify_log
from archives.models import CreditEvent, EventNote
from archives.services import proofs
from archives.services.ledger import post, reverse
from archives.services.notes import erase_notes
from archives.services.sealing import seal
from archives.services.verification import verify
from tests.archives.ledger.conftest import leave_a_gap
from tests.factories.ledger import draft

pytestmark = pytest.mark.django_db


class TestNotes:
    def test_an_erased_note_is_gone_and_the_seal_still_holds(self, farm):
        post([draft(uid="e", producer=farm, note="张三，电话 138…", facts={"name": "张三"})])
        made = seal()
        event = CreditEvent.objects.get()
        assert erase_notes(event_ids=[event.pk], because="保存期限届满") == 1
        row = EventNote.objects.get()
        assert (row.note, row.facts, bytes(row.salt), row.erased_because) == ("", {}, b"", "保存期限届满")
        assert row.erased_at is not None
        assert verify().faults == []
        document = proofs.inclusion_document(event, made, with_note=True)
        assert "note_salt" not in document
        verify_log.check_inclusion(document, None)
        assert AuditLine.objects.filter(verb="ledger.notes_erased").count() == 1

    def test_it_is_erased_once(self, farm):
        posted = post([draft(producer=farm, note="备注"), draft(producer=farm)])
        assert erase_notes(event_ids=posted.new, because="保存期限届满") == 1
        moment = EventNote.objects.get().erased_at
        assert erase_notes(event_ids=posted.new, because="再次") == 0
        assert EventNote.objects.get().erased_at == moment

    def test_it_needs_a_reason(self, farm):
        posted = post([draft(producer=farm, note="备注")])
        with pytest.raises(ValueError, match="依据"):
            erase_notes(event_ids=posted.new, because=" ")
        assert EventNote.objects.get().note == "备注"

    def test_an_event_whose_note_is_erased_is_still_already_there(self, farm):
        event = draft(uid="e", producer=farm, note="备注")
        erase_notes(event_ids=post([event]).new, because="保存期限届满")
        assert post([event, draft(uid="e", producer=farm)]).existing == 2


class TestTriggers:
    """The test's role is a superuser; plain SQL is refused all the same."""

    @pytest.mark.parametrize(
        "statement",
        [
            f"{verb} {table}{rest}"
            for table in (
                "archives_creditevent",
                "archives_seal",
                "archives_ledgertile",
                "archives_eventnote",
            )
            for verb, rest in (("DELETE FROM", ""), ("TRUNCATE", " CASCADE"))
        ]
        + [
            "UPDATE archives_creditevent SET value = 1",
            "UPDATE archives_seal SET size = size",
            "UPDATE archives_ledgertile SET hash = hash",
            "UPDATE archives_eventnote SET note = '', facts = '{}', salt = '', erased_at = now()",
            "SET LOCAL agricredit.retention = 'on'; UPDATE archives_eventnote SET note = 'x'",
        ],
    )
    def test_nothing_is_changed_or_removed(self, farm, narrow, statement):
        post(draft(producer=farm, note="备注") for _ in range(4))
        seal()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match=r"append-only|never changed"), transaction.atomic():
            connection.cursor().execute(statement)
        assert verify().faults == []

    def test_an_erased_note_cannot_be_written_again(self, farm):
        erase_notes(event_ids=post([draft(producer=farm, note="备注")]).new, because="保存期限届满")
        cursor = connection.cursor()
        cursor.execute("SET LOCAL agricredit.retention = 'on'")
        with pytest.raises(IntegrityError, match="never changed"):
            cursor.execute("UPDATE archives_eventnote SET note = 'x', erased_at = NULL, erased_because = ''")

    def test_models_cannot_be_saved_or_deleted(self, farm):
        post([draft(producer=farm, note="备注")])
        for row in (CreditEvent.objects.get(), EventNote.objects.get(), seal()):
            with pytest.raises(TypeError):
                row.save()
            with pytest.raises(TypeError):
                row.delete()

    @pytest.mark.parametrize(
        ("constraint", "changed"),
        [
            ("uid_is_given", {"uid": ""}),
            ("kind_is_a_number", {"kind": 0}),
            ("outcome_is_0_1_or_2", {"outcome": 3}),
            ("value_is_in_range", {"value": -1}),
            ("value_is_in_range", {"kind": 107, "value": -101}),
            ("value_is_in_range", {"value": 10**12 + 1}),
            ("ends_after_it_begins", {"valid_until": date(2024, 5, 31)}),
            ("reversal_has_no_end", {"reverses_id": "event", "valid_until": date(2024, 12, 31)}),
            ("repair_names", {"repairs_id": "event"}),
            ("repair_names", {"kind": 213}),
            ("pause_fits_a_year", {"kind": 12}),
            ("pause_fits_a_year", {"kind": 12, "value": 36601}),
            ("refers_to_what_came_before", {"id": 1, "reverses_id": "event"}),
            ("is_reversed_once", {"reverses_id": "reversed"}),
            ("uid", {"uid": "event"}),
        ],
    )
    def test_the_table_keeps_the_rules_by_itself(self, farm, constraint, changed):
        leave_a_gap()
        post([draft(uid="event", producer=farm), draft(uid="reversed", producer=farm)])
        reverse(uid="reversed", by_uid="undo", source="")
        ids = dict(CreditEvent.objects.values_list("uid", "id"))
        row = {
            "uid": "raw",
            "producer_id": farm.pk,
            "kind": 3,
            "outcome": 1,
            "occurred_on": date(2024, 6, 1),
            "recorded_at": "2024-06-01T00:00:00Z",
            "region_id": "440825",
            "source": "",
            "incident": "",
        } | {
            name: ids.get(value, value) if name.endswith("_id") else value for name, value in changed.items()
        }
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        with pytest.raises(IntegrityError, match=constraint), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO archives_creditevent ({names}) VALUES ({marks})", list(row.values()))
