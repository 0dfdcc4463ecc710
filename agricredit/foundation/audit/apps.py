"""App configuration."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """See the package's docstring."""

    name = "agricredit.foundation.audit"
    label = "audit"
    verbose_name = "操作日志"
