"""The roof as a Django app: it has commands and pages of its own, and no models."""

from django.apps import AppConfig


class RoofConfig(AppConfig):
    """Installed last, so that its commands may see all four floors."""

    name = "agricredit"
    label = "roof"
    verbose_name = "农安信用"
