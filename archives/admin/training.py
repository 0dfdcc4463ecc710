"""Training: sessions, who attended, and the hours of a year by township and by supervisor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.accounts.models import User
from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import ReadOnlyAdmin
from agricredit.foundation.common.clock import today
from archives.admin.acts import Act, ActsAdmin
from archives.admin.finding import ProducerSearch
from archives.admin.forms import ReasonForm
from archives.admin.sheets import InItsSheet
from archives.admin.texts import RegionCodeForm
from archives.models import SUPERVISORS_HOURS, Audience, TrainingAttendance, TrainingSession
from archives.register_forms import add_refusals
from archives.services.register import training

CHANGE = "archives.change_trainingsession"
YEARS_BACK = 5


class SessionForm(RegionCodeForm):
    """A session that was held."""

    title = forms.CharField(label=_("培训内容"), max_length=160, widget=UnfoldAdminTextInputWidget)
    audience = forms.ChoiceField(
        label=_("培训对象"), choices=Audience.choices, widget=UnfoldAdminSelectWidget
    )
    held_on = forms.DateField(
        label=_("培训日期"), initial=today, widget=UnfoldAdminTextInputWidget(attrs={"type": "date"})
    )
    hours = forms.DecimalField(
        label=_("学时"), max_digits=4, decimal_places=1, widget=UnfoldAdminTextInputWidget
    )
    place = forms.CharField(
        label=_("地点"), max_length=120, required=False, widget=UnfoldAdminTextInputWidget
    )
    organiser = forms.CharField(label=_("组织单位"), max_length=120, widget=UnfoldAdminTextInputWidget)
    field_order = ("title", "audience", "held_on", "hours", "organiser", "place", "region")


class AttendForm(forms.Form):
    """The sign-in sheet, a line a person."""

    people = forms.CharField(
        label=_("参加人员"), max_length=40_000, widget=UnfoldAdminTextareaWidget,
        help_text=_("一行一个：主体编号（监管人员填用户名），后面可加逗号和参加人姓名"),
    )  # fmt: skip
    hours = forms.DecimalField(
        label=_("学时"), max_digits=4, decimal_places=1, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("没有全程参加时填写，留空为全部学时"),
    )  # fmt: skip


ACTS = {
    "attend": Act(
        CHANGE, _("登记参训人员"), _("按签到表登记；已登记的不会重复。主体的学时计入信用信息。"),
        _("已登记参训人员。"), AttendForm, training.attend, lambda row: True,
    ),
}  # fmt: skip
WITHDRAW = {
    "withdraw": Act(
        "archives.change_trainingattendance", _("撤销"), _("登记错了的，撤销后学时不再计算。"), _("已撤销。"),
        ReasonForm, training.withdraw, lambda row: row.withdrawn_on is None,
    ),
}  # fmt: skip


class AttendanceInline(TabularInline):  # type: ignore[misc]  # Unfold ships no types
    """Who attended, of the officer's own division."""

    model = TrainingAttendance
    verbose_name_plural = _("参训记录")
    fields = ("producer", "supervisor", "attendee", "hours", "withdrawn_on")
    extra = 0
    can_delete = False
    show_change_link = True
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Those the officer may see."""
        rows: QuerySet[Any] = super().get_queryset(request)
        visible = TrainingAttendance.objects.visible_to(request.user).values("pk")
        return rows.filter(pk__in=visible).select_related("producer", "supervisor").order_by("-pk")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the act above."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(TrainingSession)
class TrainingSessionAdmin(ActsAdmin, ReadOnlyAdmin):
    """Sessions of the officer's division and of those above it."""

    acts = ACTS
    target = "session"
    list_display = ("title", "audience", "held_on", "hours", "attended", "organiser", "region")
    list_filter = (("audience", ChoicesDropdownFilter),)
    list_select_related = ("region",)
    ordering = ("-held_on", "-pk")
    search_fields = ("title",)
    list_before_template = "admin/archives/training/before.html"
    fields = ("title", "audience", "held_on", "hours", "place", "organiser", "region", "entered_by")
    inlines = (AttendanceInline,)

    def get_urls(self) -> list[URLPattern]:
        """The year's hours, before the pages of single rows."""
        hours = path("hours/", self.admin_site.admin_view(self.hours_view), name="archives_training_hours")
        return [hours, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With how many attended."""
        standing = Count("attendances", filter=Q(attendances__withdrawn_on__isnull=True))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(attending=standing)
        return rows

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who keep the archives."""
        return bool(request.user.has_perm("archives.add_trainingsession"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Write a session down."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SessionForm(
            request.POST if request.method == "POST" else None,
            initial={"region": scope_of(request.user).region_code},
        )

        def act(values: dict[str, Any]) -> str:
            try:
                training.hold(actor=request.user, **values)
            except ValidationError as refusal:
                add_refusals(form, refusal.error_dict)
                raise ValidationError([]) from refusal
            return _now("已登记，请接着登记参训人员。")

        return act_page(
            request, title=_now("登记培训"), lines=[_now("培训办完后登记，再按签到表登记参训人员。")],
            button=_now("保存"), form=form, act=act,
            back=reverse("admin:archives_trainingsession_changelist"),
        )  # fmt: skip

    def arguments(self, request: HttpRequest, form: forms.Form) -> dict[str, Any]:
        """Lines as people; those unknown or out of reach are all named at once."""
        lines = [line.strip() for line in form.cleaned_data["people"].splitlines() if line.strip()]
        pairs = [_pair(line) for line in lines]
        rows, missing = training.producers_of((key for key, _name in pairs), request.user)
        known: dict[str, Any] = {row.key: row for row in rows}
        people = User.objects.filter(username__in=missing, is_active=True)
        scope = scope_of(request.user)
        known |= {person.username: person for person in people if scope.covers(person.region_code)}
        unknown = [key for key in missing if key not in known]
        if unknown:
            raise ValidationError(_now("您的辖区内没有：%(keys)s。") % {"keys": "、".join(unknown[:20])})
        return {
            "attendees": [(known[key], name) for key, name in pairs],
            "hours": form.cleaned_data["hours"],
        }

    def hours_view(self, request: HttpRequest) -> HttpResponse:
        """Producers' hours by township and supervisors' hours, of one calendar year."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        this = today().year
        years = [this - back for back in range(YEARS_BACK)]
        given = request.GET.get("year", "")
        year = int(given) if given.isdecimal() and int(given) in years else this
        region = scope_of(request.user).region_code
        context = {
            **self.admin_site.each_context(request),
            "title": _("年度培训学时"),
            "opts": self.opts,
            "year": year,
            "years": years,
            "townships": training.hours_by_township(region=region, year=year),
            "supervisors": training.supervisors_hours(region=region, year=year),
            "wanted": SUPERVISORS_HOURS,
        }
        return TemplateResponse(request, "admin/archives/training/hours.html", context)

    @admin.display(description=_("参训人次"), ordering="attending")
    def attended(self, row: Any) -> int:
        """How many attended."""
        return int(row.attending)


def _pair(line: str) -> tuple[str, str]:
    """A key and maybe a name, parted by a comma of either width."""
    key, _comma, name = line.replace("，", ",").partition(",")
    return key.strip(), name.strip()


@admin.register(TrainingAttendance)
class TrainingAttendanceAdmin(ProducerSearch, InItsSheet, ActsAdmin, ReadOnlyAdmin):
    """Single attendances; one entered by mistake is taken back here."""

    acts = WITHDRAW
    target = "attendance"
    list_display = ("session", "producer", "supervisor", "attendee", "hours", "withdrawn_on")
    list_select_related = ("session", "producer", "supervisor")
    ordering = ("-pk",)
    fields = (
        "session", "producer", "supervisor", "attendee", "hours", "entered_at", "withdrawn_on",
        "withdraw_reason",
    )  # fmt: skip
