"""App configuration."""

from django.apps import AppConfig


class RatingConfig(AppConfig):
    """See the package's docstring."""

    name = "rating"
    verbose_name = "信用评价"
