"""What the application's database role may do: read and write rows, own nothing, never rewrite the past."""

from __future__ import annotations

from typing import Any

from psycopg2 import sql

#: Tables whose rows the application never changes or deletes (their triggers refuse everyone else too).
APPEND_ONLY = ("archives_creditevent", "archives_seal", "audit_auditline")


def grant(cursor: Any, role: str) -> bool:
    """Give the role its rights on everything in ``public``, now and for tables to come; run as the owner.

    False, and nothing is done, when the role does not exist or is the owner itself (a single-role server).
    """
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s AND rolname <> current_user", [role])
    if cursor.fetchone() is None:
        return False
    name = sql.Identifier(role)
    for statement in (
        "GRANT USAGE ON SCHEMA public TO {}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
    ):
        cursor.execute(sql.SQL(statement).format(name))
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename = ANY(%s)",
        [[*APPEND_ONLY]],
    )
    for (table,) in cursor.fetchall():
        cursor.execute(sql.SQL("REVOKE UPDATE, DELETE ON {} FROM {}").format(sql.Identifier(table), name))
    return True


def owned_by(cursor: Any, role: str) -> int:
    """How many tables, views and sequences a role owns."""
    cursor.execute(
        "SELECT count(*) FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner WHERE rolname = %s", [role]
    )
    return int(cursor.fetchone()[0])
