"""A back-office list as a table: the rows it shows under the filters it has, for the person who asked.

By default the columns are those of the list. A list whose rows can be imported again gives its own table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

AT_ONCE = 500
OWN_PARAMETERS = ("p", "o", "e", "all")


def listing_of(label: str) -> Any:
    """The admin of a model's label; LookupError when there is none."""
    for model, shown in admin.site._registry.items():
        if model._meta.label_lower == label:
            return shown
    raise LookupError(label)


def request_as(user: Any, query: str) -> HttpRequest:
    """A request as the person would make it for the list."""
    given = QueryDict(query, mutable=True)
    for name in OWN_PARAMETERS:
        given.pop(name, None)
    request = HttpRequest()
    request.method, request.path, request.GET = "GET", "/", QueryDict(given.urlencode())
    request.META["QUERY_STRING"] = given.urlencode()
    request.user = user
    return request


def rows_shown(shown: Any, request: HttpRequest) -> QuerySet[Any]:
    """All rows of the list under its filters. PermissionDenied when the person may not open it (any more)."""
    if not shown.has_view_or_change_permission(request):
        raise PermissionDenied
    try:
        changelist = shown.get_changelist_instance(request)
    except IncorrectLookupParameters as error:
        raise PermissionDenied from error
    found: QuerySet[Any] = changelist.get_queryset(request)
    return found


def pages(queryset: QuerySet[Any]) -> Iterator[list[Any]]:
    """The rows in order of id, some at a time: flat, and no long transaction."""
    last: Any = None
    ordered = queryset.order_by("pk")
    while page := list((ordered if last is None else ordered.filter(pk__gt=last))[:AT_ONCE]):
        yield page
        last = page[-1].pk


def columns_shown(shown: Any, request: HttpRequest) -> tuple[list[str], list[str]]:
    """The list's columns: their names, and their headings."""
    names = [name for name in shown.get_list_display(request) if name != "action_checkbox"]
    headings = [str(label_for_field(name, shown.model, shown)) for name in names]
    return names, headings


def cells(shown: Any, names: Sequence[str], row: Any) -> list[str]:
    """What the list says of a row, as text."""
    return [_text(shown, name, row) for name in names]


def _text(shown: Any, name: str, row: Any) -> str:
    try:
        field, _attribute, value = lookup_field(name, row, shown)
    except ObjectDoesNotExist:
        return ""
    if field is not None and getattr(field, "flatchoices", None):
        value = dict(field.flatchoices).get(value, value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if value is None:
        return ""
    return " ".join(strip_tags(str(value)).split())
