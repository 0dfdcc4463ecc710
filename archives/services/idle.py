"""Registered, not operating (在册不运行): finding such producers, giving notice, taking them off, and back.

A sign of work is an event from the producer's own records, sales, certificates and devices, or a verified
pause. Taking off is the register's own status "closed" with its reason; it can be undone.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.jobs import outbox
from agricredit.foundation.jobs import services as jobs
from agricredit.foundation.jobs.models import Job
from archives.ledger import posters
from archives.ledger.kinds import KINDS
from archives.models import IdleFinding, IdleState, Producer, ProducerStatus
from archives.services import status

JOB = "archives.find_idle"
VISIT_ASKED = "idle.visit_asked"
"""Outbox topic: producers to be visited; keys ``producer_ids``."""
AT_ONCE = 1000
MONTHS = (6, 12, 24, 36)
NOTICE_DAYS_LEAST = 15
_SIGNS_OF_WORK = ("records.", "certificates.")
_IMPORTED_SIGNS = (posters.PACKAGING, posters.DEVICE, posters.PAUSE)
SIGNS = sorted(
    kind.number
    for kind in KINDS.values()
    if any(poster.form.startswith(_SIGNS_OF_WORK) or poster in _IMPORTED_SIGNS for poster in kind.posters)
)

# Work of a merged file is work of the one it was merged into.
_AT_WORK = """
    WITH RECURSIVE at_work AS (
        SELECT producer_id AS id FROM archives_creditevent
        WHERE occurred_on >= %(since)s AND kind = ANY(%(signs)s) {one_event}
        UNION
        SELECT producer_id FROM archives_pestobservation WHERE occurred_on >= %(since)s {one_event}
        UNION
        SELECT p.merged_into_id FROM archives_producer p JOIN at_work ON at_work.id = p.id
        WHERE p.merged_into_id IS NOT NULL
    )
"""
_FIND = "".join((_AT_WORK.format(one_event=""), """
    INSERT INTO archives_idlefinding AS f (producer_id, since, found_at, state, reason)
    SELECT p.id, %(since)s, %(now)s, 'found', '' FROM archives_producer p
    WHERE p.status = 'active' AND p.registered_on < %(since)s AND p.region_id LIKE %(region)s
        AND NOT EXISTS (SELECT 1 FROM at_work WHERE at_work.id = p.id)
    ON CONFLICT (producer_id) DO UPDATE SET
        since = excluded.since, found_at = excluded.found_at,
        state = CASE WHEN f.state = 'noticed' THEN f.state ELSE 'found' END
    WHERE f.state <> 'kept' OR f.decided_at < excluded.since
"""))  # fmt: skip
_FORGET = """
    DELETE FROM archives_idlefinding f USING archives_producer p
    WHERE p.id = f.producer_id AND p.region_id LIKE %(region)s AND f.found_at < %(now)s
        AND f.state IN ('found', 'noticed')
"""
_WORKED = "".join(
    (_AT_WORK.format(one_event="AND producer_id = ANY(%(family)s)"), "SELECT EXISTS (SELECT 1 FROM at_work)")
)
_FAMILY = """
    WITH RECURSIVE family AS (
        SELECT %s::bigint AS id
        UNION
        SELECT p.id FROM archives_producer p JOIN family ON p.merged_into_id = family.id
    ) SELECT array_agg(id) FROM family
