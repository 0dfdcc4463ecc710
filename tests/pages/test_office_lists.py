"""Every page of the back office opens for each role as its permissions say, in Chinese, own rows only."""

import re
from enum import Enum
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from agricredit.foundation.accounts.roles import PERMISSIONS, STAFF, Role
from tests.factories.accounts import UserFactory, enter
from tests.pages.office_rows import make_rows

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
WORD = re.compile(r"(?<![\w./:-])[A-Za-z][A-Za-z'_.-]{2,}(?![\w/:-])")
#: Latin words that a Chinese screen may show: grades, codes of sources, the languages' own names.
ALLOWED = re.compile(
    r"^(?:[A-D]{1,4}|SHA|JSON|CSV|XLSX|Excel|TOTP|API|English|zh-hans|esc|certificates|[a-z_]+\.[a-z_.]+|[A-Z]{16})$"
)


@pytest.fixture(params=sorted(STAFF), ids=lambda role: role.value)
def officer(request):
    return UserFactory(role=request.param)


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def may_view(role, model):
    app, name = model._meta.app_label, model._meta.model_name
    return bool({f"{app}.view_{name}", f"{app}.change_{name}"} & PERMISSIONS[Role(role)])


class Reader(HTMLParser):
    """What a reader sees: no scripts, styles, icons or attributes."""

    hidden = {"script", "style", "template", "title", "code", "pre"}

    def __init__(self):
        super().__init__()
        self.words, self.inside = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in {"input", "img", "br", "hr", "link", "meta", "path"}:
            icon = "material-symbols" in (dict(attrs).get("class") or "")
            self.inside.append((tag, icon or tag in self.hidden))

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop()[0] != tag:
            continue

    def handle_data(self, data):
        if not any(hidden for _tag, hidden in self.inside):
            self.words += WORD.findall(data)


def english_in(html):
    reader = Reader()
    reader.feed(html)
    return sorted({word for word in reader.words if not ALLOWED.match(word)})


def test_each_list_opens_for_those_who_may_and_for_nobody_else(officer):
    client = enter(Client(), officer)
    answers = {model._meta.label: client.get(address(model, "changelist")).status_code for model in MODELS}
    assert answers == {model._meta.label: 200 if may_view(officer.role, model) else 403 for model in MODELS}


def test_the_home_opens_for_all_staff(officer):
    response = enter(Client(), officer).get("/admin/")
    assert response.status_code == 200
    assert "今日工作" in response.content.decode()


def test_pages_with_rows_are_chinese_and_show_the_own_region_only():
    rows = make_rows(region="440823")
    foreign = make_rows(region="440825")
    client = enter(Client(), UserFactory(role=Role.COUNTY_OFFICER, region_code="440823"))
    english, leaks, missing = {}, [], []
    for model in MODELS:
        if not may_view(Role.COUNTY_OFFICER, model):
            continue
        html = client.get(address(model, "changelist")).content.decode()
        if found := english_in(html):
            english[model._meta.label] = found
        for row in rows.get(model, []):
            response = client.get(address(model, "change", row.pk))
            if response.status_code != 200:
                missing.append(model._meta.label)
            elif found := english_in(response.content.decode()):
                english[f"{model._meta.label} page"] = found
        for row in foreign.get(model, []):
            response = client.get(address(model, "change", row.pk))
            if response.status_code == 200 or address(model, "change", row.pk) in html:
                leaks.append(model._meta.label)
    assert not missing
    assert not leaks
    assert english == {}


def test_a_list_of_many_rows_asks_as_often_as_a_list_of_one(monkeypatch):
    # On a slow machine the walk takes minutes: renewing the session is no part of what a list asks.
    monkeypatch.setattr("agricredit.foundation.accounts.sessions.RENEW_AFTER_SECONDS", 3600)
    client = enter(Client(), UserFactory(role=Role.COUNTY_OFFICER, region_code="440823"))
    models = [model for model in MODELS if may_view(Role.COUNTY_OFFICER, model)]
    make_rows(region="440823")
    one = {model._meta.label: queries_of(client, model) for model in models}
    for _ in range(3):
        make_rows(region="440823")
    many = {model._meta.label: queries_of(client, model) for model in models}
    assert {label: count for label, count in many.items() if count > one[label]} == {}
    assert max(many.values()) <= 16


def queries_of(client, model):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address(model, "changelist"))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address(model, "changelist")).status_code == 200
    return len(captured)


def test_lists_open_in_english_too():
    make_rows(region="440823")
    client = enter(Client(), UserFactory(role=Role.COUNTY_OFFICER, region_code="440823"))
    client.cookies["django_language"] = "en"
    for model in MODELS:
        if may_view(Role.COUNTY_OFFICER, model):
            assert client.get(address(model, "changelist")).status_code == 200


def test_every_coloured_label_has_a_colour_for_each_state():
    """A state without one would show its code instead of its words."""
    lacking = []
    for model, page in admin.site._registry.items():
        for name in page.list_display:
            colours = getattr(getattr(page, str(name), None), "label", None)
            if isinstance(colours, dict) and isinstance(next(iter(colours)), Enum):
                lacking += [
                    (model, name, state) for state in type(next(iter(colours))) if state not in colours
                ]
    assert lacking == []


def test_the_system_administrator_opens_and_stops_a_schedule():
    every = IntervalSchedule.objects.create(every=20, period="seconds")
    task = PeriodicTask.objects.create(name="jobs-redispatch", task="jobs.redispatch", interval=every)
    client = enter(Client(), UserFactory(role=Role.SYSTEM_ADMIN))
    page = address(PeriodicTask, "change", task.pk)
    assert client.get(page).status_code == 200
    fields = {
        "name": task.name,
        "task": task.task,
        "interval": every.pk,
        "args": "[]",
        "kwargs": "{}",
        "headers": "{}",
    }
    client.post(page, fields)
    task.refresh_from_db()
    assert not task.enabled
