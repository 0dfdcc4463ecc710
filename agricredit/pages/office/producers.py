"""The register's list as officers work with it: filters over every floor, each name leading to the file."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from agricredit.foundation.common.admin import Labelled, leads_to
from agricredit.foundation.common.choosing import ChosenFilter
from agricredit.foundation.common.clock import today
from archives.admin.producers import ActivityFilter, ProducerAdmin, RegionFilter
from archives.models import Producer, ProducerProduct, ProfileState
from archives.models.figures import overdue_before
from rating.admin.grades import NONE, GradeFilter
from rating.models import Standing
from supervision.models import Task

COMPLETE, POOR = 100, 60
#: Neither closed nor an alias of another file.
LIVING = ("active", "paused")
#: From so many producers without a grade on, they are found faster by looking than by name.
MANY = 20_000
GRADE_COLOURS = {
    "A": "success",
    "B": "warning",
    "C": "danger",
    "D": "danger",
    "E": "danger",
    NONE: "default",
}


class ProductFilter(ChosenFilter):
    """By what it grows."""

    title = gettext_lazy("产品")
    parameter_name = "product"
    relation = (ProducerProduct, "product")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Producers with the product in their file."""
        value = (self.value() or "").strip()
        if not value:
            return queryset
        growers = ProducerProduct.objects.filter(product_id=int(value) if value.isdecimal() else 0)
        return queryset.filter(pk__in=growers.values("producer"))


class StandsFilter(GradeFilter):
    """By the official grade in force."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Producers that stand there."""
        value = self.value()
        if value == NONE:
            return _without_grade(queryset)
        graded = Standing.objects.filter(official_grade=value)
        return queryset.filter(pk__in=graded.values("producer")) if value else queryset


def _without_grade(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Producers without an official grade: their standing says so, or they came after the last that has one.

    Every producer's row is made when it is first scored, within seconds. A few are found by their ids; of
    many (a register not rated yet) every page of the list holds some, so that looking row by row ends soon.
    Taken the other way round each would read the whole register.
    """
    last = Standing.objects.aggregate(last=Max("producer_id"))["last"] or 0
    named = Standing.objects.filter(official_grade="").values("producer_id")
    named = named.union(Producer.objects.filter(pk__gt=last).values("pk"), all=True)
    if named[: MANY + 1].count() > MANY:
        return rows.filter(Q(standing=None) | Q(standing__official_grade=""))
    return rows.filter(pk__in=named)


class DueFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no types
    """By what is overdue."""

    title = gettext_lazy("逾期事项")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Confirmation of the file every half year; visits of the plan."""
        return [("confirm", _("档案逾期未确认（超过半年）")), ("visit", _("检查任务逾期未完成"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Producers of which that is so."""
        if self.value() == "confirm":
            late = Q(profile_state__confirmed_on__lt=overdue_before())
            return queryset.filter(status__in=LIVING).filter(late | Q(profile_state__confirmed_on=None))
        if self.value() == "visit":
            return queryset.filter(pk__in=Task.objects.overdue(today()).values("producer"))
        return queryset


class CompletenessFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no types
    """By how much of the file is filled in; of files in use, as the figures by township count them."""

    title = gettext_lazy("档案完整度")
    parameter_name = "complete"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Below 60 % the scheme gives no point."""
        return [("poor", _("不足60%")), ("partly", _("60%至99%")), ("full", _("完整"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Producers whose file is so complete."""
        ranges = {
            "poor": Q(profile_state__completeness__lt=POOR),
            "partly": Q(profile_state__completeness__gte=POOR, profile_state__completeness__lt=COMPLETE),
            "full": Q(profile_state__completeness__gte=COMPLETE),
        }
        wanted = ranges.get(self.value() or "")
        return queryset.filter(wanted, status__in=LIVING) if wanted is not None else queryset


class FileList(ChangeList):
    """A list whose rows lead to the file; the change page is for editing."""

    def url_for_result(self, result: Any) -> str:
        """The file's address."""
        return reverse("office-producer", args=[result.pk])


leads_to("archives.Producer", "office-producer")
admin.site.unregister(Producer)


@admin.register(Producer)
class RegisterAdmin(ProducerAdmin):
    """The register with what the floors above know: grade, overdue visits."""

    list_display = (
        "name",
        "shown_kind",
        "shown_region",
        "shown_status",
        "shown_grade",
        "shown_completeness",
        "credit_code",
    )
    list_filter = (
        RegionFilter,
        ("kind", ChoicesDropdownFilter),
        ProductFilter,
        ActivityFilter,
        StandsFilter,
        DueFilter,
        CompletenessFilter,
        ("status", ChoicesDropdownFilter),
        ("nature", ChoicesDropdownFilter),
    )
    list_select_related = ("region", "profile_state", "standing")
    list_before_template = "admin/file/register.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Rows lead to files."""
        return FileList

    def links(self, row: Any) -> list[dict[str, str]]:
        """Back to the file."""
        address = reverse("office-producer", args=[row.pk])
        kept = reverse("admin:archives_producer_file", args=[row.pk])
        return [
            {"label": _("看完整档案"), "url": address},
            {"label": _("档案资料"), "url": kept},
            *super().links(row),
        ]

    @display(description=gettext_lazy("等级"), label=GRADE_COLOURS)  # type: ignore[untyped-decorator]  # no types
    def shown_grade(self, producer: Producer) -> tuple[Any, str]:
        """The official grade in force."""
        try:
            grade = producer.standing.official_grade
        except ObjectDoesNotExist:
            grade = ""
        return Labelled(grade[:1] or NONE, grade or _("未评价"))

    @admin.display(description=gettext_lazy("档案完整度"))
    def shown_completeness(self, producer: Producer) -> str:
        """Percent, marked when it waits to be confirmed."""
        try:
            state: ProfileState = producer.profile_state
        except ObjectDoesNotExist:
            return "—"
        late = _("（待确认）") if state.is_overdue else ""
        return f"{state.completeness}%{late}"
