"""Bodies of the API: JSON, read with words that the caller understands when it is none.

Deeply nested and oversized bodies are refused like any other mistake of the caller's; what is no UTF-8 is
told so, because systems on Chinese Windows send GB 18030 when nobody sets it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework import exceptions, parsers
from rest_framework.renderers import JSONRenderer

MEGABYTE = 1 << 20
BODY_LIMIT = 10 * MEGABYTE
"""A thousand items with every cell filled, each Chinese character escaped in six bytes."""


class BodyTooLarge(exceptions.APIException):
    """More than :data:`BODY_LIMIT`."""

    status_code = 413
    default_code = "too_large"


def too_large() -> BodyTooLarge:
    """The refusal, with the limit."""
    return BodyTooLarge(_("请求体超过%(limit)d MB，请分几次报送。") % {"limit": BODY_LIMIT // MEGABYTE})


class BodyParser(parsers.BaseParser):
    """``application/json`` in the declared encoding, else UTF-8 with or without byte order mark."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The document. ParseError: not that encoding, no JSON; BodyTooLarge."""
        body = stream.read(BODY_LIMIT + 1)
        if len(body) > BODY_LIMIT:
            raise too_large()
        return _document(_text(body, _encoding(parser_context or {})))


def _encoding(context: Mapping[str, Any]) -> str:
    """What the request declares, when it is an encoding of text: others would unpack a bomb."""
    encoding = str(context.get("encoding") or "utf-8")
    try:
        "".encode(encoding)
    except (LookupError, UnicodeError) as error:
        message = _("不支持字符编码“%(encoding)s”，请用UTF-8。")
        raise exceptions.ParseError(message % {"encoding": encoding}) from error
    return encoding


def _text(body: bytes, encoding: str) -> str:
    try:
        return body.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    except UnicodeDecodeError as error:
        said = {"encoding": encoding.upper(), "place": error.start + 1}
        raise exceptions.ParseError(_("请求体不是%(encoding)s编码（第%(place)d个字节）。") % said) from error


def _document(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        said = {"line": error.lineno, "column": error.colno}
        raise exceptions.ParseError(
            _("请求体第%(line)d行第%(column)d个字符处不是规范的JSON。") % said
        ) from error
    except RecursionError as error:
        raise exceptions.ParseError(_("请求体的JSON嵌套层数太多。")) from error
    except ValueError as error:  # a number of thousands of digits
        raise exceptions.ParseError(_("请求体中有太长的数字。")) from error


def _refuse_constant(name: str) -> NoReturn:
    raise exceptions.ParseError(_("请求体中的“%(name)s”不是规范的JSON。") % {"name": name})
