"""Reads of the audit."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

if TYPE_CHECKING:
    from .models import AuditLine  # noqa: F401 - named in the base's parameter


class AuditLineQuerySet(QuerySet["AuditLine"]):
    """Lines by reader, actor and target."""

    def visible_to(self, user: Any) -> "AuditLineQuerySet":
        """All to whoever may read the audit (the audit administrator); nothing to anybody else."""
        return self if user.has_perm("audit.view_auditline") else self.none()

    def about(self, target: Any) -> "AuditLineQuerySet":
        """What was done to one thing, or seen of it."""
        return self.filter(target_type=target._meta.label_lower, target_id=str(target.pk))
