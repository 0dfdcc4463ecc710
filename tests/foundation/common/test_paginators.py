"""Keyset pages, capped and estimated counts."""

import pytest
from django.core import signing
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from agricredit.foundation.common import paginators
from agricredit.foundation.common.paginators import (
    CappedCount,
    EstimatedCountPaginator,
    KeysetPaginator,
    large_table_count,
)
from agricredit.foundation.jobs.models import Job
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    return [JobFactory(title=f"t{n % 3}", region_code=f"{n % 2}").pk for n in range(11)]


def walk(queryset, per_page):
    cursor, pages = "", []
    while True:
        page = KeysetPaginator(queryset, per_page).page(cursor)
        pages.append([row.pk for row in page.items])
        if not page.next_cursor:
            return pages
        cursor = page.next_cursor


@pytest.mark.parametrize(
    "ordering", [["id"], ["-id"], ["title", "-id"], ["-region_code", "title", "id"], ["-created_at", "pk"]]
)
@pytest.mark.parametrize("per_page", [1, 4, 11, 50])
def test_pages_hold_every_row_once_and_in_order(rows, ordering, per_page):
    queryset = Job.objects.order_by(*ordering)
    pages = walk(queryset, per_page)
    assert [pk for page in pages for pk in page] == [row.pk for row in queryset]
    assert len(pages) == -(-11 // per_page)


def test_rows_added_or_gone_between_pages_neither_repeat_nor_skip_the_others(rows):
    first = KeysetPaginator(Job.objects.order_by("id"), 4).page()
    Job.objects.filter(pk=rows[0]).delete()
    second = KeysetPaginator(Job.objects.order_by("id"), 4).page(first.next_cursor)
    assert [row.pk for row in second.items] == rows[4:8]


@pytest.mark.parametrize(
    ("queryset", "reason"),
    [
        (Job.objects.order_by(), "not ordered"),
        (Job.objects.order_by("title"), "unique column last"),
        (Job.objects.order_by("-finished_at", "id"), "may be null"),
        (Job.objects.order_by("?"), "no column"),
        (Job.objects.order_by("created_by__username", "id"), "no column"),
    ],
)
def test_unsafe_orderings_are_refused(queryset, reason):
    with pytest.raises(Exception, match=reason) as refusal:
        KeysetPaginator(queryset, 5)
    assert refusal.type is ImproperlyConfigured


def test_cursor_is_signed_and_bound_to_its_ordering(rows):
    cursor = KeysetPaginator(Job.objects.order_by("id"), 4).page().next_cursor
    for queryset, text in [(Job.objects.order_by("-id"), cursor), (Job.objects.order_by("id"), cursor + "x")]:
        with pytest.raises(signing.BadSignature):
            KeysetPaginator(queryset, 4).page(text)


def paged(query, queryset):
    pagination = paginators.KeysetPagination()
    request = Request(APIRequestFactory().get("/api/v1/jobs/", query))
    items = pagination.paginate_queryset(queryset, request)
    return [row.pk for row in items], pagination.get_paginated_response([]).data["next"]


def test_api_walks_by_its_own_addresses(rows):
    items, following = paged({"page_size": "6"}, Job.objects.order_by("id"))
    assert items == rows[:6]
    assert following.startswith("http://testserver/api/v1/jobs/?cursor=")
    query = Request(APIRequestFactory().get(following)).query_params
    assert paged(query, Job.objects.order_by("id")) == (rows[6:], None)


@pytest.mark.parametrize("size", ["0", "501", "x", "-1", "１"])
def test_api_refuses_page_sizes_with_a_sentence(size):
    with pytest.raises(ValidationError) as refusal:
        paged({"page_size": size}, Job.objects.order_by("id"))
    assert refusal.value.detail == {"page_size": ["应为1至500的整数。"]}


def test_api_refuses_foreign_cursors():
    with pytest.raises(NotFound):
        paged({"cursor": "abc"}, Job.objects.order_by("id"))


def test_api_describes_itself():
    pagination = paginators.KeysetPagination()
    assert pagination.get_paginated_response_schema({"type": "array"})["required"] == ["next", "results"]
    assert [entry["name"] for entry in pagination.get_schema_operation_parameters(None)] == [
        "cursor",
        "page_size",
    ]


def test_counts_are_exact_up_to_the_cap(rows):
    assert large_table_count(Job.objects.all(), cap=11) == 11
    assert str(large_table_count(Job.objects.filter(region_code="0"), cap=11)) == "6"
    capped = large_table_count(Job.objects.filter(pk__gt=0), cap=5)
    assert isinstance(capped, CappedCount)
    assert (capped, str(capped)) == (5, "5+")


def test_whole_big_table_is_estimated(rows):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_job")
    with override("zh-hans"):
        count = large_table_count(Job.objects.all(), cap=5)
        assert (count, str(count)) == (11, "约 11")


def test_capped_count_never_reads_past_the_cap(rows):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert EstimatedCountPaginator(Job.objects.filter(pk__gt=0), 5).count == 11
    [query] = queries.captured_queries
    assert "LIMIT 1001" in query["sql"]
    assert EstimatedCountPaginator([1, 2, 3], 2).num_pages == 2
