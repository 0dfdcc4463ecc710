"""django-allauth's settings, star-imported by ``agricredit.settings``."""

ACCOUNT_ADAPTER = "agricredit.foundation.accounts.adapter.AccountAdapter"
