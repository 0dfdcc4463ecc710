"""Steps of a computed run: review, public notice (公示), effect; each its permission, clock, audit line."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.calendar import services as calendar
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.templatetags.formats import full_date
from agricredit.foundation.jobs import outbox
from rating.models import RatingRun
from rating.services import schemes, standings
from rating.services.access import require

#: Working days a run is shown to the public before it may take effect (platform default).
NOTICE_WORKING_DAYS = 5

State = RatingRun.State


def to_review(*, run: RatingRun, actor: User | None, on: date | None = None) -> RatingRun:
    """Take a computed run up for review. Refused in any other state.

    ``on`` (here and in the later steps) is today unless the system itself enters a past year's dates (a demo,
    a take-over of old results): a person cannot date a step back.
    """
    day = _day(run, actor, on, after=run.window_end)
    return _step(
        run,
        actor,
        permission="rating.review_ratingrun",
        begins=State.COMPUTED,
        ends=State.IN_REVIEW,
        fields={"reviewed_on": day},
        facts={"on": day},
    )


def to_notice(*, run: RatingRun, actor: User | None, on: date | None = None) -> RatingRun:
    """Show a reviewed run's results to the public for at least five working days.

    Results with a veto or lowest grade are not shown: they stay pending until a person has decided.
    """
    day = _day(run, actor, on, after=run.reviewed_on or run.window_end, same_day=True)
    if run.trial:
        raise ValidationError(_("试评价只供内部检验，不能公示，也不能生效。"), code="trial")
    until = calendar.add_working_days(day, NOTICE_WORKING_DAYS).date
    return _step(
        run,
        actor,
        permission="rating.notice_ratingrun",
        begins=State.IN_REVIEW,
        ends=State.PUBLIC_NOTICE,
        fields={"noticed_on": day, "notice_until": until, "noticed_by": actor},
        facts={"on": day, "until": until},
    )


def take_effect(*, run: RatingRun, actor: User | None, on: date | None = None) -> RatingRun:
    """Give a run effect after its public notice: standings change, the run before it is superseded.

    Refused before the notice has ended, for the person who published the notice, by a scheme that the region
    does not rate by, and when a later year is in effect already. Emits ``rating.effective``.
    """
    day = _day(run, actor, on)
    until = run.notice_until
    if run.state == State.PUBLIC_NOTICE and until is not None and day <= until:
        raise ValidationError(
            _("公示到%(until)s为止，次日起才能生效。") % {"until": full_date(until)}, code="notice_running"
        )
    if actor is not None and run.noticed_by_id == actor.pk:
        raise ValidationError(_("确认生效的人不能与发布公示的人相同。"), code="same_person")
    _refuse_out_of_place(run, day)
    with transaction.atomic():
        _supersede(run, day)
        run = _step(
            run,
            actor,
            permission="rating.effect_ratingrun",
            begins=State.PUBLIC_NOTICE,
            ends=State.EFFECTIVE,
            fields={"effective_on": day},
            facts={"on": day},
        )
        standings.apply_run(run)
        outbox.emit("rating.effective", run_id=run.pk, region_code=run.region_code, year=run.year)
    return run


def _refuse_out_of_place(run: RatingRun, day: date) -> None:
    scheme = schemes.scheme_for(run.region_code, day)
    if scheme is None or scheme.code != run.scheme.code:
        raise ValidationError(
            _("该地区不适用方案%(code)s，其结果只供比较，不能生效。") % {"code": run.scheme.code},
            code="not_the_regions_scheme",
        )
    around = [run.region_code[:length] for length in range(2, len(run.region_code))]
    overlapping = Q(region_code__startswith=run.region_code) | Q(region_code__in=around)
    later = RatingRun.objects.filter(overlapping, state=State.EFFECTIVE, year__gt=run.year).first()
    if later is not None:
        raise ValidationError(
            _("%(later)s的评价已经生效，更早年度的结果不能再生效。") % {"later": later}, code="later_year"
        )


def _supersede(run: RatingRun, day: date) -> None:
    """Whatever was in effect for the region and the divisions below it gives way."""
    RatingRun.objects.filter(
        region_code__startswith=run.region_code, year__lte=run.year, state=State.EFFECTIVE
    ).update(state=State.SUPERSEDED, superseded_on=day)


def _day(
    run: RatingRun, actor: User | None, on: date | None, *, after: date | None = None, same_day: bool = False
) -> date:
    now = today()
    if on is None or on == now:
        return now
    if actor is not None:
        raise ValidationError(_("办理日期只能是当天。"), code="date")
    if on > now or (after is not None and (on < after or (on == after and not same_day))):
        raise ValidationError(_("日期%(day)s早于上一步或晚于今天。") % {"day": full_date(on)}, code="date")
    return on


def _step(
    run: RatingRun,
    actor: User | None,
    *,
    permission: str,
    begins: RatingRun.State,
    ends: RatingRun.State,
    fields: dict[str, Any],
    facts: dict[str, date],
) -> RatingRun:
    """Move the run by one conditional update, so that of two people who press at once one succeeds."""
    require(actor, permission, run.region_code)
    with transaction.atomic():
        if not RatingRun.objects.filter(pk=run.pk, state=begins).update(state=ends, **fields):
            run.refresh_from_db()
            raise ValidationError(
                _("评价现为“%(now)s”，只有“%(needed)s”的评价才能办理这一步。")
                % {"now": run.get_state_display(), "needed": begins.label},
                code="state",
            )
        run.refresh_from_db()
        audit.record(
            verb=f"run.{ends.value}",
            actor=actor,
            target=run,
            region_code=run.region_code,
            run=str(run),
            **{name: day.isoformat() for name, day in facts.items()},
        )
    return run
