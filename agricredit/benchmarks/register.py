"""The register as a county officer uses it: list, every filter, search, a file, charts (limit: 300 ms).

Whole answers are timed, from the address to the page: login, rights, queries, templates. The county holds all
producers, so that nothing is narrowed away.
"""

from __future__ import annotations

import logging
import random
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agricredit.benchmarks import dataset, search, timing
from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.common.clock import now, today
from agricredit.foundation.common.collecting import spare_what_stays
from archives.models import Product
from archives.services import figures, profiles
from archives.services.reference import load_products
from certificates.services import figures as issued_figures
from rating.models import Scheme
from rating.services import schemes
from supervision.models import Plan

LIMIT_MS = 300
FILES = 4  # for every round: other producers each time
# One in a hundred has the lowest grade, one in twenty an overdue task, each grows one of forty products.
_STANDINGS = """
    INSERT INTO rating_standing (producer_id, status, official_grade, official_score, official_year,
        previous_grade, live_grade, live_status, objected)
    SELECT id, 'rated',
        CASE WHEN id %% 100 = 0 THEN 'C' ELSE ('{AAAA,AAA,AA,A,B}'::text[])[1 + id %% 5] END,
        8500, %s, '', '', 'none', false FROM archives_producer
"""
_GROWN = """
    INSERT INTO archives_producerproduct (producer_id, product_id)
    SELECT id, (%s::bigint[])[1 + id %% cardinality(%s::bigint[])] FROM archives_producer
"""
_TASKS = """
    INSERT INTO supervision_task (plan_id, producer_id, kind, month, due_on, state)
    SELECT %s, id, 'guidance', 1, %s, CASE WHEN id %% 20 = 0 THEN 'open' ELSE 'cancelled' END
    FROM archives_producer
"""


def run(producers: int, years: int, rounds: int) -> dict[str, Any]:
    """Milliseconds and queries of each page; ``vs_limit``: the slowest page's p50 and p99 over the limit."""
    seconds = _world(producers, years)
    logging.getLogger("agricredit.request").setLevel(logging.WARNING)
    client = _officer()
    spare_what_stays()  # as a serving process does
    listed = reverse("admin:archives_producer_changelist")
    pages = {name: f"{listed}?{query}" for name, query in _queries().items()}
    files = FILES * rounds
    report = {name: _timed(client, partial(_same, address), rounds) for name, address in pages.items()}
    dice = random.Random(4)  # noqa: S311 - a sample
    chosen = [dice.randrange(1, producers + 1) for _ in range(files)]
    report["file"] = _timed(client, lambda n: reverse("office-producer", args=[chosen[n]]), files)
    report["evidence_page"] = _timed(
        client, lambda n: reverse("office-producer-section", args=[chosen[n], "evidence"]), files
    )
    report["charts"] = _timed(client, lambda _n: reverse("office-register"), rounds)
    worst = {of: max(one[f"{of}_ms"] for one in report.values()) for of in ("p50", "p99")}
    return {
        "benchmark": "register",
        "producers": producers,
        "events": producers * years * dataset.EVENTS_A_YEAR,
        "seconds": seconds,
        "pages": report,
        "vs_limit": {of: round(value / LIMIT_MS, 2) for of, value in worst.items()},
    }


def _queries() -> dict[str, str]:
    product = Product.objects.order_by("pk").values_list("pk", flat=True).first()
    return {
        "list": "",
        "list_page_5": "p=5",
        "township": "township=440823105",
        "kind": "kind__exact=cooperative",
        "product": f"product={product}",
        "grade": "grade=AAA",
        "grade_rare": "grade=C",
        "grade_none": "grade=none",
        "overdue_confirmation": "due=confirm",
        "overdue_visit": "due=visit",
        "incomplete": "complete=poor",
        "complete": "complete=full",
        "all_together": f"township=440823105&grade=AA&product={product}&complete=partly",
        "search_name": "q=绿源",
        "search_initials": "q=lysc",
        "search_miss": "q=鑫淼焱",
    }


def _same(address: str, _round: int) -> str:
    return address


def _timed(client: Client, address: Callable[[int], str], rounds: int) -> dict[str, Any]:
    """Queries of the first answer, which also warms; then times and this process's own work of the others."""
    connection.queries_log.clear()  # bounded: a full one would count nothing
    with CaptureQueriesContext(connection) as captured:
        _fetch(client, address(0))
    queries = len(captured.captured_queries)  # the next request forgets them
    spent = time.process_time()
    times = timing.each(lambda n: _fetch(client, address(n)), range(rounds))
    spent = (time.process_time() - spent) / rounds * 1000
    return {**timing.percentiles(times), "cpu_ms": round(spent, 1), "queries": queries}


def _fetch(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")


def _officer() -> Client:
    """A county officer who has passed the second factor."""
    user = User.objects.create_user(
        username="benchmark", name="测速", role=Role.COUNTY_OFFICER, region_code="440823", is_staff=True
    )
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
    session.save()
    return client


def _world(producers: int, years: int) -> dict[str, float]:
    """Producers, ledger, standings, products, tasks; the seconds of that and of the house's own counts."""
    seconds = {"data": search.named_producers(producers)}
    begun = time.perf_counter()
    dataset.events(producers, years)
    load_products()
    schemes.load_shipped()
    row = Scheme.objects.filter(code="gd-r1").latest("pk")
    if row.state != row.State.IN_FORCE:
        row = schemes.bring_into_force(scheme=row, valid_from=date(2020, 1, 1))
    schemes.assign(region_code="44", scheme=row, valid_from=date(2020, 1, 1))
    plan = Plan.objects.create(region_code="440823", year=today().year, made_at=now())
    products = list(Product.objects.order_by("pk").values_list("pk", flat=True)[:40])
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, [dataset.rated_year()])
        cursor.execute(_GROWN, [products, products])
        cursor.execute(_TASKS, [plan.pk, date(today().year, 1, 31)])
    seconds["data"] += time.perf_counter() - begun
    sys.stderr.write("counting\n")
    for name, count in (
        ("profile_states", profiles.refresh_all),
        ("figures", figures.measure),
        ("certificate_figures", issued_figures.measure),
    ):
        begun = time.perf_counter()
        count()
        seconds[name] = time.perf_counter() - begun
    dataset.settle()
    return {name: round(took, 1) for name, took in seconds.items()}
