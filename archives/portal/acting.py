"""For whom a person acts in the portal: its own producer, or one of several; kept in the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from archives.models import Membership, MembershipRole, Producer

SESSION_KEY = "portal_producer"


@dataclass(frozen=True)
class Acting:
    """One producer that the person may act for, as what, and whether there are others to choose from."""

    producer: Producer
    role: str
    several: bool = False

    @property
    def on_behalf(self) -> bool:
        """Whether a helper acts for somebody else (代办): said on screen and written to the audit."""
        return self.role == MembershipRole.HELPER


def actable(user: Any) -> list[Acting]:
    """All producers the person may act for, by name; a merged one counts as what it became."""
    memberships = list(Membership.objects.in_force().filter(user=user).select_related("producer"))
    merged = [row.producer_id for row in memberships if row.producer.merged_into_id is not None]
    became = Producer.objects.resolve(merged) if merged else {}
    roles: dict[int, str] = {}
    for row in memberships:
        producer_id = became[row.producer_id].pk if row.producer_id in became else row.producer_id
        if roles.get(producer_id) != MembershipRole.OWNER:
            roles[producer_id] = row.role
    rows = (
        Producer.objects.visible_to(user)
        .filter(pk__in=roles)
        .select_related("region", "idle_finding")
        .order_by("name", "pk")
    )
    found = list(rows)
    return [Acting(row, roles[row.pk], len(found) > 1) for row in found]


def current(request: HttpRequest) -> Acting | None:
    """Whom the request acts for; None when there is nobody, or several and none has been chosen."""
    mine = actable(request.user)
    chosen = request.session.get(SESSION_KEY)
    for acting in mine:
        if acting.producer.pk == chosen:
            return acting
    return mine[0] if len(mine) == 1 else None


def portal_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of one producer: ``view(request, acting, …)`` after logging in and, if need be, choosing."""

    @never_cache
    @login_required
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        acting = current(request)
        if acting is not None:
            return view(request, acting, *args, **kwargs)
        if not Membership.objects.in_force().filter(user=request.user.pk).exists():
            return render(request, "portal/nobody.html", status=403)
        return redirect(f"{reverse('my:choose')}?{urlencode({'next': request.get_full_path()})}")

    return page
