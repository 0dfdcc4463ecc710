"""Staff enter with a second factor, or not at all."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from .models import User

#: Everything behind a login; what is left is public and the same for everybody.
GUARDED = ("/admin/", "/field/", "/my/")
GUARDED_API = "/api/"


class SecondFactorMiddleware:
    """Leads staff without a verified second factor to its set-up; their API calls are refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, or send its maker to the set-up first."""
        guarded = request.path.startswith((*GUARDED, GUARDED_API))
        if guarded and isinstance(request.user, User) and request.user.is_staff and not is_mfa_enabled(request.user):
            if request.path.startswith(GUARDED_API):
                return JsonResponse({"detail": _("请先设置二次验证。")}, status=403)
            return redirect("mfa_activate_totp")
        return self.get_response(request)
