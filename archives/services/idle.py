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
from agricredit.foundation.common import clock, sms
from agricredit.foundation.common.templatetags.formats import full_date
from agricredit.foundation.jobs import outbox
from agricredit.foundation.jobs import services as jobs
from agricredit.foundation.jobs.models import Job
from archives.ledger import posters
from archives.ledger.kinds import KINDS
from archives.models import IdleFinding, IdleState, Producer, ProducerStatus
from archives.services import idle_sql as sql
from archives.services import status

JOB = "archives.find_idle"
VISIT_ASKED = "idle.visit_asked"
"""Outbox topic: producers to be visited; keys ``producer_ids``."""
TELL_JOB = "archives.tell_idle"
AT_ONCE = 1000
NOTICES_MOST = 200
"""So many producers are given notice in one act: each has a line of its own in its file's history."""
MONTHS = (6, 12, 24, 36)
NOTICE_DAYS_LEAST = 15
ANSWER_LENGTH = 240
_SIGNS_OF_WORK = ("records.", "certificates.")
_IMPORTED_SIGNS = (posters.PACKAGING, posters.DEVICE, posters.PAUSE)
SIGNS = sorted(
    kind.number
    for kind in KINDS.values()
    if any(poster.form.startswith(_SIGNS_OF_WORK) or poster in _IMPORTED_SIGNS for poster in kind.posters)
)


def request(*, region: str, months: int, actor: Any) -> Job:
    """Put the search of a division on the list; ValidationError for a time that is not offered."""
    if months not in MONTHS:
        raise ValidationError(_("请选择无记录的时间。"))
    title = _("查找在册不运行主体（%(region)s，%(months)d个月）") % {
        "region": region or _("全部"),
        "months": months,
    }
    nightly = {} if actor is not None else {"stricter_stay": True}
    return jobs.enqueue(
        kind=JOB, title=title, args={"region": region, "months": months} | nightly, key=f"{JOB}:{region}",
        created_by=actor, region_code=region,
    )  # fmt: skip


@transaction.atomic
def find(*, region: str = "", months: int, stricter_stay: bool = False) -> int:
    """Search a division's subtree in one pass; return how many producers show no sign of work.

    One that was verified as working is listed again only when it was idle ever since; findings that no longer
    hold are dropped, a delisted one stays until it is undone. ``stricter_stay``: what an earlier search with
    a shorter time found stays while it holds.
    """
    given: dict[str, Any] = {
        "since": months_before(clock.today(), months),
        "now": clock.now(),
        "region": f"{region}%",
        "signs": SIGNS,
        "stricter_stay": stricter_stay,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.FIND, given)
        found = cursor.rowcount
        cursor.execute(sql.FORGET, given)
    return int(found)


@transaction.atomic
def give_notice(*, finding: IdleFinding, reason: str, days: int, actor: Any = None) -> IdleFinding:
    """Tell the producer that it will be taken off the register; the period begins today."""
    row = _locked(finding, IdleState.FOUND)
    return _noticed([row], reason, days, actor)[0]


@transaction.atomic
def give_notices(
    *, findings: Iterable[IdleFinding], reason: str, days: int, actor: Any = None
) -> list[IdleFinding]:
    """The same for many at once, those that are past it left out; returns who was told."""
    ids = [finding.pk for finding in findings]
    if len(ids) > NOTICES_MOST:
        raise ValidationError(_("一次最多告知%(most)d个主体，请分批办理。") % {"most": NOTICES_MOST})
    rows = IdleFinding.objects.select_for_update(of=("self",)).select_related("producer")
    waiting = list(rows.filter(pk__in=ids, state=IdleState.FOUND).order_by("pk"))
    if not waiting:
        raise ValidationError(_("所选主体都已办理，没有需要告知的。"))
    return _noticed(waiting, reason, days, actor)


