"""App configuration."""

from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    """See the package's docstring."""

    name = "archives"
    verbose_name = "信用档案"
