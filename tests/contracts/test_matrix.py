"""Who sees what: every address as every role, a stranger and every kind of key (DESIGN §7).

Foreign rows exist for every model, bear unmistakable names and appear in no answer; what a role may not write
is refused, and nothing changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import auth
from django.db import connection, transaction
from django.test import Client
from rest_framework.throttling import SimpleRateThrottle

from agricredit.foundation.accounts.api.permissions import HasRight, HasScope, for_method
from agricredit.foundation.accounts.roles import OFFICERS, Role
from agricredit.foundation.accounts.scopes import SCOPES
from agricredit.pages.office import navigation
from supervision.models import WatchReport
from supervision.querysets import WATCHERS
from tests.contracts.places import Place
from tests.contracts.routes import Route, autocompletes, routes
from tests.contracts.world import World, build
from tests.factories.accounts import enter

pytestmark = pytest.mark.django_db
KEYS = ["key-agency", "key-producer", "key-market", "key-laboratory"]
PEOPLE = ["anonymous", *(role.value for role in Role)]
WHO = PEOPLE + KEYS
#: Public pages are the same for all, so three read them: a stranger, an officer, a producer.
READERS = {"anonymous", "county_officer", "producer"}
BUSINESS = {"archives", "rating", "certificates", "supervision"}
REFUSED = {301, 302, 400, 401, 403, 404, 405, 409, 415}

#: What an administrator sees by office: the account's keeper all names, the audit's reader all lines.
BY_OFFICE = {
    "security_admin": re.compile(r"^/admin/(accounts/.*|autocomplete/)?$"),
    "audit_admin": re.compile(r"^/admin/(audit/.*)?$"),
}
#: Scopes that only ask, but with more than an address holds.
ASKING = {"credit-checks"}
#: Pages whose posts belong to the entrance (tests/foundation/accounts) and to visitors' own preferences.
NOT_POSTED = (
    "/accounts/",
    "/admin/login/",
    "/admin/logout/",
    "/i18n/",
    "/preferences/",
    "/admin/password_change/",
)
#: Tables that a request may write whatever it is for.
BOOKKEEPING = {"django_session", "audit_auditline", "django_admin_log", "accounts_apikey"}

#: Models without ``visible_to``, and why that is right.
WITHOUT_RULE = {
    "archives.LedgerTile": "hashes over the whole ledger; no page shows them",
    "archives.InputItemEvent": "history kept by triggers of a public catalogue",
    "archives.InputLabelEvent": "history kept by triggers of a public catalogue",
    "archives.SubstanceRuleEvent": "history kept by triggers of a public catalogue",
    "archives.ProducerEvent": "history kept by triggers; shown only beside its producer, which has the rule",
    "archives.RegionMove": "a line of a division's change; shown only beside it, which has the rule",
    "archives.RegionSuccession": "which division became which is public",
    "jobs.OutboxMessage": "messages between floors; no page shows them",
}
#: Models with the rule but without a row of each place, and why.
NOT_IN_PLACES = {
    "archives.Region": "divisions are public",
    "archives.IdempotentCall": "answers kept for the account that called; no page shows them",
    "jobs.ExportFile": "one's own alone, whatever the division (tests/archives/exchange/test_exports.py)",
    "archives.Product": "the catalogue is the same for everybody",
    "archives.InputItem": "the input catalogue is the same for everybody",
    "archives.InputLabel": "the input catalogue is the same for everybody",
    "archives.SubstanceRule": "the law is the same for everybody",
    "archives.Seal": "seals are published",
    "calendar.CalendarDay": "the public calendar",
    "archives.NoticeText": "published texts that producers sign and are handed",
    "rating.Scheme": "rules are public once in force",
    "rating.RegionScheme": "which rules hold where is public",
    "rating.RatingRun": "one run spans places; officers below see the runs above them",
    "rating.RunShard": "a part of a run",
    "rating.ConsequenceTable": "one table holds for all; officers only",
    "rating.ConsequenceRow": "a row of that table",
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Built once; each test works in a savepoint of its own and is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": None, "user": None})


@pytest.fixture(autouse=True)
def _menu_once(monkeypatch):
    """The menu is the same on every page of an account: only the office's home draws it here."""
    whole = navigation.navigation

    def drawn(request):
        return whole(request) if request.path == "/admin/" else [{"title": "", "items": []}]

    monkeypatch.setattr(navigation, "navigation", drawn)


@pytest.fixture(autouse=True)
def _rights_once(monkeypatch):
    """An account's groups and rights do not change between two requests of a test: they are read once."""
    real, known = auth.get_user, {}

    def remembered(request):
        key = request.session.session_key
        if key not in known:
            known[key] = real(request)
        return known[key]

    monkeypatch.setattr(auth, "get_user", remembered)


