"""Keeps the groups equal to ``permissions.yaml``: the platform's only use of a signal, ``post_migrate``."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from .roles import PERMISSIONS


def sync_groups(sender: AppConfig, **_kwargs: Any) -> None:
    """After an app's migrations: grant each role what the file says of that app, and take away the rest.

    Runs for every app; its permissions have just been made by Django's own receiver, which comes first.
    """
    if not sender.models_module:
        return
    known = {
        permission.codename: permission
        for permission in Permission.objects.filter(content_type__app_label=sender.label)
    }
    if not known:
        return
    with transaction.atomic():
        for role, granted in PERMISSIONS.items():
            group, _made = Group.objects.get_or_create(name=role.value)
            prefix = f"{sender.label}."
            wanted = {name.removeprefix(prefix) for name in granted if name.startswith(prefix)}
            held = set(group.permissions.filter(content_type__app_label=sender.label))
            meant = {known[codename] for codename in wanted if codename in known}
            group.permissions.remove(*(held - meant))
            group.permissions.add(*(meant - held))


def unknown_permissions() -> list[str]:
    """Names in the file that no model defines; a test keeps this empty."""
    known = {
        f"{app}.{codename}"
        for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
    }
    return sorted({name for granted in PERMISSIONS.values() for name in granted} - known)
