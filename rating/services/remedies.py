"""What pages say of repairs and objections: the clock in words, and the versions of a result."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from agricredit.foundation.calendar import services as calendar
from agricredit.foundation.calendar.wording import why_provisional, with_reservations
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.templatetags.formats import full_date
from archives.models import Producer
from rating.models import Rating
from rating.services.exporting import decimal_text


def clock(deadline: date | None, *, counted: bool = True) -> str:
    """How many working days are left, or by how many the deadline has passed; a dash for none.

    A deadline ahead that was ``counted`` in working days through a year whose holidays are not announced is
    called provisional, with the reason; one that was appointed (an interview) stays what it is.
    """
    return clocks([deadline], counted=counted)[deadline]


def clocks(deadlines: Iterable[date | None], *, counted: bool = True) -> dict[date | None, str]:
    """:func:`clock` of each of many deadlines, with one look at the calendar for all."""
    now = today()
    left = calendar.spans(now, (deadline for deadline in deadlines if deadline is not None))
    return {None: "—"} | {day: _clock(day, now, span, counted) for day, span in left.items()}


def _clock(deadline: date, now: date, left: calendar.Span, counted: bool) -> str:
    said = _("剩%(days)s个工作日") if deadline >= now else _("已逾期%(days)s个工作日")
    day = _("%(day)s前") % {"day": full_date(deadline)}
    if counted and left.provisional and deadline > now:
        day = _("%(day)s；%(why)s") % {"day": day, "why": why_provisional(deadline)}
    return said % {"days": abs(left.days)} + _("（%(day)s）") % {"day": day}


def day_told(deadline: date | None) -> str:
    """A deadline's date, with the reservation while it may still move; a dash for none."""
    return days_told([deadline])[deadline]


def days_told(deadlines: Iterable[date | None]) -> dict[date | None, str]:
    """:func:`day_told` of each of many deadlines, with one look at the calendar for all."""
    texts = {deadline: full_date(deadline) for deadline in deadlines if deadline is not None}
    return {None: "—"} | with_reservations(texts)


def versions_of(producer: Producer) -> list[Rating]:
    """All versions of the producer's official results, newest first: for itself and officers only."""
    rows = Rating.objects.filter(producer=producer.resolved, run__state__in=["effective", "superseded"])
    rows = rows.exclude(status=Rating.Status.PENDING).select_related("run__scheme")
    return list(rows.defer("points", "readings").order_by("-run__year", "-run_id", "-version"))


def versions_told(producer: Producer) -> list[tuple[Rating, str, bool]]:
    """Each version with what it was issued for, and whether a newer one of the same run superseded it."""
    seen: set[int] = set()
    told = []
    for row in versions_of(producer):
        told.append((row, cause_word(row), row.run_id in seen))
        seen.add(row.run_id)
    return told


def cause_word(rating: Rating) -> str:
    """What a version was issued for."""
    words = {
        "repair": _("信用修复"),
        "objection": _("异议成立"),
        "correction": _("更正重出"),
        "decision": _("年度内下调或暂停"),
        "lift": _("解除下调或暂停"),
    }
    return words.get(rating.cause.partition(":")[0], _("年度评价") if rating.version == 1 else _("等级认定"))


def versions_text(cause: str, producer: Producer) -> str:
    """The results that one cause made, in a line; a dash before there are any."""
    rows = Rating.objects.filter(producer=producer.resolved, cause=cause).select_related("run__scheme")
    return "；".join(map(_line, rows.order_by("run__year", "run_id"))) or "—"


def _line(rating: Rating) -> str:
    return _("%(run)s 第%(version)s版 %(grade)s %(score)s分") % {
        "run": rating.run,
        "version": rating.version,
        "grade": rating.grade or rating.get_status_display(),
        "score": decimal_text(rating.score, 2),
    }
