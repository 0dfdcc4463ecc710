"""``migrate`` as the role that owns the tables, then the application role's rights on what is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

from agricredit.foundation.common import privileges

ACCESS = ("USER", "PASSWORD", "HOST", "PORT")


class Command(Migrate):
    """Django's command on the owner's connection (DATABASE_OWNER_URL)."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then grant."""
        with owner_connection(options["database"]) as connection:
            super().handle(*args, **options)
            with connection.cursor() as cursor:
                privileges.grant(cursor, settings.DATABASE_APP_ROLE)


@contextmanager
def owner_connection(alias: str = "default") -> Iterator[Any]:
    """Let the connection be the owner's inside the block; the database's name stays (a test's too)."""
    connection = connections[alias]
    usual = {key: connection.settings_dict[key] for key in ACCESS}
    owner = {key: settings.DATABASE_OWNER[key] for key in ACCESS}
    if owner == usual:
        yield connection
        return
    connection.close()
    connection.settings_dict.update(owner)
    try:
        yield connection
    finally:
        connection.close()
        connection.settings_dict.update(usual)
