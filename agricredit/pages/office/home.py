"""What stands on ``/admin/``: for officers today's work and four charts, for administrators their own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.accounts.roles import ADMINISTRATORS, Role
from agricredit.pages.city import region_name
from agricredit.pages.office import administrators, shops
from agricredit.pages.office.figures import charts
from agricredit.pages.office.todo import todos


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's callback: complete the context of the index page."""
    role = Role(request.user.role)  # type: ignore[union-attr]  # staff only, so an account
    page: dict[str, Any] = {"title": _("今日工作"), "role_word": role.label}
    if role in ADMINISTRATORS:
        page |= administrators.home(request, role)
    else:
        scope = scope_of(request.user)
        page |= {
            "place": region_name(scope.region_code),
            "todos": todos(request),
            "charts": [*charts(scope), *shops.charts(scope)]
            if request.user.has_perm("rating.view_ratingrun")
            else [],
        }
    page["waiting"] = sum(1 for todo in page["todos"] if todo.count and todo.tone != "plain")
    return {**context, **page}
