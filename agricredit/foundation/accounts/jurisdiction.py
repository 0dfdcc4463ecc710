"""The one rule of who may see which division.

Every queryset's ``visible_to(user)`` is built on :func:`scope_of` and :func:`region_q`. A division's code is
the prefix of all codes below it, so a subtree is a prefix match.
"""

from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from .models import User
from .roles import OWN, REGION_CODE_LENGTHS, Role

Kind = Literal["nothing", "own", "region", "everything"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What an account reaches; ``region_code`` is set only for the kind ``region``."""

    kind: Kind
    region_code: str = ""

    def covers(self, code: str) -> bool:
        """Whether the division ``code`` lies within this scope."""
        if self.kind == "region":
            return code.startswith(self.region_code)
        return self.kind == "everything"


NOTHING = Scope("nothing")
OWN_ONLY = Scope("own")
#: For the platform's own jobs and commands; no account has it.
EVERYTHING = Scope("everything")


def scope_of(user: User | AnonymousUser | None) -> Scope:
    """What ``user`` reaches; visitors, shut accounts, administrators and officers without a code: nothing."""
    if not isinstance(user, User) or not user.is_active:
        return NOTHING
    role = Role(user.role)
    if role in OWN:
        return OWN_ONLY
    if role in REGION_CODE_LENGTHS and user.region_code:
        return _narrowed(user.region_code, user.narrowed_to)
    return NOTHING


def _narrowed(region_code: str, narrowed_to: str) -> Scope:
    if not narrowed_to:
        return Scope("region", region_code)
    if narrowed_to.startswith(region_code):
        return Scope("region", narrowed_to)
    return NOTHING


def region_q(who: "User | AnonymousUser | Scope | None", field: str) -> Q:
    """Rows whose region code in ``field`` lies in reach of ``who``; "own" rows are the caller's to add."""
    scope = who if isinstance(who, Scope) else scope_of(who)
    if scope.kind == "everything":
        return Q()
    if scope.kind == "region":
        return Q(**{f"{field}__startswith": scope.region_code})
    return Q(pk__in=[])
