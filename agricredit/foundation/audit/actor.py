"""Who is acting now, and in which request: known to services without being handed down to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from agricredit.foundation.accounts.models import User

    AnyUser = User | AnonymousUser | None


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What an audit line keeps of the request it was written in."""

    request_id: str = ""
    ip: str = ""


_actor: ContextVar["AnyUser"] = ContextVar("audit_actor", default=None)
_OUTSIDE = RequestFacts()
_request: ContextVar[RequestFacts] = ContextVar("audit_request", default=_OUTSIDE)


def current() -> "User | None":
    """The logged-in account that acts, or None: the system itself (or a visitor)."""
    user = _actor.get()
    if user is None or not user.is_authenticated:
        return None
    return user


def current_request() -> RequestFacts:
    """Request id and client address; empty in jobs and commands."""
    return _request.get()


@contextmanager
def acting_as(user: "AnyUser", request: RequestFacts | None = None) -> Iterator[None]:
    """Everything written inside is done by ``user`` (a job sets the person who asked for it)."""
    actor_token = _actor.set(user)
    request_token = _request.set(request if request is not None else _request.get())
    try:
        yield
    finally:
        _request.reset(request_token)
        _actor.reset(actor_token)
