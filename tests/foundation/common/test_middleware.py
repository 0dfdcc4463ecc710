"""Request ids, log lines, caching rules and content security policies."""

import logging

import pytest
from csp.middleware import CSPMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.urls import ResolverMatch

from agricredit.foundation.common.middleware import RequestLogMiddleware

PHONE = "13812345678"


@pytest.fixture
def ask(rf):
    def asked(path="/", user=None, route="", response=None, **headers):
        def view(request):
            if user is not None:
                request.user = user
            request.resolver_match = ResolverMatch(lambda: None, (), {}, route=route) if route else None
            return response or HttpResponse("ok")

        request = rf.get(path, headers=headers)
        return RequestLogMiddleware(CSPMiddleware(view))(request)

    return asked


@pytest.fixture
def line(caplog):
    caplog.set_level(logging.INFO, "agricredit.request")
    return lambda: next(record for record in caplog.records if record.name == "agricredit.request")


def test_log_line_names_the_route_and_nobody(ask, line, django_user_model):
    ask(f"/c/{PHONE}?q={PHONE}", route="c/<code>", user=django_user_model(pk=7, username=PHONE))
    record = line()
    assert (record.method, record.route, record.status, record.bytes, record.user_id) == (
        "GET",
        "c/<code>",
        200,
        2,
        7,
    )
    assert PHONE not in str(vars(record))


def test_server_errors_are_logged_as_errors(ask, line):
    ask(response=HttpResponse(status=503))
    assert line().levelno == logging.ERROR


def test_request_id_is_kept_when_it_is_one_and_made_otherwise(ask):
    assert ask(**{"X-Request-ID": "abcdef-12345678"})["X-Request-ID"] == "abcdef-12345678"
    for bad in ["short", "line\tbreak-here", "x" * 65]:
        made = ask(**{"X-Request-ID": bad})["X-Request-ID"]
        assert made != bad
        assert len(made) == 32


def test_pages_of_an_account_are_not_stored(ask, django_user_model):
    assert ask(user=django_user_model(pk=7))["Cache-Control"] == "no-store, private"
    assert "Cache-Control" not in ask()
    assert "Cache-Control" not in ask(user=AnonymousUser())
    given = HttpResponse(headers={"Cache-Control": "max-age=60"})
    assert ask(user=django_user_model(pk=7), response=given)["Cache-Control"] == "max-age=60"


def policy(response):
    header = response["Content-Security-Policy"]
    return {name: values for name, *values in (part.split() for part in header.split(";") if part.strip())}


def test_everything_is_strict_but_the_back_office(ask):
    strict = policy(ask("/my/"))
    assert strict["script-src"] == ["'self'"]
    assert strict["style-src"] == ["'self'"]
    admin = policy(ask("/admin/jobs/job/"))
    assert "'unsafe-eval'" in admin["script-src"]
    assert "'unsafe-inline'" in admin["style-src"]
    assert policy(ask("/api/v1/docs/")) == strict
    for kept in ("default-src", "object-src", "frame-ancestors", "base-uri", "form-action"):
        assert admin[kept] == strict[kept]


def test_an_address_with_a_nul_is_refused_before_any_query(client):
    for address in ("/p/%00/", "/search/?q=%00", "/api/v1/public/producers/%00/"):
        response = client.get(address)
        assert response.status_code == 400
        assert response.content.decode() == "地址中含有不允许的字符。"
