"""Working days as everybody may read them; the system administrator enters a year when it is announced."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.calendar.announcing import announce
from agricredit.foundation.calendar.forms import AnnounceForm
from agricredit.foundation.calendar.models import CalendarDay
from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import ReadOnlyAdmin

ADD = "calendar.add_calendarday"


class YearFilter(admin.SimpleListFilter):
    """Announced years."""

    title = _("年份")
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The years there are, the latest first."""
        years = CalendarDay.objects.dates("day", "year", order="DESC")
        return [(str(day.year), str(day.year)) for day in years]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Days of the chosen year."""
        value = self.value() or ""
        return queryset.filter(day__year=int(value)) if value.isdecimal() else queryset


class SpecialFilter(admin.SimpleListFilter):
    """All days, or only those that differ from the weekday."""

    title = _("范围")
    parameter_name = "special"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """One choice."""
        return [("1", gettext("只看节假日和调休"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow to them."""
        return queryset.special() if self.value() else queryset  # type: ignore[attr-defined]  # CalendarDayQuerySet


@admin.register(CalendarDay)
class CalendarDayAdmin(ReadOnlyAdmin):
    """Read only but for the announcement of a year."""

    list_display = ("day", "working", "name")
    list_filter = (YearFilter, SpecialFilter)
    list_before_template = "admin/calendar/announce.html"
    ordering = ("-day",)
    fields = ("day", "working", "name")

    def get_urls(self) -> list[URLPattern]:
        """The page that enters a year."""
        view = self.admin_site.admin_view(self.announce_view)
        urls: list[URLPattern] = super().get_urls()
        return [path("announce/", view, name="calendar_calendarday_announce"), *urls]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; whoever may is offered the announcement."""
        more = {"may_announce": request.user.has_perm(ADD)}
        response: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return response

    def announce_view(self, request: HttpRequest) -> HttpResponse:
        """Enter a year."""
        if not request.user.has_perm(ADD):
            raise PermissionDenied

        def act(values: dict[str, Any]) -> str:
            changed = announce(actor=request.user, **values)
            said = gettext("%(year)s年的安排已登记，%(changed)s天与原来不同；未到期的法定期限正在重新计算。")
            return said % {"year": values["year"], "changed": changed}

        return act_page(
            request,
            title=gettext("登记年度放假安排"),
            lines=[
                gettext(
                    "照国务院办公厅通知填写。其余日子按周一至周五上班；登记后未到期的法定期限会重新计算。"
                )
            ],
            button=gettext("登记"),
            form=AnnounceForm(request.POST if request.method == "POST" else None),
            act=act,
            back=reverse("admin:calendar_calendarday_changelist"),
        )
