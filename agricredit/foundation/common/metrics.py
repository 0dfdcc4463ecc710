"""``/metrics`` for Prometheus: requests and latency, jobs by state, the ledger's size, the outbox's lag."""

from __future__ import annotations

import hmac
import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# Several processes that serve one address share their counters through files; the folder must exist first.
if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

SECONDS = Histogram(
    "agricredit_request_seconds",
    "Requests and how long they took, by method, route and status.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def observe_request(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request; ``route`` is the URL pattern, never the address (it may name a person)."""
    SECONDS.labels(method, route, str(status)).observe(seconds)


class DatabaseCollector(Collector):
    """What only the database knows, read when Prometheus asks; nothing when the database is away."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge for each question."""
        try:
            yield from [self._jobs(), self._ledger(), self._outbox()]
        except DatabaseError:
            yield GaugeMetricFamily("agricredit_database_up", "Whether the database answered.", value=0)
        else:
            yield GaugeMetricFamily("agricredit_database_up", "Whether the database answered.", value=1)

    def _jobs(self) -> GaugeMetricFamily:
        gauge = GaugeMetricFamily("agricredit_jobs", "Background jobs by state.", labels=["state"])
        states = apps.get_model("jobs", "Job").objects.order_by().values_list("state").annotate(Count("pk"))
        for state, number in states:
            gauge.add_metric([state], number)
        return gauge

    def _ledger(self) -> GaugeMetricFamily:
        """The planner's estimate: counting a hundred million rows is not a question to ask each minute."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = to_regclass('archives_creditevent')")
            row = cursor.fetchone()
        estimate = max(0, row[0]) if row else 0
        return GaugeMetricFamily("agricredit_ledger_events", "Credit events, estimated.", value=estimate)

    def _outbox(self) -> GaugeMetricFamily:
        waiting = apps.get_model("jobs", "OutboxMessage").objects.filter(delivered_at=None)
        oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
        age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
        return GaugeMetricFamily(
            "agricredit_outbox_lag_seconds", "Age of the oldest undelivered message.", value=age
        )


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for this machine or for whoever has the token."""
    if not may_read(request):
        return HttpResponse(
            _("只限本机或持有令牌者读取。"), status=403, content_type="text/plain; charset=utf-8"
        )
    return HttpResponse(_figures(), content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    """True with the bearer token, or from this very machine (a forwarded request is never that)."""
    token = settings.ENV.AGRICREDIT_METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    if settings.ENV.AGRICREDIT_TRUST_PROXY or {"X-Forwarded-For", "Forwarded"} & request.headers.keys():
        return False
    return _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _figures() -> bytes:
    shared = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # untyped in its package
    else:
        shared = REGISTRY
    database = CollectorRegistry()
    database.register(DatabaseCollector())
    return generate_latest(shared) + generate_latest(database)


urlpatterns = [path("metrics", metrics, name="metrics")]
