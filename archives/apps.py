"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArchivesConfig(AppConfig):
    """See the package's docstring."""

    name = "archives"
    verbose_name = _("信用档案")

    def ready(self) -> None:
        """Teach the audit the archives' verbs."""
        from archives import verbs  # noqa: F401 - registering is what importing it does
        from archives.ledger import verbs as ledger_verbs  # noqa: F401 - likewise
