"""Rows by grade: the grades that schemes in force know, in words, and none. Never read from the rows."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from agricredit.foundation.common.templatetags.grade_marks import word_of
from rating.models import Scheme
from rating.services.wording import in_words

NONE = "none"


class GradeFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no types
    """By the grade in ``column``."""

    title = _("农安信用等级")
    parameter_name = "grade"
    column = "grade"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The grades of the schemes in force, and none."""
        found: dict[str, str] = {}
        for document in Scheme.objects.in_force().values_list("document", flat=True):
            for grade in in_words(document.get("grades", [])):
                code = grade["code"]
                found.setdefault(code, f"{code} {word_of(code, str(grade.get('word', '')))}")
        return [*found.items(), (NONE, gettext("没有等级"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of the grade."""
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(**{self.column: "" if value == NONE else value})
