"""Which accounts and keys an account may see."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from .roles import Role

if TYPE_CHECKING:
    from .models import ApiKey, User  # noqa: F401 - named in the bases' parameters


class UserQuerySet(QuerySet["User"]):
    """Reads of accounts."""

    def visible_to(self, user: Any) -> "UserQuerySet":
        """All to the security administrator; to anybody else only their own."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.role == Role.SECURITY_ADMIN else self.filter(pk=user.pk)


class ApiKeyQuerySet(QuerySet["ApiKey"]):
    """Reads of API keys."""

    def visible_to(self, user: Any) -> "ApiKeyQuerySet":
        """All to the security administrator; to anybody else only their own."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.role == Role.SECURITY_ADMIN else self.filter(user_id=user.pk)