def user_of(world: World, who: str):
    return None if who == "anonymous" else world.users[who.removeprefix("key-")]


def client_of(world: World, who: str) -> Client:
    if who.startswith("key-"):
        return Client(headers={"Authorization": f"Api-Key {world.keys[who.removeprefix('key-')]}"})
    user = user_of(world, who)
    return enter(Client(), user) if user else Client()


def body(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    text = content.decode("utf-8", "replace")
    return text + response.headers.get("Location", "")


def shown(text: str, markers: set[str]) -> set[str]:
    return {marker for marker in markers if marker in text}


def excused(who: str, address: str) -> bool:
    return who in BY_OFFICE and bool(BY_OFFICE[who].match(address))


def forbidden(world: World, who: str, route: Route, address: str) -> set[str]:
    if route.public:
        return world.persons()
    if excused(who, address):
        return set()
    markers = world.forbidden(user_of(world, who))
    return {marker for marker in markers if marker not in address}  # what was asked for may be said back


def opened(world: World, who: str, route: Route, address: str, response) -> bool:
    """Whether a private page of a place out of reach was answered at all."""
    if route.public or response.status_code in REFUSED or excused(who, address):
        return False
    return route.names_a_place(world)


def places(world: World, who: str) -> tuple[Place, ...]:
    """Home and the nearest place out of reach; home alone where that is out of reach itself."""
    user = user_of(world, who)
    return (world.home, world.outside(user)[0]) if user and world.sees_home(user) else (world.home,)


@pytest.mark.parametrize("who", WHO)
def test_no_page_shows_what_is_out_of_reach(world, who):
    client, leaks, faults = client_of(world, who), [], []
    client.raise_request_exception = False
    for route in routes():
        if who.startswith("key-") and not route.pattern.startswith("api/"):
            continue  # a key opens nothing but the API; a page sees a stranger
        if route.public and who not in READERS:
            continue
        for place in places(world, who) if route.arguments else (world.home,):
            for address in route.addresses(world, place):
                response = client.get(address)
                if response.status_code >= 500 and address != "/readyz":
                    faults.append((address, response.status_code))
                found = shown(body(response), forbidden(world, who, route, address))
                if found:
                    leaks.append((address, response.status_code, sorted(found)))
                if place is places(world, who)[-1] and opened(world, who, route, address, response):
                    leaks.append((address, response.status_code, "opened"))
    assert not leaks
    assert not faults


@pytest.mark.parametrize("who", PEOPLE)
def test_no_search_finds_what_is_out_of_reach(world, who):
    client, leaks = client_of(world, who), []
    for route in routes():
        if route.arguments or not ("search" in route.pattern or "changelist" in route.name or route.api_view):
            continue
        address = "/" + route.pattern.replace("^.*$", "nowhere")
        response = client.get(address, {"q": "XPLACE", "s": "XPLACE", "search": "XPLACE"})
        if found := shown(body(response), forbidden(world, who, route, address)):
            leaks.append((address, sorted(found)))
    for query in autocompletes():
        response = client.get("/admin/autocomplete/", query)
        markers = set() if excused(who, "/admin/autocomplete/") else world.forbidden(user_of(world, who))
        if found := shown(body(response), markers):
            leaks.append((query, sorted(found)))
    assert not leaks


@pytest.mark.parametrize("who", WHO)
def test_writes_out_of_reach_are_refused_and_change_nothing(world, who):
    """Empty posts to everything: no fault of ours, no word of foreign rows, and nothing is written."""
    client, wrong = client_of(world, who), []
    client.raise_request_exception = False
    user = user_of(world, who)
    before = snapshot()
    for route in routes():
        if ("/" + route.pattern).startswith(NOT_POSTED):
            continue
        if who.startswith("key-") and not route.pattern.startswith("api/"):
            continue
        for address in route.addresses(world, places(world, who)[-1]):
            response = (
                client.post(address, {}, content_type="application/json")
                if route.api_view
                else client.post(address, {})
            )
            if response.status_code >= 500 or shown(body(response), forbidden(world, who, route, address)):
                wrong.append((address, response.status_code))
            if not may_post(route, user, who, world) and response.status_code not in REFUSED:
                wrong.append((address, response.status_code, "accepted"))
    assert not wrong
    assert changed(before, snapshot()) == []


def may_post(route: Route, user, who: str, world: World) -> bool:
    """Whether the view's own declaration lets the account write; pages decide by themselves."""
    view = route.api_view
    if view is None or not hasattr(view, "post"):
        return view is None
    right = for_method(getattr(view, "required_right", ""), "POST")
    return user is not None and user.has_perm(right)


def snapshot() -> dict[str, tuple]:
    """A checksum of every table that requests do not write by themselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace"
        )
        tables = sorted({row[0] for row in cursor.fetchall()} - BOOKKEEPING)
        sums = {}
        for table in tables:
            cursor.execute(f'SELECT count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM "{table}" t')
            sums[table] = cursor.fetchone()
    return sums


def changed(before: dict[str, tuple], after: dict[str, tuple]) -> list[str]:
    return [table for table in after if before.get(table) != after[table]]


def business_models():
    ground = [app.label for app in apps.get_app_configs() if app.name.startswith("agricredit.foundation")]
    return [model for model in apps.get_models() if model._meta.app_label in BUSINESS.union(ground)]


def has_rule(model) -> bool:
    return hasattr(model._default_manager.all(), "visible_to")


def test_every_model_says_who_may_see_its_rows():
    lacking = {model._meta.label for model in business_models() if not has_rule(model)}
    assert lacking - set(WITHOUT_RULE) == set(), "give them visible_to(user), or say why not in WITHOUT_RULE"
    assert set(WITHOUT_RULE) - lacking == set(), "these have the rule by now: take them off the list"


def test_every_business_model_has_foreign_rows_in_this_matrix(world):
    known = {model._meta.label for model in world.home.rows}
    wanted = {
        model._meta.label
        for model in business_models()
        if model._meta.app_label in BUSINESS and has_rule(model)
    }
    assert wanted - known - set(NOT_IN_PLACES) == set(), (
        "add a row of each place in tests/contracts/*_rows.py"
    )
    for place in world.foreign.values():
        assert set(place.rows) == set(world.home.rows)


@pytest.mark.parametrize("role", list(Role))
def test_rows_are_seen_at_home_and_not_abroad(world, role):
    user = world.users[role]
    for model, rows in world.home.rows.items():
        seen = set(model._default_manager.visible_to(user).values_list("pk", flat=True))
        outside = {row.pk for place in world.outside(user) for row in place.rows[model]}
        assert outside
        assert model._default_manager.filter(pk__in=outside).count() == len(outside)
        assert seen & outside == set(), model
        if role in OFFICERS and (model is not WatchReport or role in WATCHERS):  # the watched do not see it
            assert {row.pk for row in rows} <= seen, model
        if not world.sees_home(user):
            assert seen & {row.pk for row in rows} == set(), model


def test_every_endpoint_declares_scope_and_right():
    for route in routes():
        view = route.api_view
        if view is None or route.pattern in ("api/v1/schema/",):
            continue
        if view.authentication_classes == []:
            assert route.public, f"{route.pattern} asks nobody who they are: say so in PUBLIC"
            assert not {"post", "put", "patch", "delete"} & set(dir(view)), route.pattern
            continue
        assert HasScope in view.permission_classes, route.pattern
        assert HasRight in view.permission_classes, f"{route.pattern} asks for no right"
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if hasattr(view, method.lower()):
                right = for_method(view.required_right, method)
                assert right, (route.pattern, method)
                assert (".view_" in right) == (method == "GET"), (route.pattern, right)


def test_every_scope_opens_something_and_writing_ones_only_writes():
    used: dict[str, set[str]] = {}
    for route in routes():
        for method in ("GET", "POST"):
            if hasattr(route.api_view, method.lower()):
                scope = for_method(getattr(route.api_view, "required_scope", ""), method)
                used.setdefault(scope, set()).add(method)
    used.pop("", None)
    assert set(used) == set(SCOPES)
    for scope, methods in used.items():
        assert methods == ({"POST"} if scope.endswith(":write") or scope in ASKING else {"GET"}), scope


def test_answers_name_no_number_in_the_clear(world):
    """Phones and identity numbers are masked whoever asks."""
    org, phone = world.home.org, "13812345678"
    org.phone, org.phone_hash = phone, "h"
    org.save(update_fields=["phone", "phone_hash"])
    for who in ("county_officer", "producer", "key-agency"):
        client = client_of(world, who)
        for route in routes():
            if route.pattern.startswith("api/") and "<" not in route.pattern:
                assert phone not in body(client.get("/" + route.pattern.replace("^.*$", "nowhere"))), (
                    route.pattern
                )


def test_refusals_of_the_api_have_one_form(world):
    client = Client()
    for address in ("/api/v1/rating/runs/", "/api/v1/nowhere/", "/api/v1/public/producers/nobody/"):
        said = json.loads(client.get(address).content)
        assert set(said) == {"code", "detail", "errors"}, address
        assert settings.LANGUAGE_CODE == "zh-hans"
