"""The table of consequences, and the log of credit checks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from archives.admin.finding import DivisionFilter, ProducerSearch
from archives.models.producers import ProducerKind
from rating.admin.forms import NothingForm
from rating.models import ConsequenceRow, ConsequenceTable, CreditCheckLog, Purpose, When
from rating.services import consequences

State = ConsequenceTable.State
COLOURS = {State.DRAFT: "warning", State.IN_FORCE: "success", State.RETIRED: "info"}


class NoteForm(forms.Form):
    """Why a new version."""

    note = forms.CharField(label=_("说明"), max_length=200, widget=UnfoldAdminTextInputWidget)


class RowForm(forms.Form):
    """One consequence."""

    code = forms.SlugField(label=_("代码"), max_length=32, widget=UnfoldAdminTextInputWidget)
    when = forms.ChoiceField(label=_("情形"), choices=When.choices, widget=UnfoldAdminSelectWidget)
    purposes = forms.MultipleChoiceField(
        label=_("用途"), choices=Purpose.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    kinds = forms.MultipleChoiceField(
        label=_("适用主体类型（空为全部）"),
        choices=ProducerKind.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    entry = forms.CharField(
        label=_("名单"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget
    )
    consequence = forms.CharField(label=_("处理"), max_length=300, widget=UnfoldAdminTextInputWidget)
    basis = forms.CharField(
        label=_("依据（没有依据的仅供参考）"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )


@admin.register(ConsequenceTable)
class ConsequenceTableAdmin(ReadOnlyAdmin):
    """Versions: drafted as a copy, changed row by row, approved by somebody else."""

    list_display = ("version", "state_word", "note", "drafted_by", "drafted_on", "approved_by", "approved_on")
    list_select_related = ("drafted_by", "approved_by")
    ordering = ("-version",)
    change_form_outer_before_template = "admin/rating/consequencetable/rows.html"
    fields = list_display
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        """A page for each act and each row."""
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/row/", view(self.row_view), name="rating_consequencetable_row"),
            path("<int:pk>/row/<int:row>/", view(self.row_view), name="rating_consequencetable_edit"),
            path("<int:pk>/row/<int:row>/drop/", view(self.drop_view), name="rating_consequencetable_drop"),
            path("<int:pk>/approve/", view(self.approve_view), name="rating_consequencetable_approve"),
            path("<int:pk>/discard/", view(self.discard_view), name="rating_consequencetable_discard"),
        ]
        urls: list[URLPattern] = own + super().get_urls()
        return urls

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may draft."""
        return bool(request.user.has_perm("rating.add_consequencetable"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Draft the next version as a copy of the one in force."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        made: list[ConsequenceTable] = []

        def act(values: dict[str, Any]) -> str:
            made.append(consequences.draft(actor=request.user, **values))  # type: ignore[arg-type]  # logged in: the page lets nobody else through
            return gettext("已按现行规则起草，可逐条修改，由另一人批准。")

        return act_page(
            request,
            title=gettext("起草联合使用规则表"),
            lines=[gettext("以现行规则为底稿；每条写明法律依据，没有依据的一律标为“仅供参考”。")],
            button=gettext("起草"),
            form=NoteForm(request.POST or None),
            act=act,
            back=reverse("admin:rating_consequencetable_changelist"),
            done=lambda: self._address(made[0].pk),
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The rows as a table; a draft's with what may be done."""
        table = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if table is not None:
            draft = table.state == State.DRAFT
            edit = draft and request.user.has_perm("rating.change_consequencetable")
            context |= {"steps": self._steps(request, table), "rows": _rows(table, edit)}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def row_view(self, request: HttpRequest, pk: int, row: int | None = None) -> HttpResponse:
        """Add a row, or change one."""
        table = self._table(request, pk, "rating.change_consequencetable")
        known = get_object_or_404(table.rows, pk=row) if row else None
        initial = {name: getattr(known, name) for name in RowForm.base_fields} if known else {}

        def act(values: dict[str, Any]) -> str:
            user: Any = request.user
            return str(consequences.set_row(table=table, row=known, actor=user, **values))

        return self._ask(request, table, gettext("规则"), RowForm(request.POST or None, initial=initial), act)

    def drop_view(self, request: HttpRequest, pk: int, row: int) -> HttpResponse:
        """Take a row out."""
        table = self._table(request, pk, "rating.change_consequencetable")
        known: ConsequenceRow = get_object_or_404(table.rows, pk=row)

        def act(_values: dict[str, Any]) -> str:
            user: Any = request.user
            return str(consequences.drop_row(row=known, actor=user))

        return self._ask(
            request, table, gettext("删除规则 · %(row)s") % {"row": known}, _nothing(request), act
        )

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put a draft in force."""
        table = self._table(request, pk, "rating.approve_consequencetable")

        def act(_values: dict[str, Any]) -> str:
            user: Any = request.user
            return gettext("%(table)s自今天起施行。") % {
                "table": consequences.approve(table=table, actor=user)
            }

        return self._ask(request, table, gettext("批准"), _nothing(request), act)

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Delete a draft."""
        table = self._table(request, pk, "rating.change_consequencetable")

        def act(_values: dict[str, Any]) -> str:
            consequences.discard(table=table, actor=request.user)  # type: ignore[arg-type]  # logged in: the page lets nobody else through
            return gettext("草案已删除。")

        back = reverse("admin:rating_consequencetable_changelist")
        return self._ask(request, table, gettext("删除草案"), _nothing(request), act, back)

    def _ask(
        self, request: HttpRequest, table: ConsequenceTable, title: str, form: Any, act: Any, done: str = ""
    ) -> HttpResponse:
        back = self._address(table.pk)
        return act_page(
            request,
            title=f"{title} · {table}",
            lines=[],
            button=gettext("确定"),
            form=form,
            act=act,
            back=back,
            done=lambda: done or back,
        )

    def _table(self, request: HttpRequest, pk: int, permission: str) -> ConsequenceTable:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        table: ConsequenceTable = get_object_or_404(self.get_queryset(request), pk=pk)
        return table

    def _address(self, pk: int) -> str:
        return reverse("admin:rating_consequencetable_change", args=[pk])

    def _steps(self, request: HttpRequest, table: ConsequenceTable) -> list[dict[str, str]]:
        if table.state != State.DRAFT:
            return []
        steps = [
            ("row", gettext("添加规则"), "rating.change_consequencetable"),
            ("approve", gettext("批准"), "rating.approve_consequencetable"),
            ("discard", gettext("删除草案"), "rating.change_consequencetable"),
        ]
        return [
            {
                "label": label,
                "url": reverse(f"admin:rating_consequencetable_{name}", args=[table.pk]),
                "variant": "primary" if name == "approve" else "default",
            }
            for name, label, permission in steps
            if request.user.has_perm(permission)
        ]

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # Unfold ships no types
    def state_word(self, table: ConsequenceTable) -> tuple[str, str]:
        """The state in words."""
        return Labelled(table.state, table.get_state_display())


def _nothing(request: HttpRequest) -> NothingForm:
    return NothingForm(request.POST if request.method == "POST" else None)


def _rows(table: ConsequenceTable, edit: bool) -> dict[str, Any]:
    purposes, kinds = dict(Purpose.choices), dict(ProducerKind.choices)
    headers = [
        gettext("代码"),
        gettext("情形"),
        gettext("用途"),
        gettext("适用主体"),
        gettext("处理"),
        gettext("依据"),
    ]
    rows: list[list[Any]] = [
        [
            row.code,
            row.get_when_display(),
            "、".join(str(purposes[one]) for one in row.purposes),
            "、".join(str(kinds[one]) for one in row.kinds) or gettext("全部"),
            row.consequence,
            row.basis or gettext("仅供参考"),
            *([_links(table, row)] if edit else []),
        ]
        for row in table.rows.all()
    ]
    return {"headers": [*headers, ""] if edit else headers, "rows": rows}


def _links(table: ConsequenceTable, row: ConsequenceRow) -> SafeString:
    names = ("edit", "drop")
    edit, drop = (reverse(f"admin:rating_consequencetable_{name}", args=[table.pk, row.pk]) for name in names)
    said = (edit, gettext("修改"), drop, gettext("删除"))
    return format_html('<a class="text-link" href="{}">{}</a>　<a class="text-link" href="{}">{}</a>', *said)


@admin.register(CreditCheckLog)
class CreditCheckLogAdmin(ProducerSearch, ReadOnlyAdmin):
    """Who asked about whom and what for, until the term is over."""

    list_display = ("asked_at", "asked_by", "purpose", "matter", "producer", "grade", "listed", "keep_until")
    list_filter = ("purpose", "listed", DivisionFilter)
    list_filter_submit = True
    list_select_related = ("asked_by", "producer")
    search_help_text = _("主体名称或其中几个字、拼音首字母、统一社会信用代码、主体编号，或查询事项中的文字")
    ordering = ("-id",)
    fields = (*list_display, "authorisation")
    readonly_fields = fields

    def named(self, term: str) -> Q:
        """By words of the matter."""
        return Q(matter__icontains=term)
