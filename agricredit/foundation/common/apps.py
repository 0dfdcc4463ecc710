"""App configuration."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """See the package's docstring."""

    name = "agricredit.foundation.common"
    label = "common"
    verbose_name = "公共"
