"""Staff enter with a second factor, or not at all."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from .models import User
from .sessions import next_step, renew_staff_session

#: Everything behind a login; what is left is public and the same for everybody, or the way to log in.
PAGES = ("/admin/", "/field/", "/my/")
API = "/api/"


class SecondFactorMiddleware:
    """Leads staff who lack a step (own password, second factor) to it; meanwhile the API refuses them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Django's contract."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, or send its maker to the missing step first."""
        if not request.path.startswith((*PAGES, API)):
            return self.get_response(request)
        user = request.user
        if not isinstance(user, User) or not user.is_staff:
            return self.get_response(request)
        renew_staff_session(request)
        step = next_step(request, user)
        if step is None:
            return self.get_response(request)
        if request.path.startswith(API):
            return JsonResponse(
                {"detail": _("请先在网页上完成登录的全部步骤（修改密码、二次验证）。")}, status=403
            )
        return HttpResponseRedirect(f"{reverse(step)}?{urlencode({'next': request.get_full_path()})}")
