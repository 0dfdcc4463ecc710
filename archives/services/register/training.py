"""Training: holding a session, entering who attended, taking an attendance back, hours by year."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import OFFICERS, Role
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import Audience, Producer, ProducerStatus, TrainingAttendance, TrainingSession
from archives.services import ledger
from archives.services.register import statements

_FIELDS = {"title", "audience", "held_on", "hours", "place", "organiser", "region"}


@dataclass(frozen=True)
class TownshipHours:
    """A township's year: producers trained, attendances, hours together."""

    region: str
    name: str
    producers: int
    attendances: int
    hours: Decimal


@transaction.atomic
def hold(*, actor: Any = None, **values: Any) -> TrainingSession:
    """Write down a session; ``values``: title, audience, held_on, hours, organiser, region, place."""
    unknown = set(values) - _FIELDS
    if unknown:
        raise TypeError(f"a session has no {', '.join(sorted(unknown))}")
    session = TrainingSession(**values, entered_by=actor, entered_at=clock.now())
    faults: dict[str, Any] = {}
    if session.held_on is not None and session.held_on > clock.today():
        faults["held_on"] = ValidationError(_("培训办完再登记，日期不能晚于今天。"))
    scope = scope_of(actor)
    if session.region_id and scope.kind == "region" and not scope.covers(session.region_id):
        faults["region"] = ValidationError(_("这个区划不在您的辖区内。"))
    try:
        session.full_clean(exclude={"entered_by", *faults})
    except ValidationError as error:
        faults.update(error.error_dict)
    if faults:
        raise ValidationError(faults)
    session.save()
    record(
        verb="training.held", actor=actor, target=session, region_code=session.region_id, title=session.title
    )
    return session


@transaction.atomic
def attend(
    *,
    session: TrainingSession,
    attendees: Sequence[tuple[Any, str]],
    hours: Decimal | None = None,
    actor: Any = None,
) -> list[TrainingAttendance]:
    """Enter who attended: pairs of a Producer (or, for supervisors, a User) and a name.

    ``hours`` when they stayed for less than the whole. Who is entered already is left as it is. All or none:
    ValidationError names who cannot be entered and why.
    """
    row = TrainingSession.objects.select_for_update().get(pk=session.pk)
    attended = row.hours if hours is None else hours
    if not 0 < attended <= row.hours:
        raise ValidationError(
            {"hours": _("学时应大于0，不超过这次培训的%(hours)s学时。") % {"hours": row.hours}}
        )
    known: set[tuple[Any, Any, str]] = set(
        TrainingAttendance.objects.standing()
        .filter(session=row)
        .values_list("producer_id", "supervisor_id", "attendee")
    )
    fresh = []
    for person, name in dict.fromkeys(attendees):
        _refuse(row, person, name)
        whose = {"producer": person} if isinstance(person, Producer) else {"supervisor": person}
        key = (
            person.pk if isinstance(person, Producer) else None,
            None if isinstance(person, Producer) else person.pk,
            name,
        )
        if key not in known:
            known.add(key)
            fresh.append(TrainingAttendance(session=row, attendee=name, hours=attended, **whose))
    TrainingAttendance.objects.bulk_create(fresh, batch_size=1000)
    ledger.post(statements.attendance_draft(entry) for entry in fresh if entry.producer_id is not None)
    if fresh:
        record(
            verb="training.attended", actor=actor, target=row, region_code=row.region_id,
            title=row.title, count=len(fresh),
        )  # fmt: skip
    return fresh


@transaction.atomic
def withdraw(*, attendance: TrainingAttendance, reason: str, actor: Any = None) -> TrainingAttendance:
    """Take an attendance back that was entered by mistake; its hours no longer count."""
    rows = TrainingAttendance.objects.select_for_update(of=("self",))
    row = rows.select_related("session", "producer").get(pk=attendance.pk)
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
    if row.withdrawn_on is not None:
        raise ValidationError(_("这条参训记录已经撤销。"), code="withdrawn")
    row.withdrawn_on, row.withdraw_reason = clock.today(), reason.strip()[:240]
    row.save(update_fields=["withdrawn_on", "withdraw_reason"])
    if row.producer is not None:
        statements.withdraw(row, "training")
    record(
        verb="training.withdrawn", actor=actor, target=row.session, region_code=row.session.region_id,
        title=row.session.title, reason=row.withdraw_reason,
    )  # fmt: skip
    return row


def _refuse(session: TrainingSession, person: Any, name: str) -> None:
    producers = session.audience == Audience.PRODUCERS
    if producers != isinstance(person, Producer):
        raise ValidationError(
            {"attendees": _("这次培训的对象是%(who)s。") % {"who": session.get_audience_display()}}
        )
    if isinstance(person, Producer) and person.status in (ProducerStatus.MERGED, ProducerStatus.CLOSED):
        raise ValidationError({"attendees": _("“%(name)s”已合并或注销。") % {"name": person.name}})
    if isinstance(person, User) and Role(person.role) not in OFFICERS:
        raise ValidationError({"attendees": _("“%(name)s”不是监管人员。") % {"name": person.name}})
    if len(name) > 80:
        raise ValidationError({"attendees": _("参加人姓名最多80个字。")})


# Townships are the first nine digits; a producer registered higher up counts where it is registered.
_BY_TOWNSHIP = """
    SELECT left(p.region_id, 9) AS township, count(DISTINCT p.id), count(*), sum(a.hours)
    FROM archives_trainingsession s
    JOIN archives_trainingattendance a ON a.session_id = s.id AND a.withdrawn_on IS NULL
    JOIN archives_producer p ON p.id = a.producer_id
    WHERE s.held_on BETWEEN %s AND %s AND p.region_id LIKE %s
    GROUP BY 1
"""


def hours_by_township(*, region: str, year: int) -> list[TownshipHours]:
    """Producers' hours of a calendar year in a division, township by township, those without any left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT found.*, coalesce(r.name, '') FROM ({_BY_TOWNSHIP}) found"  # noqa: S608 - a constant
            " LEFT JOIN archives_region r ON r.code = found.township ORDER BY found.township",
            [datetime.date(year, 1, 1), datetime.date(year, 12, 31), f"{region}%"],
        )
        return [
            TownshipHours(code, name or code, producers, count, hours)
            for code, producers, count, hours, name in cursor.fetchall()
        ]


def supervisors_hours(*, region: str, year: int) -> list[tuple[User, Decimal]]:
    """Every active supervising officer of a division with the hours of a calendar year, fewest first."""
    people = User.objects.filter(role__in=OFFICERS, is_active=True, region_code__startswith=region)
    rows = TrainingAttendance.objects.standing().filter(supervisor__in=people, session__held_on__year=year)
    sums = dict(rows.order_by().values_list("supervisor").annotate(total=Sum("hours")))
    found = [(person, sums.get(person.pk, Decimal(0))) for person in people.order_by("region_code", "pk")]
    return sorted(found, key=lambda pair: pair[1])


def producers_of(keys: Iterable[str], user: Any) -> tuple[list[Producer], list[str]]:
    """Producers by key that the user may see, and the keys that are not found."""
    wanted = list(dict.fromkeys(key.strip() for key in keys if key.strip()))
    rows = {row.key: row for row in Producer.objects.visible_to(user).filter(key__in=wanted)}
    return [rows[key] for key in wanted if key in rows], [key for key in wanted if key not in rows]
