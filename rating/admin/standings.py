"""Where producers stand officially. The live estimate has no place in this list: the two are never mixed."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.admin import ReadOnlyAdmin
from rating.models import Standing
from rating.services.exporting import decimal_text


@admin.register(Standing)
class StandingAdmin(ReadOnlyAdmin):
    """Read only; written by runs and decisions."""

    list_display = (
        "producer",
        "official_grade",
        "score",
        "official_year",
        "status",
        "since",
        "objected",
        "previous_grade",
    )
    list_filter = ("official_grade", "official_year", "status", "objected")
    list_select_related = ("producer",)
    search_fields = ("producer__name", "producer__key")
    ordering = ("pk",)
    fields = (
        "producer",
        "status",
        "official_grade",
        "score",
        "official_year",
        "official_run",
        "since",
        "objected",
        "previous_grade",
        "previous_year",
        "pending_run",
    )
    readonly_fields = fields

    @admin.display(description=_("年度得分"))
    def score(self, standing: Standing) -> str:
        """Points with two decimals."""
        return "—" if standing.official_score is None else decimal_text(standing.official_score, 2)
