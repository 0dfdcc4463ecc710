"""Service (送达) of notices and decisions: days to answer and effect run from it.

Legal source: 行政处罚法 art. 61 and 民事诉讼法 on service, by analogy. A document that is refused or left
behind needs a witness; public notice counts thirty days after it was posted (民事诉讼法 art. 95), at the
office and never on the public pages: nothing shows there before a decision has effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.calendar import services as calendar
from agricredit.foundation.common.clock import now, today
from agricredit.foundation.common.templatetags.formats import full_date
from agricredit.foundation.jobs import outbox
from rating.models import Decision, Rating, RatingRun, ServiceReceipt
from rating.services import attachments, decisions, standings
from rating.services.access import require

#: Days after which a document posted in public counts as served.
PUBLIC_DAYS = 30

Document, Method, State = ServiceReceipt.Document, ServiceReceipt.Method, Decision.State

_VERSION = """
    INSERT INTO rating_rating (run_id, producer_id, version, kind, nature, region_id, registered_on,
        last_score, base, bonus, deductions, score, able, grade, status, vetoes, points, readings,
        seal_size, cause)
    SELECT run_id, producer_id, version + 1, kind, nature, region_id, registered_on, last_score,
        base, bonus, deductions, score, able, %(grade)s, %(status)s, vetoes, points, readings,
        seal_size, %(cause)s
    FROM rating_rating WHERE id = %(rating)s AND run_id = %(run)s
"""


def serve_notice(
    *, decision: Decision, actor: User | None, papers: Sequence[Any] = (), on: date | None = None, **how: Any
) -> Decision:
    """Record that the notice of intent reached the producer; five working days to answer begin.

    ``how``: method, recipient, and as the method asks relation, refused, witness, posted_on, note. Refused
    (ValidationError): served already or decided; a day before the notice or after today; a document left or
    refused without a witness; a public posting younger than thirty days.
    """
    require(actor, "rating.serve_decision", decision.producer.region_id)
    day = _day(on, decision.noticed_on)
    with transaction.atomic():
        until = calendar.add_working_days(day, decisions.STATEMENT_WORKING_DAYS).date
        rows = Decision.objects.to_serve("notice").filter(pk=decision.pk)
        if not rows.update(notice_served_on=day, statement_until=until):
            raise ValidationError(_("告知书已经送达，或事项已经办结。"), code="already_served")
        decision.refresh_from_db()
        _receipt(decision, Document.NOTICE, day, actor, papers, **how)
        decisions.note("decision.notice_served", decision, actor, until=until.isoformat())
    return decision


def serve_decision(
    *, decision: Decision, actor: User | None, papers: Sequence[Any] = (), on: date | None = None, **how: Any
) -> Decision:
    """Record that the decision reached the producer: the grade takes effect from that day on.

    It is written as a new version of the result, and into the standing where the run is in effect. Refused
    as :func:`serve_notice` is, and when the result was issued anew since the notice.
    """
    require(actor, "rating.serve_decision", decision.producer.region_id)
    day = _day(on, decision.decided_on or today())
    with transaction.atomic():
        newest = decisions.newest_for(decision)
        rows = Decision.objects.to_serve("decision").filter(pk=decision.pk)
        written = newest.version + 1
        if not rows.update(state=State.EFFECTIVE, effective_on=day, written_version=written):
            raise ValidationError(_("决定书已经送达，或事项还没有认定。"), code="already_served")
        decision.refresh_from_db()
        _receipt(decision, Document.DECISION, day, actor, papers, **how)
        _write(decision, newest)
        _apply(decision, day)
        decisions.note("decision.effective", decision, actor, on=day.isoformat())
    return decision


def acknowledge(*, decision: Decision, document: str, actor: User) -> Decision:
    """The producer itself takes a document in the portal: electronic service with its consent."""
    if not actor.has_perm("rating.acknowledge_decision"):
        raise ValidationError(_("请由主体的负责人签收。"), code="not_own")
    decisions.refuse_stranger(decision, actor)
    how: dict[str, Any] = {
        "method": Method.ELECTRONIC,
        "recipient": str(actor),
        "relation": _("本人在平台上签收"),
    }
    # The system records it: the producer's own people hold no right to serve.
    if document == Document.NOTICE:
        return serve_notice(decision=decision, actor=None, **how)
    return serve_decision(decision=decision, actor=None, **how)


def _day(on: date | None, earliest: date) -> date:
    day = on or today()
    if day > today() or day < earliest:
        raise ValidationError(
            _("送达日期应在%(first)s至今天之间。") % {"first": full_date(earliest)}, code="date"
        )
    return day


def _receipt(
    decision: Decision,
    document: str,
    day: date,
    actor: User | None,
    papers: Sequence[Any],
    *,
    method: str,
    recipient: str,
    relation: str = "",
    refused: bool = False,
    witness: str = "",
    posted_on: date | None = None,
    note: str = "",
) -> ServiceReceipt:
    if not recipient.strip():
        raise ValidationError(_("请写明收件人。"), code="recipient")
    if (method == Method.LEFT or refused) and not witness.strip():
        raise ValidationError(_("留置送达或拒绝签收的，须写明见证人。"), code="witness")
    if method == Method.PUBLIC and (posted_on is None or day < posted_on + timedelta(days=PUBLIC_DAYS)):
        raise ValidationError(
            _("公告送达须写明公告日期，自公告之日起满%(days)s日才视为送达。") % {"days": PUBLIC_DAYS},
            code="posted",
        )
    try:
        receipt = ServiceReceipt.objects.create(
            decision=decision,
            document=document,
            method=method,
            served_on=day,
            recipient=recipient,
            relation=relation,
            refused=refused,
            witness=witness,
            posted_on=posted_on,
            note=note,
            recorded_by=actor,
            recorded_at=now(),
        )
    except IntegrityError:
        raise ValidationError(_("该文书已经登记送达。"), code="already_served") from None
    attachments.keep(papers, purpose="receipt", actor=actor, decision=decision)
    return receipt


def _write(decision: Decision, newest: Rating) -> None:
    interim = decision.ground in Decision.INTERIM
    suspended = decision.ground == Decision.Ground.SUSPENDED
    with connection.cursor() as cursor:
        cursor.execute(
            _VERSION,
            {
                "rating": newest.pk,
                "run": newest.run_id,
                "grade": "" if suspended else decision.grade,
                "status": "suspended" if suspended else "rated",
                "cause": f"decision:{decision.pk}" if interim else "",
            },
        )


def _apply(decision: Decision, day: date) -> None:
    run = RatingRun.objects.get(pk=decision.run_id)
    if run.state != RatingRun.State.EFFECTIVE:
        return
    standings.apply_run(run, [decision.producer_id], since=day)
    outbox.emit(
        "rating.decided",
        run_id=run.pk,
        producer_id=decision.producer_id,
        region_code=decision.producer.region_id,
    )
