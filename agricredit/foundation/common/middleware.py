"""The outermost middleware: request id, one log line a request, cache rule, and the back office's own CSP."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from csp.constants import HEADER as CSP_HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from agricredit.foundation.common import metrics

logger = logging.getLogger("agricredit.request")

REQUEST_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")


class RequestLogMiddleware:
    """Gives each request an id and leaves one structured line about it, without personal data.

    The route (``certificates/<code>/``) is logged, never the address or the query: those may hold names,
    phone numbers or the unguessable code of a person's certificate.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Django's contract."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request and log it."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.match(given) else uuid.uuid4().hex
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            apply_page_policy(request, response)
            forbid_storing(request, response)
            response["X-Request-ID"] = request_id
            seconds = time.perf_counter() - started
            log_request(request, response, seconds)
            match = request.resolver_match
            metrics.observe_request(
                method=request.method or "",
                route=match.route if match else "",
                status=response.status_code,
                seconds=seconds,
            )
        return response


class SoundAddressMiddleware:
    """Refuses addresses that hold a NUL: no column can, so every query made of one would be an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Django's contract."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """400 for such an address, path or query."""
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest(
                _("地址中含有不允许的字符。"), content_type="text/plain; charset=utf-8"
            )
        return self.get_response(request)


def log_request(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """One line: method, route, status, milliseconds, size and the account's number."""
    user = _known_user(request)
    match = request.resolver_match
    level = logging.ERROR if response.status_code >= 500 else logging.INFO
    logger.log(
        level,
        "request",
        extra={
            "method": request.method,
            "route": match.route if match else "",
            "status": response.status_code,
            "milliseconds": round(seconds * 1000, 1),
            "bytes": 0 if response.streaming else len(response.content),
            "user_id": getattr(user, "pk", None),
        },
    )


def apply_page_policy(request: HttpRequest, response: HttpResponse) -> None:
    """Replace the strict content security policy on the back office: Unfold needs Alpine and inline styles.

    This runs outside django-csp's middleware, so the header it wrote is replaced and its exemptions are kept.
    """
    if request.path_info.startswith("/admin/") and CSP_HEADER in response:
        response[CSP_HEADER] = build_policy(replace=settings.ADMIN_CONTENT_SECURITY_POLICY)


def forbid_storing(request: HttpRequest, response: HttpResponse) -> None:
    """Pages made for a known account are never stored by a shared computer's browser or a proxy."""
    if "Cache-Control" in response:
        return
    user = _known_user(request)
    if user is not None and user.is_authenticated:
        patch_cache_control(response, no_store=True, private=True)


def _known_user(request: HttpRequest) -> Any:
    """The account if the request has looked at it; asking for it now would cost every public page a query."""
    cached = getattr(request, "_cached_user", None)
    if cached is not None:
        return cached
    user = request.__dict__.get("user")
    return user if hasattr(type(user), "_meta") else None
