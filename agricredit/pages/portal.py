"""The producer's home and score (``/my/``): several floors on one screen, official and estimate apart."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Max
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agricredit.foundation.calendar.wording import with_reservation
from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import full_date, near_date
from agricredit.pages.city import scheme_grades
from agricredit.pages.estimate import Estimate, estimate_of
from agricredit.pages.standings import history_of
from archives.ledger.excluded import excluded_event_ids_sql
from archives.ledger.kinds import KINDS
from archives.ledger.querysets import ALL_IDS
from archives.models import (
    CreditEvent,
    Delivery,
    IdleFinding,
    InputUse,
    Licence,
    Profile,
    ProfileState,
    RecordReview,
    Sector,
    SelfTest,
)
from archives.portal import timeline
from archives.portal.acting import Acting, portal_page
from archives.portal.views import presented
from archives.services.register import reminders, texts
from rating.models import Decision, Interview, Rating, RatingRun, Standing
from rating.services import letters, side_by_side
from rating.services.formers import formers
from rating.services.histories import YearGrade, history

RECENT = 3
LICENCE_WARNING = datetime.timedelta(days=60)
LICENCE = KINDS["licence.checked"].number
ESTIMATE_KEPT = 3600  # seconds; new evidence changes the key at once


@dataclass(frozen=True)
class Todo:
    """One thing to know or do, the nearest first; ``late`` is said in a word, not only in red.

    ``first``: a right that runs out (to answer a notice, to object) stands above all chores.
    """

    sentence: str
    day: datetime.date
    url: str = ""
    late: bool = False
    first: bool = False


@portal_page
def home(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Greeting, official grade, live estimate, two big buttons, what is due, what was done last."""
    standing = _standing(acting)
    page = timeline.page(acting.producer, request.user, size=RECENT, active=True)
    sectors = acting.producer.sectors
    return render(
        request,
        "portal/home.html",
        {
            "acting": acting,
            "greeting": greeting(clock.now().astimezone(clock.SHANGHAI).hour),
            "standing": standing,
            "word": _word(standing),
            "estimate": _remembered(acting, standing),
            "todos": todos(acting),
            "entries": [presented(entry, sectors) for entry in page.entries],
        },
    )


def greeting(hour: int) -> str:
    """What one says at this hour."""
    if hour < 5 or hour >= 18:
        return _("晚上好")
    if hour < 11:
        return _("早上好")
    return _("中午好") if hour < 14 else _("下午好")


@portal_page
def score(request: HttpRequest, acting: Acting) -> HttpResponse:
    """The official grade by year; apart from it the estimate with every lost point and what is missing."""
    standing = _standing(acting)
    years = history(acting.producer)
    words = {year.year: year.word for year in history_of(acting.producer)}
    return render(
        request,
        "portal/score.html",
        {
            "acting": acting,
            "standing": standing,
            "word": _word(standing),
            "years": [(year, words.get(year.year, "")) for year in years],
            "chart": _chart(years),
            "estimate": estimate_of(acting.producer),
            "compared": side_by_side.offered(acting.producer.region_id),
            "formers": formers(acting.producer),
        },
    )


def _standing(acting: Acting) -> Standing | None:
    rows = Standing.objects.filter(producer=acting.producer).select_related("official_run__scheme")
    return rows.first()


def _word(standing: Standing | None) -> str:
    """The scheme's own word for the official grade."""
    if standing is None or standing.official_run is None:
        return ""
    grade = scheme_grades(standing.official_run.scheme.document).get(standing.official_grade, {})
    return str(grade.get("word", ""))


def _chart(years: list[YearGrade]) -> list[tuple[str, float]]:
    """Scores of decided years, oldest first; one point alone makes no line."""
    rated = [(str(year.year), year.score / 100) for year in reversed(years) if year.grade]
    return rated if len(rated) > 1 else []


