"""Re-registration after the lowest grade or a closure: found, proposed, confirmed by a second look, undone.

Once confirmed the old file is an alias of the new one, as two files of one producer are (ledger contract,
"Merging"): events never move, and what was held against the old one counts for the new (docs/adr).
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock, sms
from agricredit.foundation.jobs import services as jobs
from agricredit.foundation.jobs.models import Job
from archives.models import Producer, ProducerStatus
from archives.services import status
from rating.models import Reregistration, ReregistrationState, Scheme
from rating.services import reregistrations_sql as sql

JOB = "rating.find_reregistrations"
TELL_JOB = "rating.tell_reregistered"
#: A grade is known to its producer before it takes effect: notice and statement lie in the months before.
KNOWN_BEFORE_DAYS = 180
SHARED_AT_MOST = 20
ADDRESS_LENGTH = 6
ALIKE = 50
ENOUGH = 45
SCORES = {"principal": 60, "phone": 45, "contact": 25, "plots": 30, "address": 30}
NAME_SCORE = 20

State = ReregistrationState


def request(*, region: str, actor: Any) -> Job:
    """Put the search of a division on the list; while one is waiting or running, that one."""
    return jobs.enqueue(
        kind=JOB, title=_("查找疑似重新登记（%(region)s）") % {"region": region or _("全部")},
        args={"region": region}, key=f"{JOB}:{region}", created_by=actor, region_code=region,
    )  # fmt: skip


@transaction.atomic
def find(*, region: str = "") -> int:
    """Search a division's subtree (all, when empty); how many pairs wait. Decided pairs stay decided."""
    lowest = _lowest_grades()
    given: dict[str, Any] = {
        "region": f"{region}%", "now": clock.now(), "most": SHARED_AT_MOST, "address": ADDRESS_LENGTH,
        "known_before": KNOWN_BEFORE_DAYS, "schemes": list(lowest), "grades": list(lowest.values()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql.MAKE)
        cursor.execute(sql.BAD, given)
        cursor.execute("ANALYZE rereg_bad")
        for sign, score in SCORES.items():
            cursor.execute(sql.found_by(sign), {**given, "sign": sign, "score": score})
        cursor.execute(sql.NAMES, {"score": NAME_SCORE, "alike": ALIKE})
        cursor.execute(sql.STORE, {"now": given["now"], "enough": ENOUGH})
        cursor.execute(sql.FORGET, given)
        cursor.execute("DROP TABLE rereg_found, rereg_bad")
    return Reregistration.objects.filter(state=State.FOUND, found_at=given["now"]).count()


@transaction.atomic
def propose(*, row: Reregistration, reason: str, actor: Any) -> Reregistration:
    """The first look: it is the same operator, and why; a second person decides."""
    pair = _locked(row, State.FOUND)
    pair.proposed_by, pair.reason, pair.state = actor, _asked(reason), State.PROPOSED
    pair.save()
    _note("reregistration.proposed", pair, actor, pair.reason)
    return pair


@transaction.atomic
def confirm(*, row: Reregistration, reason: str, actor: Any) -> Reregistration:
    """The second look: the old file becomes an alias, and its history counts for the new registration."""
    pair = _locked(row, State.PROPOSED)
    if actor is not None and actor.pk == pair.proposed_by_id:
        raise ValidationError(_("须由提出人以外的人复核。"), code="same_person")
    said, before = _asked(reason), Producer.objects.get(pk=pair.old_id).status
    status.merge(producer=pair.old, into=pair.new, reason=said, actor=actor)
    pair.old_status = before
    _decided(pair, State.CONFIRMED, said, actor, "reregistration.confirmed")
    jobs.enqueue(
        kind=TELL_JOB, title=_("发送重新登记认定短信"), args={"row_id": pair.pk}, created_by=actor,
        region_code=pair.new.region_id[:9],
    )  # fmt: skip
    return pair


def tell(*, row_id: int) -> bool:
    """Let the producer know by a short message what was found, unless it has been undone; whether it went."""
    rows = Reregistration.objects.filter(pk=row_id, state=State.CONFIRMED).select_related("old", "new")
    row = rows.first()
    if row is None or not row.new.phone:
        return False
    text = _(
        "经两名监管人员核实，%(new)s与此前登记的%(old)s是同一经营者，原有信用信息一并计算。详见“信用”；"
        "不同意的，请向县级农业农村部门说明"
    )
    return sms.send_all([(str(row.new.phone), text % {"new": row.new.name, "old": row.old.name})]) == 1


@transaction.atomic
def tell_apart(*, row: Reregistration, reason: str, actor: Any) -> Reregistration:
    """Not the same operator: remembered, no search brings the pair up again."""
    pair = _locked(row, State.FOUND, State.PROPOSED)
    return _decided(pair, State.DISTINCT, _asked(reason), actor, "reregistration.distinct")


@transaction.atomic
def reopen(*, row: Reregistration, reason: str, actor: Any) -> Reregistration:
    """Take a decision back: two files again where they were one, and the pair is to be looked at anew."""
    pair = _locked(row, State.CONFIRMED, State.DISTINCT)
    said = _asked(reason)
    if pair.state == State.CONFIRMED:
        status.unmerge(producer=pair.old, reason=said, actor=actor)
        if pair.old_status != ProducerStatus.ACTIVE:
            status.change_status(producer=pair.old, status=pair.old_status, reason=said, actor=actor)
    pair.old_status, pair.proposed_by, pair.reason = "", None, ""
    return _decided(pair, State.FOUND, said, actor, "reregistration.reopened")


def _lowest_grades() -> dict[int, str]:
    """Of every scheme that results were made by: its last grade."""
    documents = Scheme.objects.exclude(runs=None).distinct().values_list("pk", "document__grades")
    return {pk: grades[-1]["code"] for pk, grades in documents if grades}


def _locked(row: Reregistration, *states: ReregistrationState) -> Reregistration:
    rows = Reregistration.objects.select_for_update(of=("self",)).select_related("old", "new", "decided_by")
    pair: Reregistration | None = rows.filter(pk=row.pk).first()
    if pair is None:
        raise ValidationError(_("这一对主体已不在名单中。"), code="gone")
    if pair.state not in states:
        who = pair.decided_by.name if pair.decided_by else _("他人")
        said = {"who": who, "state": pair.get_state_display()}
        raise ValidationError(_("%(who)s已办理，现为：%(state)s。") % said, code="decided")
    return pair


def _asked(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
    return reason.strip()[:240]


def _decided(pair: Reregistration, state: State, said: str, actor: Any, verb: str) -> Reregistration:
    pair.state, pair.decision = state, said
    pair.decided_by, pair.decided_at = actor, clock.now()
    pair.save()
    _note(verb, pair, actor, said)
    return pair


def _note(verb: str, pair: Reregistration, actor: Any, reason: str) -> None:
    record(
        verb=verb,
        actor=actor,
        target=pair.new,
        region_code=pair.new.region_id,
        old=pair.old.name,
        reason=reason,
    )
