"""Reads of job rows, named for their business states."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from agricredit.foundation.accounts.jurisdiction import region_q, scope_of
from agricredit.foundation.accounts.roles import Role


class JobQuerySet(models.QuerySet[Any]):
    """Jobs by state and by who may see them."""

    def visible_to(self, user: Any) -> JobQuerySet:
        """One's own; those of divisions within one's reach; for the system administrator those of no
        division.

        A job of no division works on the platform itself (calendar, seals), so its title names no producer.
        """
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        visible = Q(created_by=user)
        if scope_of(user).kind in ("region", "everything"):
            visible |= ~Q(region_code="") & region_q(user, "region_code")
        if user.role == Role.SYSTEM_ADMIN:
            visible |= Q(region_code="")
        return self.filter(visible)

    def active(self) -> JobQuerySet:
        """Queued or running."""
        return self.filter(state__in=["queued", "running"])

    def failed(self) -> JobQuerySet:
        """Given up; a person decides."""
        return self.filter(state="failed")


class ExportQuerySet(models.QuerySet[Any]):
    """Lists as files."""

    def visible_to(self, user: Any) -> ExportQuerySet:
        """One's own alone: the rows in a file are those that its asker could see."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        return self.filter(asked_by=user)

    def to_fetch(self) -> ExportQuerySet:
        """Ready and not fetched yet."""
        return self.filter(state="ready", fetched_at__isnull=True)
