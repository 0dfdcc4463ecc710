"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupervisionConfig(AppConfig):
    """See the package's docstring."""

    name = "supervision"
    verbose_name = _("监督检查")

    def ready(self) -> None:
        """Make the audit's sentences and the job kinds known."""
        from supervision import tasks, verbs  # noqa: F401 - registering is what importing them does
