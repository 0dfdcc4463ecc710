"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    """See the package's docstring."""

    name = "certificates"
    verbose_name = _("承诺达标合格证")

    def ready(self) -> None:
        """Make the audit's sentences and the job kinds known."""
        from certificates import tasks, verbs  # noqa: F401 - registering is what importing them does
        from certificates.services import foreign, platforms  # noqa: F401 - likewise
