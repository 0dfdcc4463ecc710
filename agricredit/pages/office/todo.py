"""The first row of the officers' home: what must be done, each a count that leads to its list."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.calendar.wording import with_reservation
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.paginators import large_table_count
from agricredit.foundation.common.templatetags.formats import full_date
from agricredit.foundation.jobs.models import ExportFile, Job
from agricredit.pages.office import todo_register as register
from agricredit.pages.office.navigation import list_address
from agricredit.pages.office.tiles import Todo, counted
from archives.models import RecordReview
from rating.models import Decision, Interview, Objection, RatingRun, Repair, WatchEntry
from rating.services.remedies import clock
from supervision.models import EnforcementCertificate, Task
from supervision.services.plans import month_end

#: An enforcement certificate that ends within this many days is worth renewing now.
RENEWAL_DAYS = 60
#: Runs that an officer must look at: computed and not yet taken up, or under review.
AWAITED = (RatingRun.State.COMPUTED, RatingRun.State.IN_REVIEW)


def todos(request: HttpRequest) -> list[Todo]:
    """What waits for this account, the urgent first; counts stop at 1000."""
    found: list[Todo] = []
    for tiles in (
        _tasks,
        _reviews,
        _runs,
        _decisions,
        _remedies,
        _watched,
        *register.TILES,
        _certificates,
        _jobs,
        _exports,
    ):
        found += tiles(request)
    order = ("danger", "warning", "plain")
    return sorted(found, key=lambda todo: (todo.is_done, order.index(todo.tone)))


def _tasks(request: HttpRequest) -> Iterator[Todo]:
    address = counted(request, "supervision.task")
    if not address:
        return
    day = today()
    last = month_end(day)
    tasks = Task.objects.visible_to(request.user)
    yield Todo(
        _("逾期未完成的任务"),
        large_table_count(tasks.overdue(day)),
        address(f"state__exact=open&due_on__lt={day}"),
        _("截止日期已过，请先安排"),
        "danger",
    )
    yield Todo(
        _("本月到期的任务"),
        large_table_count(tasks.open().filter(due_on__range=(day, last))),
        address(f"state__exact=open&due_on__gte={day}&due_on__lte={last}"),
        _("%(day)s前完成") % {"day": full_date(last)},
        "warning",
    )


def _reviews(request: HttpRequest) -> Iterator[Todo]:
    """Records that somebody else than their writer must verify, for those who may."""
    address = counted(request, "archives.recordreview")
    if not address or not request.user.has_perm("archives.change_recordreview"):
        return
    mine = RecordReview.objects.visible_to(request.user).open()
    yield Todo(
        _("待核实的生产记录"),
        large_table_count(mine),
        address("state__exact=open"),
        _("例外和随机抽取的；可批量核实"),
        "warning",
    )


def _runs(request: HttpRequest) -> Iterator[Todo]:
    address = counted(request, "rating.ratingrun")
    if not address:
        return
    visible = RatingRun.objects.visible_to(request.user)
    wanted = (*AWAITED, RatingRun.State.PUBLIC_NOTICE, RatingRun.State.FAILED)
    runs = list(visible.filter(state__in=wanted).values_list("state", "trial", "notice_until", "year"))
    yield Todo(
        _("待复核的年度评价"),
        sum(state in AWAITED and not trial for state, trial, _until, _year in runs),
        address("state__in=computed,in_review"),
        _("看分布、变动和否决项，再公示"),
        "warning",
    )
    notices = [until for state, _trial, until, _year in runs if state == RatingRun.State.PUBLIC_NOTICE]
    ends = min(filter(None, notices), default=None)
    yield Todo(
        _("公示中的年度评价"),
        len(notices),
        address("state__exact=public_notice"),
        _("最早%(day)s期满") % {"day": with_reservation(full_date(ends), ends)}
        if ends
        else _("目前没有公示"),
    )
    last_year = today().year - 1
    yield Todo(
        _("计算失败的年度评价"),
        sum(state == RatingRun.State.FAILED and year >= last_year for state, _trial, _until, year in runs),
        address("state__exact=failed"),
        _("打开可看原因"),
        "danger",
    )


def _decisions(request: HttpRequest) -> Iterator[Todo]:
    address = counted(request, "rating.decision")
    if not address:
        return
    visible = Decision.objects.visible_to(request.user)
    yield Todo(
        _("否决项和最低等级待告知"),
        undecided(request.user),
        list_address("rating.rating", request, "awaiting=notice"),
        _("告知前原等级继续有效"),
        "warning",
    )
    yield Todo(
        _("申辩期满、待作出认定"),
        large_table_count(visible.open().filter(statement_until__lt=today())),
        address(f"state__exact=noticed&statement_until__lt={today()}"),
        _("须由另一人作出认定"),
        "danger",
    )
    yield from _unserved(visible, address)
    yield from _interviews(request)


def _unserved(visible: Any, address: Callable[[str], str]) -> Iterator[Todo]:
    """Papers that have to reach their producers: nothing runs and nothing has effect before."""
    notices = large_table_count(visible.to_serve("notice"))
    if notices:
        yield Todo(
            _("告知书待送达"),
            notices,
            address("state__exact=noticed&notice_served_on__isnull=True"),
            _("陈述申辩期自送达起算"),
            "warning",
        )
    due = visible.to_serve("decision").order_by("serve_by")
    first = due.first()
    if first is not None:
        late = first.serve_by is not None and first.serve_by < today()
        yield Todo(
            _("决定书待送达"),
            large_table_count(due),
            address("state__exact=confirmed"),
            clock(first.serve_by),
            "danger" if late else "warning",
        )


def _interviews(request: HttpRequest) -> Iterator[Todo]:
    address = counted(request, "rating.interview")
    due: Any = Interview.objects.visible_to(request.user).due()
    first = due.first() if address else None
    if address and first is not None:
        tone = "danger" if first.deadline < today() else "warning"
        yield Todo(
            _("待办理的责任约谈"),
            large_table_count(due),
            address("state__in=called,held"),
            clock(first.deadline),
            tone,
        )


def _remedies(request: HttpRequest) -> Iterator[Todo]:
    """Objections and repairs with the days left of the nearest one."""
    rows: tuple[tuple[str, str, str, Any], ...] = (
        ("rating.objection", _("待办理的异议"), "open", Objection.objects),
        ("rating.repair", _("待办理的信用修复"), "applied,accepted", Repair.objects),
    )
    for model, title, states, manager in rows:
        address = counted(request, model)
        due = manager.visible_to(request.user).due()
        first = due.first() if address else None
        if address and first is not None:
            tone = "danger" if first.deadline < today() else "warning"
            yield Todo(
                title, large_table_count(due), address(f"state__in={states}"), clock(first.deadline), tone
            )


def _watched(request: HttpRequest) -> Iterator[Todo]:
    address = counted(request, "rating.watchentry")
    if not address:
        return
    visible = WatchEntry.objects.visible_to(request.user)
    proposed = visible.filter(state__in=["proposed", "leaving"]).count()
    if proposed:
        yield Todo(
            _("重点监管名单待决定"),
            proposed,
            address("state__in=proposed,leaving"),
            _("须由另一人决定"),
            "warning",
        )
    late = visible.filter(state="watched", review_by__lt=today()).count()
    if late:
        yield Todo(
            _("重点监管名单待复核"),
            late,
            address(f"state__exact=watched&review_by__lt={today()}"),
            _("复核期限已过"),
            "danger",
        )


def undecided(user: Any) -> int:
    """Results with a veto or a lowest grade of the newest rated year that nobody has given notice of.

    Taken from the runs' own summaries less the decisions made since: no result is read.
    """
    runs = RatingRun.objects.visible_to(user).deciding()
    scope = scope_of(user)
    pending: int = sum(
        counts.get("pending", 0)
        for run in runs
        for township, counts in run.summary.get("townships", {}).items()
        if scope.covers(township)
    )
    if not pending:
        return 0
    begun = Decision.objects.visible_to(user).filter(run__in=runs, state__in=Decision.HELD_STATES)
    return max(pending - int(begun.count()), 0)


def _certificates(request: HttpRequest) -> Iterator[Todo]:
    address = counted(request, "supervision.enforcementcertificate")
    if not address:
        return
    until = today() + datetime.timedelta(days=RENEWAL_DAYS)
    ending = EnforcementCertificate.objects.visible_to(request.user).filter(valid_until__lte=until)
    count = ending.count()
    if count:
        yield Todo(
            _("将到期的行政执法证"),
            count,
            address(f"valid_until__lte={until}"),
            _("到期后不能参加行政检查"),
            "warning",
        )


def _jobs(request: HttpRequest) -> Iterator[Todo]:
    address = counted(request, "jobs.job")
    if not address:
        return
    jobs = Job.objects.visible_to(request.user)
    yield Todo(
        _("失败的后台任务"),
        large_table_count(jobs.failed()),
        address("state__exact=failed"),
        _("打开可看原因，可重新运行"),
        "danger",
    )


def _exports(request: HttpRequest) -> Iterator[Todo]:
    address = counted(request, "jobs.exportfile")
    count = ExportFile.objects.visible_to(request.user).to_fetch().count() if address else 0
    if address and count:
        yield Todo(_("可下载的导出文件"), count, address(""), _("保留几天后自动删除"))
