"""What every template may show of the installation itself."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from agricredit.foundation.common.clock import today


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name and public address, the division that runs it, and today's Shanghai date."""
    return {
        "site_name": settings.SITE_NAME,
        "public_url": settings.PUBLIC_URL,
        "home_region": settings.HOME_REGION,
        "today": today(),
    }
