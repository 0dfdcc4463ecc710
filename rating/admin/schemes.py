"""Rating schemes, read as a table: what each criterion measures, what it gives, and the clause behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from agricredit.foundation.common.acts import act_page, breakable
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from agricredit.foundation.common.templatetags.formats import full_date
from rating.admin import scheme_desk as desk
from rating.admin import scheme_words
from rating.admin.forms import NothingForm, ReasonForm
from rating.engine.scheme import Criterion
from rating.engine.scheme import Scheme as EngineScheme
from rating.models import RegionScheme, Scheme
from rating.services import scheme_desk, schemes
from rating.services.exporting import decimal_text

COLOURS = {
    Scheme.State.DRAFT: "info",
    Scheme.State.SUBMITTED: "warning",
    Scheme.State.APPROVED: "primary",
    Scheme.State.IN_FORCE: "success",
    Scheme.State.RETIRED: "warning",
}


class Act(NamedTuple):
    """A button of a scheme's page: when it is offered, to whom, what it asks for and does."""

    states: tuple[str, ...]
    permission: str
    label: str | Promise
    says: str | Promise
    form: type[forms.Form]
    act: Callable[..., Scheme | None]


ACTS = {
    "clone": Act(
        tuple(Scheme.State),
        "rating.add_scheme",
        _("复制为草案"),
        _("内容原样复制为一份新版本的草案；改好后报批，由另一人批准后施行。"),
        desk.CloneForm,
        scheme_desk.clone,
    ),
    "submit": Act(
        (Scheme.State.DRAFT,),
        "rating.change_scheme",
        _("报批"),
        _("报批后内容不能再改；由起草人、报批人以外的人批准。"),
        NothingForm,
        scheme_desk.submit,
    ),
    "approve": Act(
        (Scheme.State.SUBMITTED,),
        "rating.approve_scheme",
        _("批准"),
        _("自施行日期起，按该方案评价的地区改用这一版；施行后任何人都不能修改。"),
        desk.ApproveForm,
        scheme_desk.approve,
    ),
    "back": Act(
        (Scheme.State.SUBMITTED,),
        "rating.approve_scheme",
        _("退回修改"),
        _("方案退回为草案，可以继续修改。"),
        ReasonForm,
        scheme_desk.send_back,
    ),
    "discard": Act(
        (Scheme.State.DRAFT,),
        "rating.change_scheme",
        _("删除草案"),
        _("草案将被删除，不能恢复。"),
        NothingForm,
        scheme_desk.discard,
    ),
}


@admin.register(Scheme)
class SchemeAdmin(ReadOnlyAdmin):
    """Read only once submitted; a draft is edited on the pages of the desk, through its services."""

    list_display = ("name", "code", "version", "state_word", "valid_from")
    list_filter = ("state",)
    ordering = ("code", "-id")
    change_form_outer_before_template = "admin/rating/scheme/table.html"
    fields = (
        *("name", "code", "version", "state_word", "valid_from", "fingerprint", "created_at"),
        *("drafted_by", "submitted_by", "approved_by", "approved_on"),
    )
    readonly_fields = fields

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # Unfold ships no types
    def state_word(self, scheme: Scheme) -> tuple[str, str]:
        """The state in words."""
        return Labelled(scheme.state, scheme.get_state_display())

    @admin.display(description=_("内容指纹（SHA-256）"))
    def fingerprint(self, scheme: Scheme) -> SafeString:
        """The sha256, which a phone may break."""
        return breakable(scheme.sha256)

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
            context["steps"] = self._offered(request, scheme)
            if scheme.state == Scheme.State.DRAFT:
                context["faults"] = scheme_desk.faults(scheme.document)
                context["parts"] = desk.overview(scheme)
            else:
                context["tables"] = tables(schemes.parsed(scheme))
                context["note"] = schemes.parsed(scheme).note
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def get_urls(self) -> list[URLPattern]:
        """The desk's pages, and a page for each act."""
        views = {
            "act": ("<int:pk>/act/<slug:name>/", self.act_view),
            "part": ("<int:pk>/part/<slug:part>/", self.part_view),
            "compare": ("<int:pk>/compare/", self.compare_view),
            "preview": ("<int:pk>/preview/", self.preview_view),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"rating_scheme_{name}")
            for name, (route, view) in views.items()
        ]
        urls: list[URLPattern] = own + super().get_urls()
        return urls

    def part_view(self, request: HttpRequest, pk: int, part: str) -> HttpResponse:
        """One part of a draft."""
        drafts = self.get_queryset(request).filter(state=Scheme.State.DRAFT)
        return desk.part_view(request, get_object_or_404(drafts, pk=pk), part)

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """This version against another."""
        rows = self.get_queryset(request)
        return desk.compare_view(request, get_object_or_404(rows, pk=pk), rows)

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The draft on one county."""
        return desk.preview_view(request, get_object_or_404(self.get_queryset(request), pk=pk))

    def act_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask before an act, then take it."""
        scheme = get_object_or_404(self.get_queryset(request), pk=pk)
        act = ACTS.get(name)
        if act is None or not request.user.has_perm(act.permission):
            raise PermissionDenied
        taken: list[Scheme | None] = []

        def take(values: dict[str, Any]) -> str:
            taken.append(act.act(scheme=scheme, actor=request.user, **values))
            return gettext("已办理：%(act)s。") % {"act": act.label}

        def done() -> str:
            if taken[0] is None:
                return reverse("admin:rating_scheme_changelist")
            return reverse("admin:rating_scheme_change", args=[taken[0].pk])

        return act_page(
            request,
            title=f"{act.label} · {scheme.name} {scheme.version}",
            lines=[str(act.says)],
            button=str(act.label),
            form=act.form(request.POST if request.method == "POST" else None),
            act=take,
            back=reverse("admin:rating_scheme_change", args=[scheme.pk]),
            done=done,
        )

    def _offered(self, request: HttpRequest, scheme: Scheme) -> list[dict[str, str]]:
        buttons = [
            {
                "label": str(act.label),
                "url": reverse("admin:rating_scheme_act", args=[scheme.pk, name]),
                "variant": "danger" if name == "discard" else "primary",
            }
            for name, act in ACTS.items()
            if scheme.state in act.states and request.user.has_perm(act.permission)
        ]
        pages = {"compare": gettext("版本比较")}
        if request.user.has_perm("rating.add_simulation"):
            pages["preview"] = gettext("在一个县预览")
        return buttons + [
            {
                "label": label,
                "url": reverse(f"admin:rating_scheme_{page}", args=[scheme.pk]),
                "variant": "default",
            }
            for page, label in pages.items()
        ]


