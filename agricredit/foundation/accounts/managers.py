"""How accounts are made and looked up."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager

from .querysets import UserQuerySet
from .roles import STAFF, Role

if TYPE_CHECKING:
    from .models import User


class _UserManager(BaseUserManager["User"]):
    """Makes rows only; the rules of who may hold what are in ``services.users``."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Save a user of ``fields`` (role, name, region_code …); without a password none can be used."""
        if not username:
            raise ValueError("A username is needed.")
        fields.setdefault("is_staff", Role(fields.get("role", Role.PRODUCER)) in STAFF)
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        user.join_group_of_role()
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Refused: three administrators are kept apart, so nobody holds every right."""
        raise PermissionError("There are no superusers here; make the three administrators instead.")


UserManager = _UserManager.from_queryset(UserQuerySet)
