"""Every refusal of the API in one form: ``{"code", "detail", "errors"}``.

``code`` is for machines, ``detail`` one sentence for people, ``errors`` sentences by field (empty unless the
request's content is wrong). A uid that is taken by other content answers 409, anything else wrong 400.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as Refusal
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import set_rollback

from archives.services.ledger import LedgerRefusal

NO_FIELD = "non_field_errors"
Errors = dict[str, list[str]]


class ErrorSerializer(serializers.Serializer[Any]):
    """The form, for the schema."""

    code = serializers.CharField(label=gettext_lazy("错误代码"))
    detail = serializers.CharField(label=gettext_lazy("说明"))
    errors = serializers.DictField(  # type: ignore[assignment]  # a field's name, not the serializer's own errors
        child=serializers.ListField(child=serializers.CharField()), label=gettext_lazy("逐项说明")
    )


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's exception handler; None for what is nobody's mistake but ours (a 500)."""
    known = _as_api_exception(error)
    if known is None:
        return None
    set_rollback()
    headers = {}
    if getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = known.auth_header  # type: ignore[attr-defined]  # only such exceptions have it
    if getattr(known, "wait", None):
        headers["Retry-After"] = str(int(known.wait))  # type: ignore[attr-defined]  # only such exceptions have it
    return Response(_body(error, known), status=known.status_code, headers=headers)


class Conflict(exceptions.APIException):
    """A uid that names something else already."""

    status_code = 409
    default_code = "conflict"


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, LedgerRefusal):
        return exceptions.ValidationError()
    if isinstance(error, Refusal):
        return Conflict() if "conflict" in _codes(error) else exceptions.ValidationError()
    return None


def _codes(refusal: Refusal) -> set[str | None]:
    if hasattr(refusal, "error_dict"):
        return {one.code for errors in refusal.error_dict.values() for one in errors}
    return {one.code for one in refusal.error_list}


def _body(error: Exception, known: exceptions.APIException) -> dict[str, Any]:
    errors = _errors(error)
    if errors:
        code = Conflict.default_code if isinstance(known, Conflict) else "invalid"
        return {"code": code, "detail": next(iter(errors.values()))[0], "errors": errors}
    codes = known.get_codes()
    return {
        "code": codes if isinstance(codes, str) else "invalid",
        "detail": str(known.detail) if isinstance(known.detail, str) else _("请求不正确。"),
        "errors": {},
    }


def _errors(error: Exception) -> Errors:
    if isinstance(error, LedgerRefusal):
        return _of_ledger(error)
    if isinstance(error, Refusal):
        fields = error.message_dict if hasattr(error, "error_dict") else {NO_FIELD: error.messages}
        return {_name(field): [str(sentence) for sentence in said] for field, said in fields.items()}
    if isinstance(error, exceptions.ValidationError):
        return _flat(error.detail, "")
    return {}


def _name(field: str) -> str:
    return NO_FIELD if field in ("", "__all__") else field


def _of_ledger(refusal: LedgerRefusal) -> Errors:
    errors: Errors = {}
    for fault in refusal.faults:
        errors.setdefault(fault.column, []).append(fault.message)
    return errors


def _flat(detail: Any, path: str) -> Errors:
    """Nested serializers' errors with dotted names: ``items.0.answer``."""
    if isinstance(detail, dict):
        parts = [_flat(inner, f"{path}.{key}".lstrip(".")) for key, inner in detail.items()]
    elif isinstance(detail, list) and any(isinstance(inner, (dict, list)) for inner in detail):
        parts = [_flat(inner, f"{path}.{place}".lstrip(".")) for place, inner in enumerate(detail)]
    else:
        said = detail if isinstance(detail, list) else [detail]
        return {path or NO_FIELD: [str(sentence) for sentence in said]} if said else {}
    return {name: said for part in parts for name, said in part.items()}
