"""Certificates issued by township in the last 30 and 90 days, counted once a night."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from agricredit.foundation.common import clock
from archives.models import Figure
from archives.services.figures import DAYS, store

_ISSUED = """
    SELECT left(p.region_id, 9), coalesce(sum(c.n30), 0), coalesce(sum(c.n90), 0)
    FROM (
        SELECT producer_id, count(*) FILTER (WHERE issued_on > %(d30)s) AS n30, count(*) AS n90
        FROM certificates_certificate WHERE issued_on > %(d90)s AND status = 'issued' GROUP BY 1
    ) c JOIN archives_producer p ON p.id = c.producer_id GROUP BY 1
"""


def measure() -> None:
    """Count anew; safe to repeat."""
    day = clock.today()
    with connection.cursor() as cursor:
        cursor.execute(_ISSUED, {f"d{days}": day - timedelta(days=days) for days in DAYS})
        rows = cursor.fetchall()
    store((Figure.CERTIFICATES_30, Figure.CERTIFICATES_90), {code: counts for code, *counts in rows})
