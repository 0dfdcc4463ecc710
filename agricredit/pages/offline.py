"""``/my/`` as an app: manifest, worker, shell, the phone's pack, and the one place where its queue comes in.

The shell, the worker and the manifest are the same for everybody and name nobody; the pack and the queue
belong to an account. An expired login is answered with 401, never with a page: the phone keeps what it has.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agricredit.foundation.common import clock
from archives.portal import photos
from archives.portal.acting import Acting, actable, current
from archives.portal.offline import handing, packing, records
from archives.portal.offline.parcels import unpack
from archives.portal.offline.taking import take

HANDLERS = {**records.HANDLERS}
MAY_RECORD = "archives.add_harvest"
MAY_SELL = "certificates.add_certificate"
SCRIPTS = ("main", "dom", "store", "queue", "envelope", "packs", "flow", "questions", "pages", "photo")
STYLES = ("agricredit", "charts", "portal", "offline")
_ICONS = ((192, "any"), (512, "any"), (512, "maskable"))


def _private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For scripts: 401 and 403 with a sentence where a page would lead to the login."""

    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _said(_("登录已过期，请重新登录。没发出去的都还在手机上。"), 401)
        if not request.user.has_perm(MAY_RECORD):
            return _said(_("这个账号不能记生产记录。"), 403)
        return view(request, *args, **kwargs)

    return answer


def _said(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"sentence": sentence}, status=status)


@require_GET
@_private
def pack(request: HttpRequest) -> HttpResponse:
    """What the phone needs of one producer (``?producer=``, else whom the pages act for), and the others."""
    mine = actable(request.user)
    acting = _wanted(request, mine)
    if acting is None:
        return _said(_("没有可以替它记录的主体。"), 404)
    get_token(request)  # sets the cookie that the queue's requests must show
    return JsonResponse(
        {
            **packing.pack(acting, request.user),
            "sell": request.user.has_perm(MAY_SELL),
            "others": [
                {"id": one.producer.pk, "name": one.producer.name, "on_behalf": one.on_behalf} for one in mine
            ],
            "now": clock.now().isoformat(),
        }
    )


def _wanted(request: HttpRequest, mine: list[Acting]) -> Acting | None:
    asked = request.GET.get("producer", "")
    if asked:
        return next((one for one in mine if str(one.producer.pk) == asked), None)
    return current(request) or (mine[0] if mine else None)


@require_POST
@_private
def sync(request: HttpRequest) -> HttpResponse:
    """Take in a parcel of the phone's queue; each item gets its own answer."""
    try:
        parcel = unpack(request.body)
    except ValidationError as refusal:
        return _said(refusal.messages[0], 400)
    if parcel.user != request.user.pk:
        return _said(_("这些记录是另一个账号记的，请用那个账号登录后再发送。"), 409)
    results = take(parcel, request.user, HANDLERS)
    skew = round((clock.now() - parcel.sent_at).total_seconds())
    return JsonResponse({"skew": skew, "results": [result.as_json() for result in results]})


@require_POST
@_private
def check(request: HttpRequest) -> HttpResponse:
    """What would be said of the answers before they are saved; writes nothing."""
    try:
        given = json.loads(request.body)
        wanted, noun = str(given["producer"]), given["noun"]
        answers = {str(key): str(value) for key, value in given["answers"].items() if "\0" not in str(value)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _said(_("看不懂手机发来的内容，请刷新页面再试；没发出去的都还在手机上。"), 400)
    acting = next((one for one in actable(request.user) if str(one.producer.pk) == wanted), None)
    if acting is None or noun not in records.HANDLERS:
        return _said(_("没有可以替它记录的主体。"), 404)
    return JsonResponse(records.check(acting.producer, noun, answers))


@require_POST
@_private
def open_handed(request: HttpRequest) -> HttpResponse:
    """Open another phone's sealed queue for this one: what its user may send, and how many it may not."""
    upload = request.FILES.get("file")
    if upload is None:
        return _said(_("请选择文件。"), 400)
    try:
        return JsonResponse(handing.for_phone(upload, request.user))
    except ValidationError as refusal:
        return _said(refusal.messages[0], 422)


@require_POST
@_private
def photo(request: HttpRequest, noun: str, uid: UUID) -> HttpResponse:
    """A photograph of a record, sent after it."""
    return photos.receive(request, noun, uid)


@require_GET
def app(request: HttpRequest) -> HttpResponse:
    """The empty frame that the worker keeps: the same for everybody, filled from the phone's own store."""
    response = render(request, "portal/app.html", {"shell": True})
    response["Cache-Control"] = "no-cache"
    return response


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put ``/my/`` on its home screen."""
    name = settings.SITE_NAME
    said = {
        "id": "/my/",
        "name": name,
        "short_name": name[:6],
        "lang": "zh-Hans",
        "start_url": reverse("my:home"),
        "scope": "/my/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b6b3a",
        "icons": [
            {
                "src": static(f"img/app-{size}{'-maskable' if purpose == 'maskable' else ''}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size, purpose in _ICONS
        ],
    }
    response = JsonResponse(said, content_type="application/manifest+json")
    response["Cache-Control"] = "no-cache"
    return response


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: its source, and before it what to keep and under which version."""
    shell = reverse("my:app")
    kept = [shell, *kept_files()]
    version = hashlib.sha256("".join(_content(path) for path in kept_names()).encode()).hexdigest()[:16]
    known = {"KEPT": kept, "SHELL": shell, "VERSION": version}
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in known.items())
    response = HttpResponse(
        head + _content("js/offline/worker.js"), content_type="text/javascript; charset=utf-8"
    )
    response["Cache-Control"] = "no-cache"
    return response


def kept_names() -> list[str]:
    """The static files of the shell."""
    return [
        *(f"css/{name}.css" for name in STYLES),
        *(f"js/offline/{name}.js" for name in SCRIPTS),
        "js/once.js",
        "js/portal.js",
        "img/mark.svg",
        "js/offline/worker.js",
    ]


def kept_files() -> list[str]:
    """Their addresses; the worker itself is served by its own view."""
    return [static(name) for name in kept_names()[:-1]]


def _content(name: str) -> str:
    found = finders.find(name)
    return Path(str(found)).read_text(encoding="utf-8") if found else ""
