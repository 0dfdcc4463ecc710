"""What a key may be used for."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from agricredit.foundation.accounts.models import ApiKey
from agricredit.foundation.accounts.scopes import SCOPES

if TYPE_CHECKING:
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """Calls made with a key need the view's ``required_scope``; people logged in are not asked for one."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """A view without a declared scope refuses every key."""
        if not isinstance(request.auth, ApiKey):
            return True
        wanted = getattr(view, "required_scope", "")
        return wanted in SCOPES and wanted in request.auth.scopes
