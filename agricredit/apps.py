"""The roof as a Django app: it has commands and pages of its own, and no models."""

from importlib import import_module

from django.apps import AppConfig


class RoofConfig(AppConfig):
    """Installed last, so that its commands may see all four floors."""

    name = "agricredit"
    label = "roof"
    verbose_name = "农安信用"

    def ready(self) -> None:
        """Every process that may emit to the outbox must know who listens."""
        import_module("agricredit.reactions")
