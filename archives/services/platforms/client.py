"""Speaking to another platform: pages of items by GET, items by POST, JSON over HTTPS with a bearer token."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.utils.translation import gettext as _

from agricredit.foundation.jobs.registry import JobRefused
from archives.services.platforms.config import NounMapping, Platform

TIMEOUT_SECONDS = 30
LARGEST_ANSWER = 32 << 20
PAGE = 500
MOST_PAGES = 10_000


class PlatformUnavailable(Exception):
    """No answer, or one that says "later": the job tries again."""


class PlatformRefused(JobRefused):
    """The platform does not accept us or speaks otherwise than agreed: a person must look."""


class _NoRedirects(HTTPRedirectHandler):
    """A redirect would carry the token to wherever it points."""

    def redirect_request(self, *args: Any, **more: Any) -> None:
        """Not followed."""
        return


class Client:
    """One platform's address and token."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._opener = build_opener(_NoRedirects())

    def fetch(self, mapping: NounMapping, since: str) -> Iterator[list[dict[str, Any]]]:
        """Pages of items that are new or changed since a point; the platform's own order."""
        before: list[dict[str, Any]] = []
        for page in range(1, MOST_PAGES + 1):
            asked = urlencode({"since": since, "page": page, "size": PAGE})
            answer = self._call("GET", f"{mapping.path}?{asked}", None)
            items = answer.get("items")
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise PlatformRefused(_("对方答复的格式不对：应有items列表。"))
            more = answer.get("more", False)
            if not isinstance(more, bool):
                raise PlatformRefused(_("对方答复的格式不对：more应为true或false。"))
            if more and items == before:
                raise PlatformRefused(_("对方第%(page)d页没有新的内容，却说还有下一页。") % {"page": page})
            yield items
            if not more:
                return
            before = items

    def send(self, mapping: NounMapping, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """One result for each item, in order: ``id``, or ``error``."""
        answer = self._call("POST", mapping.path, {"items": list(items)})
        results = answer.get("results")
        if (
            not isinstance(results, list)
            or len(results) != len(items)
            or not all(isinstance(result, dict) for result in results)
        ):
            raise PlatformRefused(_("对方答复的格式不对：应逐条给出results。"))
        return results

    def _call(self, method: str, path: str, body: Any) -> dict[str, Any]:
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = Request(  # noqa: S310 - the configuration admits https and loopback only
            self._platform.address.rstrip("/") + path, data=data, method=method,
            headers={"Accept": "application/json", "Content-Type": "application/json"},
        )  # fmt: skip
        if token := self._platform.token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                text = answer.read(LARGEST_ANSWER + 1)
                missing = answer.length  # of the length announced
        except HTTPError as error:
            with error:
                said = {"status": error.code}
            if error.code >= 500 or error.code in (408, 429):
                raise PlatformUnavailable(_("对方平台暂时不可用（%(status)d）。") % said) from error
            raise PlatformRefused(_("对方平台拒绝了请求（%(status)d）。") % said) from error
        except (URLError, TimeoutError, OSError) as error:
            raise PlatformUnavailable(_("连接不上对方平台。")) from error
        except HTTPException as error:
            raise PlatformUnavailable(_("对方的答复没有传完。")) from error
        if missing and len(text) <= LARGEST_ANSWER:
            raise PlatformUnavailable(_("对方的答复没有传完。"))
        return _document(text)


def _document(text: bytes) -> dict[str, Any]:
    if len(text) > LARGEST_ANSWER:
        raise PlatformRefused(_("对方答复过大。"))
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlatformRefused(_("对方答复不是JSON。")) from error
    if not isinstance(found, dict):
        raise PlatformRefused(_("对方答复的格式不对：应有items列表。"))
    return found
