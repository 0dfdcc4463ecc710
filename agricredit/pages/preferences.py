"""Language and letter size, remembered in cookies by a plain form: no script and no account needed."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

TEXT_SIZE_COOKIE = "text_size"
TEXT_SIZES = ("normal", "large")
REMEMBERED = timedelta(days=365)


@csrf_exempt  # Only the looks of the asker's own pages change; a token would keep public pages out of caches.
@require_POST
def set_preferences(request: HttpRequest) -> HttpResponse:
    """Remember ``language`` and ``text_size`` and go back to ``next``; unknown values are ignored."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _remember(response, settings.LANGUAGE_COOKIE_NAME, language)
    size = request.POST.get("text_size", "")
    if size in TEXT_SIZES:
        _remember(response, TEXT_SIZE_COOKIE, size)
    return response


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=REMEMBERED,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
