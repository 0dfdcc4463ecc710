"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """See the package's docstring."""

    name = "agricredit.foundation.jobs"
    label = "jobs"
    verbose_name = _("后台任务")

    def ready(self) -> None:
        """Register the audit verbs."""
        from agricredit.foundation.jobs import verbs  # noqa: F401 - registers on import
