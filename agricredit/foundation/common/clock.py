"""The one clock: business dates are Shanghai dates, moments are aware datetimes.

Services take their time from here, so that a test moves it in one place.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, aware."""
    return timezone.now()


def today() -> date:
    """Today's date in Shanghai, whatever time zone the process or the request runs in."""
    return now().astimezone(SHANGHAI).date()


def shanghai_date(moment: datetime) -> date:
    """The Shanghai date of an aware moment."""
    return moment.astimezone(SHANGHAI).date()
