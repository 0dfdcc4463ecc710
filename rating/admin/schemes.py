"""Rating schemes, read as a table: what each criterion measures, what it gives, and the clause behind it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from rating.engine.scheme import Criterion
from rating.engine.scheme import Scheme as EngineScheme
from rating.models import RegionScheme, Scheme
from rating.services import schemes
from rating.services.exporting import decimal_text

COLOURS = {
    Scheme.State.DRAFT: "info",
    Scheme.State.APPROVED: "primary",
    Scheme.State.IN_FORCE: "success",
    Scheme.State.RETIRED: "warning",
}


@admin.register(Scheme)
class SchemeAdmin(ReadOnlyAdmin):
    """Read only; a scheme is a document that is loaded, never a form."""

    list_display = ("name", "code", "version", "state_word", "valid_from")
    list_filter = ("state",)
    ordering = ("code", "-id")
    change_form_outer_before_template = "admin/rating/scheme/table.html"
    fields = ("name", "code", "version", "state_word", "valid_from", "sha256", "created_at")
    readonly_fields = fields

    # Unfold ships no types
    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]
    def state_word(self, scheme: Scheme) -> tuple[str, str]:
        """The state in words."""
        return Labelled(scheme.state, scheme.get_state_display())

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The scheme's tables above its facts."""
        scheme = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if scheme is not None:
            context["tables"] = tables(schemes.parsed(scheme))
            context["note"] = schemes.parsed(scheme).note
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


@admin.register(RegionScheme)
class RegionSchemeAdmin(ReadOnlyAdmin):
    """Which scheme holds where, since when."""

    list_display = ("region_code", "scheme", "valid_from")
    list_select_related = ("scheme",)
    ordering = ("region_code", "-valid_from")


def tables(scheme: EngineScheme) -> list[dict[str, Any]]:
    """The scheme's parts as tables, each with its title."""
    return [
        _criteria(gettext("评分标准"), scheme.criteria),
        _criteria(gettext("加分"), scheme.bonus),
        _criteria(gettext("扣分"), scheme.deductions),
        {
            "title": gettext("一票否决"),
            "headers": [gettext("代码"), gettext("情形"), gettext("结果"), gettext("依据")],
            "rows": [[veto.code, veto.name, veto.grade, veto.clause] for veto in scheme.vetoes],
        },
        {
            "title": gettext("等级"),
            "headers": [gettext("等级"), gettext("名称"), gettext("起点分"), gettext("另需满足")],
            "rows": [
                [
                    grade.code,
                    grade.word,
                    decimal_text(grade.cut, 2),
                    "；".join(gate.name for gate in grade.gates) or "—",
                ]
                for grade in scheme.grades
            ],
        },
    ]


def _criteria(title: str, criteria: tuple[Criterion, ...]) -> dict[str, Any]:
    return {
        "title": title,
        "headers": [gettext("代码"), gettext("评分标准"), gettext("分值"), gettext("说明"), gettext("依据")],
        "rows": [
            [
                row.code,
                row.name,
                decimal_text(row.points, 2) if row.points else "—",
                row.explanation or "—",
                row.clause,
            ]
            for row in criteria
        ],
    }
