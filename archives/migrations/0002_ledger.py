"""The ledger is append-only to everybody, superusers included: plain SQL triggers, so no code path can forget.

Only a note may be erased, once, by a session that has declared itself the retention job.
"""

from django.db import migrations

TABLES = ("archives_creditevent", "archives_seal", "archives_ledgertile")

FUNCTIONS = """
CREATE FUNCTION archives_ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'Post a reversal instead; notes are erased by the retention service.';
END $$;
CREATE FUNCTION archives_note_erasure_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('agricredit.retention', true) = 'on' AND OLD.erased_at IS NULL
       AND NEW.erased_at IS NOT NULL AND NEW.event_id = OLD.event_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'notes of the ledger are never changed: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'Only the retention service erases a note.';
END $$;
"""
REFUSALS = "".join(
    f"""
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION archives_ledger_refuses();
"""
    for table in TABLES
)
NOTES = """
CREATE TRIGGER archives_eventnote_no_removal BEFORE DELETE OR TRUNCATE ON archives_eventnote
    FOR EACH STATEMENT EXECUTE FUNCTION archives_ledger_refuses();
CREATE TRIGGER archives_eventnote_erasure_only BEFORE UPDATE ON archives_eventnote
    FOR EACH ROW EXECUTE FUNCTION archives_note_erasure_only();
"""
BACKWARD = (
    "DROP TRIGGER archives_eventnote_erasure_only ON archives_eventnote;"
    "DROP TRIGGER archives_eventnote_no_removal ON archives_eventnote;"
    + "".join(f"DROP TRIGGER {table}_no_change ON {table};" for table in TABLES)
    + "DROP FUNCTION archives_note_erasure_only(); DROP FUNCTION archives_ledger_refuses();"
)


class Migration(migrations.Migration):
    dependencies = [("archives", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTIONS + REFUSALS + NOTES, BACKWARD)]
