"""App configuration."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ArchivesConfig(AppConfig):
    """See the package's docstring."""

    name = "archives"
    verbose_name = _("信用档案")

    def ready(self) -> None:
        """Teach the audit the archives' verbs; after every migrate have the bans and the input catalogue."""
        from archives import verbs  # noqa: F401 - registering is what importing it does
        from archives.ledger import verbs as ledger_verbs  # noqa: F401 - likewise

        post_migrate.connect(_load, sender=self, dispatch_uid="archives.load_inputs")


def _load(**_facts: Any) -> None:
    from archives.services.catalogue import load_inputs

    load_inputs(migrating=True)
