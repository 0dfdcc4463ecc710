"""App configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """See the package's docstring."""

    name = "agricredit.foundation.accounts"
    label = "accounts"
    verbose_name = "账号与权限"
