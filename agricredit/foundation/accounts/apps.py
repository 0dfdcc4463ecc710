"""App configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """See the package's docstring."""

    name = "agricredit.foundation.accounts"
    label = "accounts"
    verbose_name = _("账号与权限")

    def ready(self) -> None:
        """Register verbs and the key's OpenAPI scheme; keep the groups equal to the permissions file."""
        from . import verbs  # noqa: F401 - registers on import
        from .api import schema  # noqa: F401 - registers on import
        from .groups import sync_groups

        post_migrate.connect(sync_groups, dispatch_uid="accounts.sync_groups")
