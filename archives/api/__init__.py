"""The archives' part of ``/api/v1/``."""
