"""Changes of divisions: drafted line by line, previewed with counts, confirmed by a second person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from archives.admin.acts import Act, ActsAdmin
from archives.admin.forms import ReasonForm
from archives.models import ChangeKind, ChangeState, RegionChange
from archives.services import region_changes, region_moves

ADD, CHANGE = "archives.add_regionchange", "archives.change_regionchange"
COLOURS = {"drafted": "warning", "confirmed": "info", "applied": "success", "cancelled": "default"}


class DraftForm(forms.Form):
    """The order, and its lines."""

    kind = forms.ChoiceField(label=_("变更类型"), choices=ChangeKind.choices, widget=UnfoldAdminSelectWidget)
    effective_on = forms.DateField(label=_("生效日期"), widget=UnfoldAdminDateWidget)
    basis = forms.CharField(label=_("批准文件"), max_length=200, widget=UnfoldAdminTextInputWidget)
    lines = forms.CharField(
        label=_("区划对应"),
        help_text=_("每行一个：原代码 新代码 新名称。下级区划自动随迁；要另给代码的下级请单独写一行。"),
        widget=UnfoldAdminTextareaWidget,
    )


def _propose(form: DraftForm, moves: list[region_moves.Move]) -> list[str]:
    """Divisions below that would get codes that are taken: lines with free ones are added, to be checked."""
    proposed = region_moves.proposals(moves)
    if proposed:
        written = [form.data["lines"].rstrip(), *(f"{one.old} {one.new} {one.name}" for one in proposed)]
        form.data = {**form.data.dict(), "lines": "\n".join(written)}  # type: ignore[attr-defined]  # a POST's QueryDict
        return [str(_("已在下面按顺序补上空着的代码，请按批准文件逐行核对后再登记。"))]
    return []


def _open(change: RegionChange) -> bool:
    return change.state in (ChangeState.DRAFTED, ChangeState.CONFIRMED)


ACTS = {
    "confirm": Act(
        CHANGE, _("核准"),
        _("生效日已到的立即执行，未到的到日自动执行：主体、地块、账号随迁到新区划，账本和以往评价保留原代码。"),
        _("已核准。"), forms.Form, region_changes.confirm, lambda row: row.state == ChangeState.DRAFTED,
    ),
    "cancel": Act(
        CHANGE, _("取消变更"), _("尚未执行的变更可以取消。"), _("已取消。"), ReasonForm,
        region_changes.cancel, _open,
    ),
}  # fmt: skip


@admin.register(RegionChange)
class RegionChangeAdmin(ActsAdmin, ReadOnlyAdmin):
    """Shows and asks; ``services.region_changes`` writes."""

    acts = ACTS
    target = "change"
    list_display = ("basis", "kind", "effective_on", "shown_state", "drafted_by", "confirmed_by")
    list_filter = (("state", ChoicesDropdownFilter),)
    list_select_related = ("drafted_by", "confirmed_by")
    list_before_template = "admin/archives/region_changes/draft.html"
    change_form_after_template = "admin/archives/region_changes/preview.html"
    ordering = ("-pk",)
    fields = (
        "kind", "effective_on", "basis", "shown_state", "drafted_by", "drafted_at", "confirmed_by",
        "confirmed_at", "applied_at",
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """The list's own act."""
        view = self.admin_site.admin_view(self.draft_view)
        return [path("draft/", view, name="archives_regionchange_draft"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; those who may draft see the way to it."""
        may = {"may_draft": request.user.has_perm(ADD)}
        answer: HttpResponse = super().changelist_view(request, {**may, **(extra_context or {})})
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One order with its lines; before it is applied, with what would follow."""
        row = self.get_object(request, object_id)
        rows = region_changes.preview(row) if row is not None and _open(row) else []
        context = {"preview": rows, "order": row, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def draft_view(self, request: HttpRequest) -> HttpResponse:
        """GET asks, POST writes the order down."""
        if not request.user.has_perm(ADD):
            raise PermissionDenied
        made: list[RegionChange] = []
        form = DraftForm(request.POST if request.method == "POST" else None)

        def act(values: dict[str, Any]) -> str:
            moves = region_moves.read(values.pop("lines"))
            try:
                made.append(region_changes.draft(**values, moves=moves, actor=request.user))
            except ValidationError as refusal:
                raise ValidationError([*_propose(form, moves), *refusal.messages]) from refusal
            return str(_("已登记，请核对随迁数量，由另一人核准。"))

        return act_page(
            request,
            title=str(_("登记区划变更")),
            lines=[str(_("依据上级批准文件登记；核准前不影响任何数据。"))],
            button=str(_("登记")),
            form=form,
            act=act,
            back=reverse("admin:archives_regionchange_changelist"),
            done=lambda: reverse("admin:archives_regionchange_change", args=[made[0].pk]),
        )

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # no types
    def shown_state(self, row: RegionChange) -> tuple[Any, str]:
        """The state in words and colour."""
        return Labelled(row.state, row.get_state_display())
