"""Whether somebody may take a step of a run or a decision: permission and region, asked in one place."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.accounts.models import User


def require(actor: User | None, permission: str, region_code: str) -> None:
    """Refuse (PermissionDenied) unless ``actor`` holds the permission and its region covers ``region_code``.

    None is the system itself: a command run by the operator, or a background job.
    """
    if actor is None:
        return
    if not actor.has_perm(permission):
        raise PermissionDenied(_("您没有办理这一步的权限。"))
    if not scope_of(actor).covers(region_code):
        raise PermissionDenied(_("这不在您的管辖范围内。"))