def _noticed(rows: list[IdleFinding], reason: str, days: int, actor: Any) -> list[IdleFinding]:
    if days < NOTICE_DAYS_LEAST:
        raise ValidationError({"days": _("告知期不少于%(days)d天。") % {"days": NOTICE_DAYS_LEAST}})
    for row in rows:
        row.notice_until = clock.today() + timedelta(days=days)
        row.answer, row.answered_by, row.answered_at = "", None, None
        _decided(row, IdleState.NOTICED, reason, actor)
        _note("idle.noticed", row, actor, until=row.notice_until)
    _let_know(rows, _("发送拟注销告知短信（%(count)d个主体）") % {"count": len(rows)}, actor)
    return rows


@transaction.atomic
def answer(*, finding: IdleFinding, text: str, actor: Any = None) -> IdleFinding:
    """The producer says that it operates, or asks to be put back; an officer goes and looks, then decides."""
    row = _locked(finding, IdleState.NOTICED, IdleState.DELISTED)
    said = text.strip()
    if not said or len(said) > ANSWER_LENGTH:
        raise ValidationError({"text": _("请写明在生产什么，最多%(n)d个字。") % {"n": ANSWER_LENGTH}})
    row.answer, row.answered_by, row.answered_at = said, actor, clock.now()
    row.save(update_fields=["answer", "answered_by", "answered_at"])
    record(
        verb="idle.answered", actor=actor, target=row.producer, region_code=row.producer.region_id, said=said
    )
    return row


def tell(*, finding_ids: Iterable[int]) -> int:
    """Send those told of a notice or a closure a short message; how many were accepted."""
    rows = IdleFinding.objects.told().filter(pk__in=list(finding_ids)).select_related("producer")
    reached = (row for row in rows.order_by("pk") if row.producer.phone)
    return sms.send_all((str(row.producer.phone), sentence(row)) for row in reached)


def sentence(row: IdleFinding) -> str:
    """What the producer is told of a notice, or of the closure of its file."""
    said = {"name": row.producer.name, "day": full_date(row.notice_until)}
    if row.state == IdleState.DELISTED:
        return _("%(name)s的信用档案已注销。还在生产经营的，可以在“我的”里申请恢复") % said
    return _("%(name)s长期没有生产经营记录，拟注销信用档案。还在生产的，请在%(day)s前说明情况") % said


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
        said = {"day": full_date(row.notice_until)}
        raise ValidationError(_("告知期到%(day)s为止，期满后才能注销。") % said, code="notice")
    if _has_worked(row):
        raise ValidationError(_("该主体已有新的生产经营记录，不能注销。"), code="working")
    if row.answered_at is not None and not _visited_since(row):
        raise ValidationError(_("该主体已说明仍在生产经营，请先派巡查到现场核实。"), code="answered")
    status.change_status(producer=row.producer, status=ProducerStatus.CLOSED, reason=reason, actor=actor)
    row.answer, row.answered_by, row.answered_at = "", None, None
    _decided(row, IdleState.DELISTED, reason, actor)
    _let_know([row], _("发送档案注销短信"), actor)
    return row


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


def _visited_since(row: IdleFinding) -> bool:
    """Whether a visit was asked for after the producer had spoken."""
    asked, said = row.visit_asked_on, row.answered_at
    return asked is not None and said is not None and asked >= clock.shanghai_date(said)


def _let_know(rows: list[IdleFinding], title: str, actor: Any) -> None:
    """Short messages go out after the commit, in the background."""
    region = rows[0].producer.region_id[:9]
    jobs.enqueue(
        kind=TELL_JOB, title=title, args={"finding_ids": [row.pk for row in rows]}, created_by=actor,
        region_code=region,
    )  # fmt: skip


def _has_worked(row: IdleFinding) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql.FAMILY, [row.producer_id])
        family = cursor.fetchone()[0]
        cursor.execute(sql.WORKED, {"since": row.since, "signs": SIGNS, "family": family})
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
