"""Exchange with other platforms: what each run did, and a button for a run now."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from archives.models import Direction, ExternalId, PlatformRun
from archives.services import platforms
from archives.services.platforms.config import Platform

EXCHANGE = "archives.exchange_platforms"
COLOURS = {"running": "info", "done": "success", "failed": "danger"}


class Exchanged(ReadOnlyAdmin):
    """Rows of an exchange: platform and content by their titles."""

    def make_ready(self, rows: Collection[Any]) -> None:
        """The configuration is read once for a page."""
        titles = platforms.platform_titles()
        for row in rows:
            row.platform_told = titles.get(row.platform, row.platform)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The row under its words."""
        row = self.get_object(request, object_id)
        named = {"subtitle": self.said(row)} if row is not None else {}
        answer: HttpResponse = super().change_view(
            request, object_id, form_url, {**named, **(extra_context or {})}
        )
        return answer

    def said(self, row: Any) -> str:
        """The row in words."""
        return f"{self.shown_platform(row)} · {self.shown_noun(row)}"

    @admin.display(description=_("平台"), ordering="platform")
    def shown_platform(self, row: Any) -> str:
        """The platform's title; its short name once the configuration does not have it any more."""
        if not hasattr(row, "platform_told"):
            self.make_ready([row])
        return str(row.platform_told)

    @admin.display(description=_("内容"), ordering="noun")
    def shown_noun(self, row: Any) -> str:
        """The noun's title."""
        return platforms.noun_title(row.noun, getattr(row, "direction", Direction.PUSH))


@admin.register(PlatformRun)
class PlatformRunAdmin(Exchanged):
    """The latest first; ``services.platforms`` writes."""

    list_display = (
        "shown_platform", "shown_noun", "direction", "shown_state", "written", "unchanged", "faulty",
        "started_at",
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), ("direction", ChoicesDropdownFilter))
    list_filter_submit = True
    list_before_template = "admin/archives/platforms/now.html"
    ordering = ("-id",)
    fields = (
        "shown_platform", "shown_noun", "direction", "shown_state", "started_at", "finished_at", "written",
        "unchanged", "faulty", "cursor", "message",
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """The list's own act, before the pages of single runs."""
        view = self.admin_site.admin_view(self.exchange_view)
        return [path("exchange/", view, name="archives_platformrun_exchange"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list under the configured platforms, or what is wrong with their configuration."""
        more: dict[str, Any] = {"may_exchange": request.user.has_perm(EXCHANGE)}
        try:
            more["platforms"] = [_shown(platform) for platform in _visible(request)]
        except ValidationError as refusal:
            more["config_faults"] = refusal.messages
        response: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return response

    def exchange_view(self, request: HttpRequest) -> HttpResponse:
        """Put an exchange with one platform on the list now."""
        if not request.user.has_perm(EXCHANGE):
            raise PermissionDenied
        if request.method == "POST":
            try:
                names = [platform.name for platform in _visible(request)]
                if (name := request.POST.get("platform", "")) not in names:
                    raise PermissionDenied
                platforms.request(platform=name, actor=request.user)
                messages.success(request, str(_("已开始交换，进度见“后台任务”。")))
            except ValidationError as refusal:
                messages.error(request, refusal.messages[0])
        return HttpResponseRedirect(reverse("admin:archives_platformrun_changelist"))

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # no types
    def shown_state(self, run: PlatformRun) -> tuple[Any, str]:
        """The state in words and colour."""
        return Labelled(run.state, run.get_state_display())


@admin.register(ExternalId)
class ExternalIdAdmin(Exchanged):
    """Which object has which number where; found by either number, whole."""

    list_display = ("shown_platform", "shown_noun", "ours", "theirs", "error", "exchanged_at")
    fields = ("shown_platform", "shown_noun", "ours", "theirs", "error", "region_code", "exchanged_at")
    readonly_fields = ("shown_platform", "shown_noun")
    search_fields = ("ours",)
    search_help_text = _("本平台或对方的完整编号")
    ordering = ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whole numbers only: both have an index."""
        term = search_term.strip()
        found = queryset.filter(ours=term) | queryset.filter(theirs=term)
        return (found if term else queryset), False


def _shown(platform: Platform) -> dict[str, Any]:
    """A platform as the page shows it: where it is, and what comes from it and goes to it."""
    ways: dict[str, list[str]] = {}
    for mapping in platform.nouns:
        for direction in mapping.directions:
            title = platforms.noun_title(mapping.noun, direction)
            ways.setdefault(title, []).append(str(Direction(direction).label))
    said = [
        gettext("%(title)s（%(ways)s）") % {"title": title, "ways": str(_("、")).join(labels)}
        for title, labels in ways.items()
    ]
    title = platforms.platform_title(platform)
    return {"name": platform.name, "title": title, "address": platform.address, "said": said}


def _visible(request: HttpRequest) -> list[Platform]:
    """The configured platforms of divisions inside the officer's own."""
    scope = scope_of(request.user)
    return [platform for platform in platforms.load().values() if scope.covers(platform.region)]
