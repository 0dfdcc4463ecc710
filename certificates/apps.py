"""App configuration."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """See the package's docstring."""

    name = "certificates"
    verbose_name = "承诺达标合格证"
