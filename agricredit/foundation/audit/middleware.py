"""Tells the audit who acts in a request."""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .actor import RequestFacts, acting_as

MAX_REQUEST_ID = 64


def client_ip(request: HttpRequest) -> str:
    """The caller's address; behind one trusted proxy, the last that the proxy itself saw."""
    if settings.ENV.AGRICREDIT_TRUST_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "")
        if forwarded:
            return forwarded.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


class ActorMiddleware:
    """Binds user, request id and address to everything the request writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with its maker as the actor (``request.user`` is looked up only when asked)."""
        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        facts = RequestFacts(request_id=str(request_id)[:MAX_REQUEST_ID], ip=client_ip(request))
        with acting_as(request.user, facts):
            return self.get_response(request)
