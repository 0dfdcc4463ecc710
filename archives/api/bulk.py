"""Bulk endpoints: a thousand producers or records in a call, judged one by one, safe to repeat."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError as Refusal
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from archives.api.views import GUARDS, NOUNS
from archives.services import pushing
from archives.services.sheets import SHEETS, Column, Sheet, Verdict
from archives.services.sheets.columns import as_code, is_keepable

KEY_LENGTH = 64
HEADER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": KEY_LENGTH},
    OpenApiParameter.HEADER,
    description=_("由调用方生成，最多64个字符；7天内以同一键重复同样的报送，得到第一次的答复。"),
)
REPLAYED = OpenApiParameter(
    "Idempotent-Replayed",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=_("true：这是第一次的答复，本次没有再写入。"),
    response=[200],
)


class KeyReused(exceptions.APIException):
    """The same key with another body."""

    status_code = 422
    default_code = pushing.KEY_REUSED


class Cell(serializers.CharField):
    """A field of an item: text, number, truth or a list of texts, handed on as text."""

    default_error_messages = {
        "invalid": _("应为文字、数字、true、false或文字的列表。"),
        "unkeepable": _("含有不可见的字符，请重新填写。"),
    }

    def __init__(self, column: Column) -> None:
        said: Any = {"label": column.heading, "help_text": _explained(column)}
        super().__init__(required=False, allow_blank=True, allow_null=True, **said)

    def to_internal_value(self, data: Any) -> str:
        """The text; other JSON is refused."""
        if isinstance(data, list) and all(isinstance(part, str) for part in data):
            text = ";".join(data)
        elif isinstance(data, (str, int, float, Decimal)):
            text = str(data)
        else:
            self.fail("invalid")
        if not is_keepable(text):
            self.fail("unkeepable")
        return text.strip()


def _said(column: Column) -> str:
    """What the document says of a field: whether it must be there, what it means, and the codes allowed."""
    said = [gettext("必填。")] if column.required else []
    said += [str(column.note)] if column.note else []
    if column.choices:
        said.append("; ".join(f"{as_code(value)} {word}" for value, word in column.choices.items()))
    return " ".join(said)


_explained = lazy(_said, str)


class BulkResultSerializer(serializers.Serializer[Any]):
    """What became of one item."""

    index = serializers.IntegerField(label=_("第几条（从0起）"))
    status = serializers.ChoiceField(choices=[v.value for v in Verdict], label=_("结果"))
    id = serializers.CharField(allow_blank=True, label=_("平台中的编号"))
    errors = serializers.DictField(  # type: ignore[assignment]  # a field's name, not the serializer's own errors
        child=serializers.ListField(child=serializers.CharField()), label=_("逐项说明")
    )


class BulkAnswerSerializer(serializers.Serializer[Any]):
    """The answer to a bulk call."""

    results = BulkResultSerializer(many=True)
    counts = serializers.DictField(child=serializers.IntegerField(), label=_("各种结果的条数"))


class BulkPush(APIView):
    """POST up to a thousand items. 200 with a result for each; 422 for a key used for other items."""

    permission_classes = GUARDS
    explains = _(
        "items 一次1至1000条，逐条答复：new 新增、changed 变更、unchanged 已有、faulty 有误"
        "（errors 按字段说明）。无误的写入，有误的不写；改正后全部重发，只写入缺的。"
        "字段都可用文字，数字、true、false和列表也可以。"
    )
    sheet: Sheet
    item: type[serializers.Serializer[Any]]

    def post(self, request: Request) -> Response:
        """Sound items are written, faulty ones say why."""
        given = self.item(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            answer = pushing.push(
                sheet=self.sheet.name,
                items=[_texts(item) for item in request_items(given)],
                actor=request.user,
                key=_key(request),
            )
        except Refusal as refusal:
            if getattr(refusal, "code", "") == pushing.KEY_REUSED:
                raise KeyReused(refusal.messages[0]) from refusal
            raise
        replayed = answer.pop("replayed")
        headers = {"Idempotent-Replayed": "true"} if replayed else {}
        return Response(answer, headers=headers)


def request_items(given: serializers.Serializer[Any]) -> list[Mapping[str, Any]]:
    """The items of a valid body; fields that no column has are kept, so that they can be refused by name."""
    sent = given.initial_data["items"]
    return [{**raw, **read} for raw, read in zip(sent, given.validated_data["items"], strict=True)]


def _texts(item: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(name): value if isinstance(value, str) else "" if value is None else json.dumps(value)
        for name, value in item.items()
    }


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > KEY_LENGTH or not key.isprintable():
        raise exceptions.ValidationError({"Idempotency-Key": [_("最多64个可见字符。")]})
    return key


def bulk_view(sheet: Sheet, name: str, scope: str, right: str) -> Callable[..., Any]:
    """The endpoint of one sheet, with an item's fields for the schema."""
    fields: dict[str, Any] = {column.field: Cell(column) for column in sheet.columns}
    stem = name.title().replace("-", "")
    item = type(f"{stem}BulkItem", (serializers.Serializer,), fields)
    many = item(many=True, max_length=pushing.ITEMS, min_length=1, label=_("条目"), help_text=_("1至1000条"))
    body = type(f"{stem}Bulk", (serializers.Serializer,), {"items": many})

    def post(self: BulkPush, request: Request) -> Response:
        return BulkPush.post(self, request)

    said = extend_schema(
        summary=format_lazy(_("批量报送{noun}"), noun=sheet.title),
        operation_id=f"bulk_{name.replace('-', '_')}",
        parameters=[HEADER, REPLAYED],
        request=body,
        responses={200: BulkAnswerSerializer},
    )
    own = {"sheet": sheet, "item": body, "required_scope": scope, "required_right": right, "post": said(post)}
    view: Any = type(f"{stem}BulkPush", (BulkPush,), own)
    shown: Callable[..., Any] = view.as_view()
    return shown


VIEWS: dict[str, Callable[..., Any]] = {
    "producers": bulk_view(SHEETS["producers"], "producers", "producers:write", "archives.push_producers"),
    **{
        name: bulk_view(sheet, name, "records:write", noun.right("add"))
        for name, noun in NOUNS.items()
        for sheet in SHEETS.values()
        if sheet.model is noun.model and sheet.name.startswith("record_")
    },
    "shop-purchases": bulk_view(
        SHEETS["shop_purchase"], "shop-purchases", "records:write", "archives.add_shoppurchase"
    ),
    "shop-sales": bulk_view(SHEETS["shop_sale"], "shop-sales", "records:write", "archives.add_shopsale"),
}
