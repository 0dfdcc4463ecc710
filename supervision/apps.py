"""App configuration."""

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    """See the package's docstring."""

    name = "supervision"
    verbose_name = "监督检查"
