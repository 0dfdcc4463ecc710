"""Serializer fields that know who asks."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class VisibleField(serializers.SlugRelatedField[Any]):
    """A row named by its natural key, looked for only among those that the caller may see.

    A row out of sight is refused in the same words as one that does not exist.
    """

    default_error_messages = {
        "does_not_exist": _("没有“{value}”，或者不在您的查看范围内。"),
        "invalid": _("取值不正确。"),
    }

    def get_queryset(self) -> QuerySet[Any]:
        """``visible_to`` the request's user."""
        rows: Any = super().get_queryset()
        visible: QuerySet[Any] = rows.visible_to(self.context["request"].user)
        return visible

    def to_internal_value(self, data: Any) -> Any:
        """The row; text that no column can hold names no row."""
        if not isinstance(data, (str, int)) or isinstance(data, bool) or "\x00" in str(data):
            self.fail("invalid")
        try:
            return self.get_queryset().get(**{self.slug_field or "pk": data})
        except self.get_queryset().model.DoesNotExist:
            self.fail("does_not_exist", value=str(data))
        except (TypeError, ValueError, OverflowError, ValidationError):  # no number, no UUID
            self.fail("invalid")
