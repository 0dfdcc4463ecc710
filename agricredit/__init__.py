"""AgriCredit 农安信用: the roof that joins archives, rating, certificates and supervision."""

from agricredit.celery import app as celery_app

__all__ = ["celery_app"]
