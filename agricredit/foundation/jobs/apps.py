"""App configuration."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """See the package's docstring."""

    name = "agricredit.foundation.jobs"
    label = "jobs"
    verbose_name = "后台任务"

    def ready(self) -> None:
        """Register the audit verbs."""
        from agricredit.foundation.jobs import verbs  # noqa: F401