"""


def request(*, region: str, months: int, actor: Any) -> Job:
    """Put the search of a division on the list; ValidationError for a time that is not offered."""
    if months not in MONTHS:
        raise ValidationError(_("请选择无记录的时间。"))
    title = _("查找在册不运行主体（%(region)s，%(months)d个月）") % {
        "region": region or _("全部"),
        "months": months,
    }
    return jobs.enqueue(
        kind=JOB, title=title, args={"region": region, "months": months}, key=f"{JOB}:{region}",
        created_by=actor, region_code=region,
    )  # fmt: skip


@transaction.atomic
def find(*, region: str = "", months: int) -> int:
    """Search a division's subtree in one pass; return how many producers show no sign of work.

    One that was verified as working is listed again only when it was idle ever since; findings that no longer
    hold are dropped, a delisted one stays until it is undone.
    """
    given: dict[str, Any] = {
        "since": months_before(clock.today(), months),
        "now": clock.now(),
        "region": f"{region}%",
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {**given, "signs": SIGNS})
        found = cursor.rowcount
        cursor.execute(_FORGET, given)
    return int(found)


@transaction.atomic
def give_notice(*, finding: IdleFinding, reason: str, days: int, actor: Any = None) -> IdleFinding:
    """Tell the producer that it will be taken off the register; the period begins today."""
    row = _locked(finding, IdleState.FOUND)
    if days < NOTICE_DAYS_LEAST:
        raise ValidationError({"days": _("告知期不少于%(days)d天。") % {"days": NOTICE_DAYS_LEAST}})
    row.notice_until = clock.today() + timedelta(days=days)
    _decided(row, IdleState.NOTICED, reason, actor)
    _note("idle.noticed", row, actor, until=row.notice_until)
    return row


@transaction.atomic
def ask_visit(*, finding: IdleFinding, actor: Any = None) -> IdleFinding:
    """Have the producer visited before anything is decided; asked again on the same day nothing happens."""
    row = _locked(finding, IdleState.FOUND, IdleState.NOTICED)
    return ask_visits(findings=[row], actor=actor)[0]


@transaction.atomic
def ask_visits(*, findings: Iterable[IdleFinding], actor: Any = None) -> list[IdleFinding]:
    """The same for many at once, those that are decided left out; the floor above makes the tasks."""
    day = clock.today()
    ids = [finding.pk for finding in findings]
    rows = IdleFinding.objects.select_for_update(of=("self",)).select_related("producer").filter(pk__in=ids)
    waiting = [
        row for row in rows.order_by("pk")
        if row.state in (IdleState.FOUND, IdleState.NOTICED) and row.visit_asked_on != day
    ]  # fmt: skip
    for row in waiting:
        row.visit_asked_on = day
    IdleFinding.objects.bulk_update(waiting, ["visit_asked_on"], batch_size=1000)
    producers = [row.producer_id for row in waiting]
    for start in range(0, len(producers), AT_ONCE):
        outbox.emit(VISIT_ASKED, producer_ids=producers[start : start + AT_ONCE])
    if waiting:
        first = waiting[0].producer
        record(
            verb="idle.visit_asked",
            actor=actor,
            target=first,
            region_code=first.region_id,
            count=len(waiting),
        )
    return list(rows)


@transaction.atomic
def keep(*, finding: IdleFinding, reason: str, actor: Any = None) -> IdleFinding:
    """Verified: it does operate, with the reason why it has no records."""
    row = _locked(finding, IdleState.FOUND, IdleState.NOTICED)
    row.notice_until = None
    _decided(row, IdleState.KEPT, reason, actor)
    _note("idle.kept", row, actor)
    return row


@transaction.atomic
def delist(*, finding: IdleFinding, reason: str, actor: Any = None) -> IdleFinding:
    """Close the file once the notice period is over; refused when there was work in the meantime."""
    row = _locked(finding, IdleState.NOTICED)
    if row.notice_until is None or clock.today() <= row.notice_until:
        said = {"day": row.notice_until}
        raise ValidationError(_("告知期到%(day)s为止，期满后才能注销。") % said, code="notice")
    if _has_worked(row):
        raise ValidationError(_("该主体已有新的生产经营记录，不能注销。"), code="working")
    status.change_status(producer=row.producer, status=ProducerStatus.CLOSED, reason=reason, actor=actor)
    return _decided(row, IdleState.DELISTED, reason, actor)


@transaction.atomic
def relist(*, finding: IdleFinding, reason: str, actor: Any = None) -> IdleFinding:
    """Undo: the file is open again, and to be verified again."""
    row = _locked(finding, IdleState.DELISTED)
    status.change_status(producer=row.producer, status=ProducerStatus.ACTIVE, reason=reason, actor=actor)
    row.notice_until = None
    return _decided(row, IdleState.FOUND, reason, actor)


def months_before(day: date, months: int) -> date:
    """The same day some months earlier; a day that month lacks is its last (29 February → 28)."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _has_worked(row: IdleFinding) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, [row.producer_id])
        family = cursor.fetchone()[0]
        cursor.execute(_WORKED, {"since": row.since, "signs": SIGNS, "family": family})
        return bool(cursor.fetchone()[0])


def _locked(finding: IdleFinding, *states: IdleState) -> IdleFinding:
    row: IdleFinding | None = IdleFinding.objects.select_for_update().filter(pk=finding.pk).first()
    if row is None:
        raise ValidationError(_("该主体已不在名单中。"), code="gone")
    if row.state not in states:
        who = row.decided_by.name if row.decided_by else _("系统")
        said = {"who": who, "state": row.get_state_display()}
        raise ValidationError(_("%(who)s已办理，现为：%(state)s。") % said, code="decided")
    row.producer = Producer.objects.get(pk=row.producer_id)
    return row


def _decided(row: IdleFinding, state: IdleState, reason: str, actor: Any) -> IdleFinding:
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
    row.state, row.reason = state, reason.strip()[:240]
    row.decided_by, row.decided_at = actor, clock.now()
    row.save()
    return row


def _note(verb: str, row: IdleFinding, actor: Any, **facts: Any) -> None:
    record(
        verb=verb, actor=actor, target=row.producer, region_code=row.producer.region_id, reason=row.reason,
        **facts,
    )  # fmt: skip