def _remembered(acting: Acting, standing: Standing | None) -> Estimate | None:
    """The estimate without its evidence, kept until the live score was computed anew."""
    moment = standing.live_at.isoformat() if standing is not None and standing.live_at else ""
    key = f"estimate:{acting.producer.pk}:{moment}:{clock.today()}:{get_language()}"
    known = cache.get(key) if moment else None
    if isinstance(known, Estimate):
        return known
    found = estimate_of(acting.producer, evidence=False)
    if moment and found is not None:
        cache.set(key, found, ESTIMATE_KEPT)
    return found


def todos(acting: Acting) -> list[Todo]:
    """Rights that run out; then returned records, disposals, licences that end, intervals: by day."""
    found = [*_decisions(acting), *_noticed_results(acting), *_interviews(acting), *_idle(acting)]
    found += _file(acting)
    found += [*_returned(acting), *_disposals(acting), *_licences(acting), *_intervals(acting)]
    return sorted(found, key=lambda todo: (not todo.first, not todo.late, todo.day))


def _decisions(acting: Acting) -> list[Todo]:
    """Notices and decisions to sign for, and until when a notice may be answered."""
    rows = Decision.objects.under_way().filter(producer=acting.producer).select_related("run")
    today, found = clock.today(), []
    for row in rows:
        until = row.statement_until
        if row.state == Decision.State.CONFIRMED:
            sentence = _("请签收认定决定书：%(what)s")
        elif until is None:
            sentence = _("请签收告知书：%(what)s")
        elif until >= today:
            sentence = _("%(day)s前可以陈述申辩：%(what)s")
        else:
            continue
        day = with_reservation(near_date(until), until) if until else ""
        told = {"day": day, "what": letters.intent(row)}
        link = reverse("my:decision", kwargs={"decision": row.pk})
        found.append(Todo(sentence % told, until or today, link, first=True))
    return found


def _idle(acting: Acting) -> list[Todo]:
    """The file is to be closed, or was, for want of any sign of work: the producer has a word in it."""
    row: IdleFinding | None = getattr(acting.producer, "idle_finding", None)
    if row is None or not row.is_told:
        return []
    link, until = reverse("my:file-idle"), row.notice_until or clock.today()
    if row.answer:
        return [Todo(_("您已说明还在生产，等监管人员核实"), until, link)]
    if row.state == IdleFinding.State.DELISTED:
        return [Todo(_("档案已注销；还在生产的，可以申请恢复"), until, link, first=True)]
    said = {"day": near_date(until)}
    return [Todo(_("档案拟注销：还在生产的，请在%(day)s前说明") % said, until, link, first=True)]


def _noticed_results(acting: Acting) -> list[Todo]:
    """A result in public notice, which may be objected to."""
    runs = RatingRun.objects.formal().filter(state=RatingRun.State.PUBLIC_NOTICE)
    mine = Rating.objects.filter(producer=acting.producer, version=1, status=Rating.Status.RATED)
    rows = runs.filter(pk__in=mine.values("run")).exclude(objections__producer=acting.producer)
    return [
        Todo(
            _("%(year)s年度评价结果正在公示，%(day)s前可以提出异议")
            % {"year": run.year, "day": with_reservation(near_date(run.notice_until), run.notice_until)},
            run.notice_until,
            reverse("my:remedies"),
            first=True,
        )
        for run in rows
        if run.notice_until is not None and run.notice_until >= clock.today()
    ]


def _interviews(acting: Acting) -> list[Todo]:
    """Called to an interview (约谈): when and where."""
    rows = Interview.objects.filter(producer=acting.producer, state=Interview.State.CALLED)
    return [
        Todo(
            _("%(day)s责任约谈，地点：%(place)s") % {"day": near_date(row.scheduled_on), "place": row.place},
            row.scheduled_on,
            late=row.scheduled_on < clock.today(),
        )
        for row in rows
    ]


def _returned(acting: Acting) -> list[Todo]:
    """Records that officers returned: to be explained, or reversed and entered again."""
    rows = RecordReview.objects.returned().filter(producer=acting.producer).order_by("-decided_at", "-pk")
    return [
        Todo(
            _("%(day)s的一条记录被退回：%(reason)s")
            % {"day": near_date(row.occurred_on), "reason": row.reason},
            row.occurred_on,
            reverse("my:record", kwargs={"noun": row.noun, "uid": row.uid}),
        )
        for row in rows[:RECENT]
    ]


