"""The API's pages: the OpenAPI document for people, without a script; contents, and a page an operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator

from agricredit.foundation.accounts.scopes import SCOPES
from agricredit.pages.caching import public_page

Node = dict[str, Any]
_CODE = re.compile(r"^\* `([^`]*)` - ", re.MULTILINE)
"""One of the codes that a field may hold, as the document lists them in Markdown."""


@dataclass(frozen=True)
class Field:
    """One line of a table: a parameter, or a field of a body."""

    name: str
    title: str
    kind: str
    required: bool
    note: str


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    name: str
    subject: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    body: list[Field]
    answer: list[Field]
    refusals: list[tuple[str, str]]


@public_page
def docs(request: HttpRequest) -> HttpResponse:
    """All operations by subject, in the reader's language."""
    groups: dict[str, list[Operation]] = {}
    for operation in _operations(get_language() or "").values():
        groups.setdefault(operation.subject, []).append(operation)
    scopes = [(name, str(label)) for name, label in SCOPES.items()]
    return render(request, "public/api.html", {"groups": groups, "scopes": scopes})


@public_page
def operation(request: HttpRequest, operation: str) -> HttpResponse:
    """What one operation takes, answers and refuses."""
    found = _operations(get_language() or "").get(operation)
    if found is None:
        raise Http404
    return render(request, "public/api_operation.html", {"operation": found})


@cache
def _operations(language: str) -> dict[str, Operation]:
    """By name. The document never changes while a process lives, so it is made once for each language."""
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # the package is untyped
    return {
        said["operationId"]: _operation(document, path, method, said)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    }


def _operation(document: Node, path: str, method: str, operation: Node) -> Operation:
    responses = operation["responses"]
    good: Node = next((responses[code] for code in sorted(responses) if code.startswith("2")), {})
    return Operation(
        name=operation["operationId"],
        subject=str(operation.get("tags", [_("其他")])[0]),
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=[_parameter(one) for one in operation.get("parameters", [])],
        body=list(_fields(document, _content(operation.get("requestBody", {})))),
        answer=list(_fields(document, _content(good))),
        refusals=[
            (code, said.get("description", ""))
            for code, said in sorted(responses.items())
            if not code.startswith("2")
        ],
    )


def _content(holder: Node) -> Node:
    schema: Node = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _parameter(one: Node) -> Field:
    schema = one.get("schema", {})
    return Field(
        one["name"],
        schema.get("title", ""),
        _kind(schema),
        bool(one.get("required")),
        one.get("description", "") or schema.get("description", ""),
    )


def _fields(document: Node, schema: Node) -> Iterator[Field]:
    """The fields of an object; of a list or a page those of its entries; of a list in it ``items[].uid``."""
    found = _resolved(document, schema)
    if found.get("type") == "array":
        yield from _fields(document, found["items"])
        return
    properties = found.get("properties", {})
    if "results" in properties:
        yield from _fields(document, properties["results"])
        return
    required = found.get("required", [])
    for name, inner in properties.items():
        full = _resolved(document, inner)
        note = inner.get("description", "") or full.get("description", "")
        title = inner.get("title", "") or full.get("title", "")
        yield Field(name, title, _kind(full), name in required, _CODE.sub(r"\1 ", note))
        if full.get("type") == "array":
            for inside in _fields(document, full["items"]):
                yield replace(inside, name=f"{name}[].{inside.name}")


def _resolved(document: Node, schema: Node) -> Node:
    """What a reference, alone or wrapped in allOf or oneOf (nullable ones), names."""
    wrapped: list[Node] = schema.get("allOf") or schema.get("oneOf") or [schema]
    first = wrapped[0]
    if "$ref" not in first:
        return first
    found: Node = document["components"]["schemas"][first["$ref"].rpartition("/")[2]]
    return found


def _kind(schema: Node) -> str:
    if schema.get("type") == "array":
        return _("列表")
    kinds = {
        "string": _("文字"),
        "integer": _("整数"),
        "number": _("数"),
        "boolean": _("是或否"),
        "object": _("对象"),
    }
    formats = {
        "date": _("日期"),
        "date-time": _("时间"),
        "uuid": "UUID",
        "decimal": _("小数"),
        "uri": _("地址"),
    }
    return formats.get(schema.get("format", ""), kinds.get(schema.get("type", ""), ""))
