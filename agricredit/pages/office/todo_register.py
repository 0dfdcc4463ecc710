"""Tiles of the officers' home that keep the register clean and up to date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import today
from agricredit.foundation.common.paginators import large_table_count
from agricredit.pages.office.tiles import Todo, counted
from archives.models import DuplicatePair, Figure, IdleFinding, Licence, RegionChange, TownshipFigure
from archives.services.register import reminders
from rating.models import Reregistration

#: So many rows are read to be counted; nobody works off more in a day.
MOST = 1001


def _cleaning(request: HttpRequest) -> Iterator[Todo]:
    """Pairs to compare."""
    address = counted(request, "archives.duplicatepair")
    if not address:
        return
    pairs: Any = DuplicatePair.objects.visible_to(request.user)
    count = large_table_count(pairs.filter(state="open"))
    if count:
        note = _("并排比对，合并或记住“不是同一主体”")
        yield Todo(_("疑似重复的主体"), count, address("state__exact=open"), note)


def _idle(request: HttpRequest) -> Iterator[Todo]:
    """Producers that seem to have stopped: those who answered first, then notices that ran out."""
    address = counted(request, "archives.idlefinding")
    if not address:
        return
    findings: Any = IdleFinding.objects.visible_to(request.user)
    told = findings.told().values_list("answer", "state", "notice_until")[:MOST]
    spoken = sum(bool(answer) for answer, _state, _until in told)
    if spoken:
        note = _("先派巡查核实，再决定保留、恢复或注销")
        yield Todo(_("不运行主体说明仍在生产"), spoken, address("answered=1"), note, "warning")
    ended = sum(state == "noticed" and until < today() for _answer, state, until in told)
    if ended:
        note = _("核实在产，或注销档案")
        link = address(f"state__exact=noticed&notice_until__lt={today()}")
        yield Todo(_("告知期满的不运行主体"), ended, link, note, "warning")
    found = large_table_count(findings.filter(state="found"))
    if found:
        note = _("派巡查核实后再处理")
        yield Todo(_("在册不运行的主体"), found, address("state__exact=found"), note)


def _reregistrations(request: HttpRequest) -> Iterator[Todo]:
    """Files that seem to be opened anew after a bad grade: to be looked at, then by a second person."""
    address = counted(request, "rating.reregistration")
    if not address:
        return
    rows: Any = Reregistration.objects.visible_to(request.user)
    waiting = rows.filter(state__in=("proposed", "found")).values_list("state", "proposed_by")[:MOST]
    proposed = sum(state == "proposed" and by != request.user.pk for state, by in waiting)
    if proposed:
        note = _("须由提出人以外的人复核")
        yield Todo(_("重新登记待复核认定"), proposed, address("state__exact=proposed"), note, "warning")
    found = sum(state == "found" for state, _by in waiting)
    if found:
        note = _("原主体有不良等级或已注销，比对后提出认定")
        yield Todo(_("疑似重新登记的主体"), found, address("state__exact=found"), note)


def _regions(request: HttpRequest) -> Iterator[Todo]:
    """Orders that wait for somebody other than who wrote them down."""
    address = counted(request, "archives.regionchange")
    if not address or not request.user.has_perm("archives.change_regionchange"):
        return
    rows = RegionChange.objects.visible_to(request.user).filter(state="drafted")
    waiting = rows.exclude(drafted_by=request.user.pk).count()
    if waiting:
        note = _("须由登记人以外的人核准")
        yield Todo(_("待核准的区划变更"), waiting, address("state__exact=drafted"), note, "warning")


def _confirmations(request: HttpRequest) -> Iterator[Todo]:
    """Files not confirmed for half a year, as counted last night; the list is read when it is opened."""
    address = counted(request, "archives.producer")
    if not address or not request.user.has_perm("archives.change_producer"):
        return
    figures = TownshipFigure.objects.visible_to(request.user).filter(name=Figure.OVERDUE)
    overdue = figures.aggregate(found=Sum("value"))["found"] or 0
    if overdue:
        note = _("昨夜统计；提醒主体在“我的档案”确认，或核对后代为确认")
        yield Todo(_("半年未确认的档案"), overdue, address("due=confirm"), note)


def _licences(request: HttpRequest) -> Iterator[Todo]:
    """Producers' licences to be renewed now, and entries that wait for a check."""
    address = counted(request, "archives.licence")
    if not address:
        return
    visible = Licence.objects.visible_to(request.user)
    ending = large_table_count(reminders.due(visible))
    if ending:
        note = _("提醒主体换证，换证后更新有效期")
        yield Todo(_("将到期或已过期的证照"), ending, address("standing=due"), note, "warning")
    waiting = large_table_count(visible.open().filter(check_outcome=""))
    if waiting:
        note = _("与原件核对后计入信用信息")
        yield Todo(_("待核验的证照"), waiting, address("standing=unchecked"), note, "warning")


TILES = (_cleaning, _idle, _reregistrations, _regions, _confirmations, _licences)
