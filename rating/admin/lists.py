"""Lists: lawful entries as imported, and the bureau's internal watch list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled
from agricredit.foundation.common.files import FileRefused
from archives.admin.finding import DivisionFilter
from archives.models import Producer
from rating.admin.acted import ActedAdmin, RowAct
from rating.admin.decision_forms import lines_of
from rating.admin.forms import NothingForm, ReasonForm
from rating.models import DishonestyListing, WatchEntry
from rating.services import listings, watching

Listed, Watched = DishonestyListing.State, WatchEntry.State
LISTING_COLOURS = {Listed.LISTED: "danger", Listed.ENDED: "info", Listed.REMOVED: "success"}
WATCH_COLOURS = {
    Watched.PROPOSED: "warning",
    Watched.WATCHED: "danger",
    Watched.REFUSED: "info",
    Watched.LEAVING: "warning",
    Watched.LEFT: "success",
}


class RemovalForm(forms.Form):
    """When and by which act the body took it off."""

    removed_on = forms.DateField(label=_("移出日期"), widget=UnfoldAdminDateWidget)
    removal = forms.CharField(
        label=_("移出依据"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("列入机关的移出决定文号，或修复决定"),
    )


class ImportForm(forms.Form):
    """A file of entries."""

    file = forms.FileField(
        label=_("名单文件"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=format_lazy(
            _("CSV或XLSX，列名：{columns}（有效期至可空）"),
            columns="、".join((*listings.REQUIRED, listings.UNTIL)),
        ),
    )
    dry_run = forms.BooleanField(
        label=_("只检查，不录入"), required=False, initial=True, widget=UnfoldBooleanWidget
    )


class WatchForm(forms.Form):
    """Whom to watch, why, until when."""

    key = forms.CharField(
        label=_("主体编号或统一社会信用代码"), max_length=100, widget=UnfoldAdminTextInputWidget
    )
    reason = forms.CharField(label=_("列入理由"), max_length=2000, widget=UnfoldAdminTextareaWidget)
    basis = forms.CharField(label=_("依据"), max_length=200, widget=UnfoldAdminTextInputWidget)
    review_by = forms.DateField(label=_("复核期限"), widget=UnfoldAdminDateWidget)
    evidence = forms.CharField(
        label=_("所据信息编号"),
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("每行一个，来自信用信息账本"),
    )

    def clean_evidence(self) -> list[str]:
        """One a line."""
        return lines_of(self.cleaned_data["evidence"])


@admin.register(DishonestyListing)
class DishonestyListingAdmin(ActedAdmin):
    """Imported, never made here; taken off when the body that listed says so."""

    act_permission = "rating.remove_dishonestylisting"
    act_row = "listing"
    acts = {
        "remove": RowAct(
            (Listed.LISTED,),
            _("登记移出"),
            _("按列入机关的移出决定登记；名单记录自移出日起不再有效，旧记录保留。"),
            RemovalForm,
            listings.remove,
        )
    }
    list_display = (
        *("producer", "list_name", "authority", "state_word", "listed_on", "valid_until", "removed_on"),
    )
    list_filter = ("state", "list_name", DivisionFilter)
    list_select_related = ("producer",)
    ordering = ("-id",)
    fields = (
        *("producer", "list_name", "authority", "basis", "document_number", "source", "state_word"),
        *("listed_on", "valid_until", "entered_by", "entered_at", "removed_on", "removal", "removed_by"),
    )
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may import."""
        return bool(request.user.has_perm("rating.add_dishonestylisting"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Import a file; by default it is only checked."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def act(values: dict[str, Any]) -> str:
            upload, user = values["file"], request.user
            try:
                done = listings.load(
                    file=upload,
                    name=upload.name,
                    actor=user,  # type: ignore[arg-type]  # the page is for accounts only
                    dry_run=values["dry_run"],
                )
            except FileRefused as refusal:
                raise ValidationError([str(fault) for fault in refusal.faults]) from None
            said = {"new": done.new, "known": done.known}
            if values["dry_run"]:
                return gettext("检查通过：可新录入%(new)s条，已登记%(known)s条；取消勾选后录入。") % said
            return gettext("已录入%(new)s条，另有%(known)s条此前已登记。") % said

        return act_page(
            request,
            title=gettext("导入严重失信主体名单"),
            lines=[
                gettext("只登记有权机关依法列入的名单，须有机关、依据、文号和来源；本平台不自行设立名单。")
            ],
            button=gettext("导入"),
            form=ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm(),
            act=act,
            back=reverse("admin:rating_dishonestylisting_changelist"),
        )

    @display(description=_("状态"), label=LISTING_COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # Unfold ships no types
    def state_word(self, listing: DishonestyListing) -> tuple[str, str]:
        """The state in words."""
        return Labelled(listing.state, listing.get_state_display())


@admin.register(WatchEntry)
class WatchEntryAdmin(ActedAdmin):
    """Proposed by one, decided by another, in and out."""

    act_permission = "rating.decide_watchentry"
    act_row = "entry"
    acts = {
        "enter": RowAct(
            (Watched.PROPOSED,),
            _("决定列入"),
            _("须由提出人以外的人决定；只提高巡查频次，不公开，不作其他用途。"),
            ReasonForm,
            watching.enter,
        ),
        "refuse": RowAct((Watched.PROPOSED,), _("不予列入"), _("写明理由。"), ReasonForm, watching.refuse),
        "exit": RowAct(
            (Watched.WATCHED,),
            _("提出移出"),
            _("整改到位或复核期满的，提出移出，由另一人决定。"),
            ReasonForm,
            watching.propose_exit,
        ),
        "leave": RowAct(
            (Watched.LEAVING,),
            _("决定移出"),
            _("须由提出移出的人以外的人决定。"),
            NothingForm,
            watching.leave,
        ),
    }
    list_display = ("producer", "state_word", "proposed_on", "entered_on", "review_by", "left_on")
    list_filter = ("state", DivisionFilter)
    list_select_related = ("producer",)
    ordering = ("-id",)
    fields = (
        *("producer", "state_word", "reason", "basis", "evidence_uids", "proposed_by", "proposed_on"),
        *("review_by", "decided_by", "entered_on", "decision_reason", "exit_reason", "exit_proposed_by"),
        *("left_by", "left_on"),
    )
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may propose."""
        return bool(request.user.has_perm("rating.add_watchentry"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Propose to put a producer on the list."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def act(values: dict[str, Any]) -> str:
            key, user = values.pop("key").strip(), request.user
            visible = Producer.objects.visible_to(user)
            producer = visible.filter(key=key).first() or visible.filter(credit_code=key.upper()).first()
            if producer is None:
                raise ValidationError(gettext("没有查到该主体。"))
            entry = watching.propose(producer=producer, actor=user, **values)  # type: ignore[arg-type]  # logged in: the page lets nobody else through
            return f"{entry}"

        return act_page(
            request,
            title=gettext("提出列入重点监管名单"),
            lines=[gettext("内部名单：只提高巡查频次，不公开；由另一人决定是否列入。")],
            button=gettext("提出"),
            form=WatchForm(request.POST or None),
            act=act,
            back=reverse("admin:rating_watchentry_changelist"),
        )

    @display(description=_("状态"), label=WATCH_COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # Unfold ships no types
    def state_word(self, entry: WatchEntry) -> tuple[str, str]:
        """The state in words."""
        return Labelled(entry.state, entry.get_state_display())