class ChooseForm(forms.Form):
    """Which scheme where, from when, and which one beside it for reference."""

    region_code = forms.RegexField(
        r"^[0-9]{2,12}$",
        label=_("行政区划代码"),
        widget=UnfoldAdminTextInputWidget,
        help_text=_("含其下级区划"),
    )
    scheme = forms.ModelChoiceField(
        Scheme.objects.none(), label=_("评价方案"), widget=UnfoldAdminSelectWidget
    )
    valid_from = forms.DateField(label=_("施行日期"), widget=UnfoldAdminDateWidget)
    compared = forms.ModelChoiceField(
        Scheme.objects.none(), label=_("对照方案"), required=False, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Schemes in force."""
        super().__init__(*args, **kwargs)
        for name in ("scheme", "compared"):
            self.fields[name].queryset = Scheme.objects.in_force()  # type: ignore[attr-defined]  # a model choice


@admin.register(RegionScheme)
class RegionSchemeAdmin(ReadOnlyAdmin):
    """Which scheme holds where, since when."""

    list_display = ("region_code", "scheme", "valid_from", "compared")
    list_select_related = ("scheme", "compared")
    ordering = ("region_code", "-valid_from")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may choose."""
        return bool(request.user.has_perm("rating.add_regionscheme"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Choose a scheme for a region from a day on."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def act(values: dict[str, Any]) -> str:
            row = schemes.choose(**values, actor=request.user)  # type: ignore[arg-type]  # logged in
            return gettext("%(region)s自%(day)s起采用“%(scheme)s”。") % {
                "region": row.region_code,
                "day": full_date(row.valid_from),
                "scheme": row.scheme.name,
            }

        return act_page(
            request,
            title=gettext("地区适用方案"),
            lines=[
                gettext("所选方案自施行日期起用于该地区及其下级；已生效的结果不变。"),
                gettext("对照方案只在门户和工作台并列显示，标明“仅供对照”，没有任何效力。"),
            ],
            button=gettext("确定"),
            form=ChooseForm(
                request.POST or None, initial={"region_code": getattr(request.user, "region_code", "")}
            ),
            act=act,
            back=reverse("admin:rating_regionscheme_changelist"),
        )


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
        "headers": [
            *(gettext("代码"), gettext("评分标准"), gettext("分值"), gettext("看什么")),
            *(gettext("怎样计分"), gettext("依据")),
        ],
        "rows": [
            [
                row.code,
                row.name,
                decimal_text(row.points, 2) if row.points else "—",
                scheme_words.reads(row.measure),
                scheme_words.counts(row),
                row.clause,
            ]
            for row in criteria
        ],
    }
