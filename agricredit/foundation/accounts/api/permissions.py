"""What a key, and a role, may be used for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from agricredit.foundation.accounts.models import ApiKey
from agricredit.foundation.accounts.scopes import SCOPES

if TYPE_CHECKING:
    from rest_framework.views import APIView

_METHODS_ALIKE = {"HEAD": "GET"}


def for_method(declared: str | Mapping[str, str], method: str | None) -> str:
    """What a view declares for a method: one name for all, or one a method ("" when it has none)."""
    if isinstance(declared, str):
        return declared
    name = method or ""
    return declared.get(_METHODS_ALIKE.get(name, name), "")


class HasScope(BasePermission):
    """Calls made with a key need the view's ``required_scope``; people logged in are not asked for one.

    ``required_scope`` is one scope, or ``{"GET": …, "POST": …}``.
    """

    message: str | None = None

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """A view without a declared scope refuses every key."""
        if not isinstance(request.auth, ApiKey):
            return True
        wanted = for_method(getattr(view, "required_scope", ""), request.method)
        if wanted not in SCOPES:
            return False
        said = {"label": SCOPES[wanted], "scope": wanted}
        self.message = _("接口密钥没有“%(label)s”（%(scope)s）这项权限，请向签发单位申请。") % said
        return wanted in request.auth.scopes


class HasRight(BasePermission):
    """People and keys alike need the role's permission that the view names as ``required_right``.

    One ``app.codename``, or ``{"GET": …, "POST": …}``; a method without one is refused to everybody.
    """

    message: str | None = None

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Ask the account for the right; OPTIONS tells nothing secret and is answered to all who are in."""
        if request.method == "OPTIONS":
            return True
        wanted = for_method(getattr(view, "required_right", ""), request.method)
        if isinstance(request.auth, ApiKey):
            self.message = _("接口密钥所属账号的角色不能使用这个接口。")
        return bool(wanted) and request.user.has_perm(wanted)
