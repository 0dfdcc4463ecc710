"""App configuration."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """See the package's docstring."""

    name = "agricredit.foundation.audit"
    label = "audit"
    verbose_name = "操作日志"

    def ready(self) -> None:
        """Register the common verbs."""
        from . import verbs  # noqa: F401 - registers on import
