"""The Celery application; tasks are found in each app's ``tasks.py`` and in ``agricredit.reactions``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agricredit.settings")

app = Celery("agricredit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["agricredit"], related_name="reactions")
