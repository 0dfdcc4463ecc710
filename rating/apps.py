"""App configuration."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RatingConfig(AppConfig):
    """Registers the app's audit sentences and job kinds when it is ready."""

    name = "rating"
    verbose_name = _("信用评价")

    def ready(self) -> None:
        """Verbs and jobs must be known to every process that may record or run one."""
        import_module("rating.verbs")
        import_module("rating.tasks")
