"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """See the package's docstring."""

    name = "agricredit.foundation.audit"
    label = "audit"
    verbose_name = _("操作日志")

    def ready(self) -> None:
        """Register the common verbs."""
        from . import verbs  # noqa: F401 - registers on import
