"""Reads of the audit."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

VIEWED = "data.viewed"
"""The verb of lines about looking."""

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

    def acts_on(self, model: Any, ids: "Iterable[int]") -> "AuditLineQuerySet":
        """What was done to rows of a model, without who looked at them: a file's history.

        For pages that have asked ``visible_to`` for the rows themselves.
        """
        targets = [str(pk) for pk in ids]
        return self.filter(target_type=model._meta.label_lower, target_id__in=targets).exclude(verb=VIEWED)
