"""App configuration."""

from importlib import import_module

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """See the package's docstring."""

    name = "agricredit.foundation.common"
    label = "common"
    verbose_name = "公共"

    def ready(self) -> None:
        """Register the system checks."""
        import_module("agricredit.foundation.common.checks")
