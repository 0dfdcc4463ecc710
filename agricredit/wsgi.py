"""The web server's entry: refuses to serve with a configuration that the checks refuse."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from agricredit.foundation.common.collecting import spare_what_stays

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agricredit.settings")


def refuse_unusable_configuration() -> None:
    """Raise ImproperlyConfigured with every sentence at once."""
    from django.conf import settings

    problems = list(settings.ENVIRONMENT_PROBLEMS)
    if not settings.ENV.DATABASE_URL or not settings.REDIS_URL:
        problems.append("DATABASE_URL and REDIS_URL are missing: only manage.py brings embedded ones.")
    if problems:
        raise ImproperlyConfigured(
            "AgriCredit does not serve:\n" + "\n".join(f"- {each}" for each in problems)
        )


refuse_unusable_configuration()
application = get_wsgi_application()
spare_what_stays()
