"""Paging that never counts the world: keyset cursors, and capped counts for the back office."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.utils.urls import replace_query_param

if TYPE_CHECKING:  # DRF's views import this module by its settings
    from rest_framework.views import APIView

COUNT_CAP = 1000
CURSOR_SALT = "agricredit.keyset"


class CappedCount(int):
    """A count that stopped at the cap: compares as the number it reached, prints as ``1000+``."""

    def __str__(self) -> str:
        """The number and a plus sign."""
        return f"{int(self)}+"


class RoughCount(int):
    """A count estimated from PostgreSQL's statistics; prints as ``约 1200000``."""

    def __str__(self) -> str:
        """The number, marked as approximate."""
        return str(_("约 %(count)d") % {"count": int(self)})


def large_table_count(queryset: QuerySet[Any], cap: int = COUNT_CAP) -> int:
    """Exact up to ``cap``; above it the table's estimate for an unfiltered query, else :class:`CappedCount`.

    Counting a common fragment among a million rows takes 100 ms whatever the index, so it is not done.
    """
    if not _is_filtered(queryset):
        estimate = _estimated_rows(queryset)
        if estimate > cap:
            return RoughCount(estimate)
    counted = queryset.order_by()[: cap + 1].count()
    return CappedCount(cap) if counted > cap else counted


def _is_filtered(queryset: QuerySet[Any]) -> bool:
    query = queryset.query
    return bool(query.where or query.distinct or query.combinator or query.is_sliced)


def _estimated_rows(queryset: QuerySet[Any]) -> int:
    """The planner's row count; a partitioned table is the sum of its partitions."""
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(greatest(reltuples, 0)), 0) FROM pg_class"
            " WHERE oid = %s::regclass"
            " OR oid IN (SELECT relid FROM pg_partition_tree(%s::regclass) WHERE isleaf)",
            [queryset.model._meta.db_table] * 2,
        )
        return int(cursor.fetchone()[0])


class EstimatedCountPaginator(Paginator):  # type: ignore[type-arg]  # no parameters at run time
    """The back office's paginator: ``count`` is :func:`large_table_count`."""

    @cached_property
    def count(self) -> int:
        """Exact, ``1000+`` or approximate."""
        if isinstance(self.object_list, QuerySet):
            return large_table_count(self.object_list)
        return len(self.object_list)


@dataclass(frozen=True)
class KeysetPage:
    """One page and the cursor of the next one ("" at the end)."""

    items: list[Any]
    next_cursor: str


class KeysetPaginator:
    """Pages by the ordering's own values instead of OFFSET: page 10,000 costs what page 1 costs.

    The queryset must be ordered by non-null columns of its own table, the last of them unique; anything
    else is a programming error (ImproperlyConfigured). Cursors are signed, and bound to model and ordering.
    """

    def __init__(self, queryset: QuerySet[Any], per_page: int) -> None:
        """Refuse an ordering that could skip or repeat rows."""
        self.queryset = queryset
        self.per_page = per_page
        self.ordering = _total_ordering(queryset)
        names = ",".join(f"{'-' if descending else ''}{name}" for name, descending in self.ordering)
        self._salt = f"{CURSOR_SALT}:{queryset.model._meta.label_lower}:{names}"

    def page(self, cursor: str = "") -> KeysetPage:
        """The page after ``cursor``; signing.BadSignature for a cursor that is not ours."""
        rows = self.queryset
        if cursor:
            rows = rows.filter(self._after(signing.loads(cursor, salt=self._salt)))
        items = list(rows[: self.per_page + 1])
        if len(items) <= self.per_page:
            return KeysetPage(items, "")
        items = items[: self.per_page]
        return KeysetPage(items, self._cursor(items[-1]))

    def _cursor(self, row: Any) -> str:
        model = self.queryset.model
        values = [
            model._meta.get_field(name).value_to_string(_as_instance(model, row))
            for name, _descending in self.ordering
        ]
        return signing.dumps(values, salt=self._salt, compress=True)

    def _after(self, values: list[str]) -> Q:
        """``(a, b) > (x, y)`` written out, since directions may differ."""
        condition, equal = Q(), Q()
        for (name, descending), text in zip(self.ordering, values, strict=True):
            value = self.queryset.model._meta.get_field(name).to_python(text)
            condition |= equal & Q(**{f"{name}__{'lt' if descending else 'gt'}": value})
            equal &= Q(**{name: value})
        return condition


def _as_instance(model: Any, row: Any) -> Any:
    return model(**row) if isinstance(row, dict) else row


def _total_ordering(queryset: QuerySet[Any]) -> list[tuple[str, bool]]:
    meta = queryset.model._meta
    names = list(queryset.query.order_by) or (list(meta.ordering) if queryset.query.default_ordering else [])
    if not names:
        raise ImproperlyConfigured(f"{meta.label} is paged by keyset but not ordered")
    ordering = []
    for name in names:
        if not isinstance(name, str):
            raise ImproperlyConfigured(f"{meta.label} is ordered by an expression: order it by columns")
        field = _column(queryset, name.lstrip("-"))
        if field.null:
            raise ImproperlyConfigured(f"{meta.label}.{field.name} may be null: it cannot order keyset pages")
        ordering.append((field.attname, name.startswith("-")))
    if not field.unique:
        raise ImproperlyConfigured(f"{meta.label} must be ordered by a unique column last, such as its key")
    return ordering


def _column(queryset: QuerySet[Any], name: str) -> Any:
    meta = queryset.model._meta
    if name == "pk":
        return meta.pk
    try:
        return meta.get_field(name)
    except FieldDoesNotExist:
        raise ImproperlyConfigured(f"{meta.label} is ordered by {name}, which is no column of it") from None


class KeysetPagination(BasePagination):
    """DRF: ``?cursor=`` and ``?page_size=`` (1–500); answers ``{"next": url|null, "results": […]}``."""

    cursor_param = "cursor"
    size_param = "page_size"
    max_page_size = 500

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        """One page of a queryset that is totally ordered (or whose view names ``ordering``)."""
        ordering = getattr(view, "ordering", None)
        if ordering and not queryset.query.order_by:
            queryset = queryset.order_by(*([ordering] if isinstance(ordering, str) else ordering))
        paginator = KeysetPaginator(queryset, self._size(request))
        try:
            page = paginator.page(request.query_params.get(self.cursor_param, ""))
        except signing.BadSignature:
            raise NotFound(_("分页游标无效，请从第一页重新开始。")) from None
        self._next_cursor, self._address = page.next_cursor, request.build_absolute_uri()
        return page.items

    def _size(self, request: Request) -> int:
        text = request.query_params.get(self.size_param, "")
        if not text:
            return api_settings.PAGE_SIZE or self.max_page_size
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= self.max_page_size):
            raise ValidationError({self.size_param: [_("应为1至500的整数。")]})
        return int(text)

    def get_paginated_response(self, data: Any) -> Response:
        """The page and the address of the next one."""
        following = replace_query_param(self._address, self.cursor_param, self._next_cursor)
        return Response({"next": following if self._next_cursor else None, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The answer's shape for OpenAPI."""
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": {"type": "string", "nullable": True, "format": "uri"}, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The two query parameters for OpenAPI."""
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        return [
            {"name": self.cursor_param, "in": "query", "required": False, "schema": {"type": "string"}},
            {"name": self.size_param, "in": "query", "required": False, "schema": size},
        ]
