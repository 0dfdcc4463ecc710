"""How public pages may be kept: a minute by anyone for strangers, never for somebody who has logged in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import conditional_page, require_safe

View = Callable[..., HttpResponse]
SECONDS = 60


def public_page(view: View) -> View:
    """A page that is the same for all strangers: GET only, entity tag, one minute in any cache.

    ``?lang=`` shows it in that language whatever the cookie says, so that each language has an address of its
    own (hreflang). Language and letter size are cookies, hence the Vary header.
    """

    @require_safe
    @conditional_page
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = request.GET.get("lang", "")
        if asked in dict(settings.LANGUAGES):
            translation.activate(asked)
            request.LANGUAGE_CODE = asked
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            patch_cache_control(response, private=True, no_cache=True)
        else:
            patch_cache_control(response, public=True, max_age=SECONDS)
        return response

    return wrapped
