"""``manage.py rotate_personal_data``: re-encrypt personal data with the first configured key."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from agricredit.foundation.common.crypto import EncryptedTextField, UndecipherableError, rotate_personal_data


class Command(BaseCommand):
    """Put the new key first in AGRICREDIT_PERSONAL_DATA_KEYS, run this, then take the old key out."""

    help = "Re-encrypts personal data with the first of AGRICREDIT_PERSONAL_DATA_KEYS; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Every encrypted column of every installed table, with one line each."""
        for model in apps.get_models():
            names = [field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)]
            if not names or model._meta.proxy or not model._meta.managed:
                continue
            try:
                changed = rotate_personal_data(model._base_manager.all(), names)
            except UndecipherableError as error:
                raise CommandError(f"{model._meta.label}: {error}") from error
            self.stdout.write(f"{model._meta.label} ({', '.join(names)}): {changed}")