def _file(acting: Acting) -> list[Todo]:
    """The file: what is missing, the half year's confirmation, this year's pledge, what nobody has read."""
    producer, today = acting.producer, clock.today()
    url = reverse("my:file")
    found = []
    state = ProfileState.objects.filter(producer=producer).first()
    if state is not None and state.is_overdue:
        found.append(Todo(_("档案半年没确认了，看一眼，对的就点“都对，确认”"), today, url))
    profile = Profile.objects.filter(producer=producer).first()
    if profile is not None and profile.missing_count:
        sentence = _("档案还差%(count)d项，补上能多得分") % {"count": profile.missing_count}
        found.append(Todo(sentence, today, url))
    pledge = texts.pledge_due(producer)
    if pledge is not None:
        found.append(
            Todo(_("签今年的承诺书：%(title)s") % {"title": pledge.title}, today, reverse("my:file-pledge"))
        )
    unread = Delivery.objects.open().filter(producer=producer, read_at__isnull=True).select_related("text")
    for row in unread.order_by("-delivered_on")[:RECENT]:
        link = reverse("my:file-notice", kwargs={"delivery": row.pk})
        found.append(Todo(_("请读：%(title)s") % {"title": row.text.title}, row.delivered_on, link))
    return found


def _disposals(acting: Acting) -> list[Todo]:
    rows = SelfTest.objects.active().filter(producer=acting.producer, passed=False, disposed_on__isnull=True)
    today = clock.today()
    return [
        Todo(
            _("自检不合格的%(product)s，%(day)s前登记怎么处置的")
            % {"product": row.product, "day": near_date(row.disposal_due_on)},
            row.disposal_due_on,
            reverse("my:record-disposal", kwargs={"uid": row.uid}),
            row.disposal_due_on < today,
        )
        for row in rows.select_related("product").order_by("disposal_due_on")[:RECENT]
        if row.disposal_due_on is not None
    ]


def _licences(acting: Acting) -> list[Todo]:
    """Licences of the file that end soon; without any on file, the end as the last check has it."""
    kept = Licence.objects.open().filter(producer=acting.producer)
    if kept.exists():
        return [_licence(row) for row in reminders.due(kept).order_by("valid_until")[:RECENT]]
    # Narrowed to the producer's own events: the whole ledger's reversals are no matter of one page.
    excluded = RawSQL(excluded_event_ids_sql(ALL_IDS, [acting.producer.pk]), ())  # noqa: S611 - a whole number
    events = CreditEvent.objects.filter(producer=acting.producer, kind=LICENCE).exclude(pk__in=excluded)
    last = events.order_by("-occurred_on", "-pk").first()
    today = clock.today()
    if last is None or last.valid_until is None or last.valid_until > today + LICENCE_WARNING:
        return []
    day = last.valid_until
    late = day < today
    sentence = (
        _("证照已于%(day)s到期，请换证后告诉乡镇监管人员") if late else _("证照%(day)s到期，请提前换证")
    )
    return [Todo(sentence % {"day": full_date(day)}, day, "", late)]


def _licence(row: Licence) -> Todo:
    day = row.valid_until or clock.today()
    link = reverse("my:file-entry", kwargs={"kept": "licence", "entry": row.pk})
    return Todo(reminders.sentence(row), day, link, row.has_expired)


def _intervals(acting: Acting) -> list[Todo]:
    """8月12日起 3号地豇豆可采收."""
    uses = InputUse.objects.active().filter(producer=acting.producer, harvest_from__gt=clock.today())
    rows = (
        uses.values("product__name", "product__sector", "plot__name")
        .annotate(day=Max("harvest_from"))
        .order_by("day")[: 2 * RECENT]
    )
    return [
        Todo(
            (
                _("%(day)s起 %(plot)s%(product)s可采收")
                if row["product__sector"] == Sector.CROPS
                else _("%(day)s起 %(plot)s%(product)s可上市")
            )
            % {
                "day": near_date(row["day"]),
                "plot": row["plot__name"] or "",
                "product": row["product__name"],
            },
            row["day"],
        )
        for row in rows
    ]
