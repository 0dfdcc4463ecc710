"""Guidance visits and administrative inspections as they are recorded, and what they post to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.audit.services import record
from agricredit.foundation.common.clock import now, today
from archives.models import Producer, ProducerStatus
from archives.services.ledger import EventDraft, post
from supervision.models import EnforcementCertificate, GuidanceVisit, Inspection, Task, TaskKind
from supervision.services.checklist import checked
from supervision.services.plans import covering

SOURCE = "supervision"
Sent = TypeVar("Sent", GuidanceVisit, Inspection)
DEFAULT_CAP = 2


@transaction.atomic
def record_guidance(
    *,
    uid: UUID,
    producer: Producer,
    visited_on: date,
    observations: str,
    advice: str = "",
    task: Task | None = None,
    actor: Any,
) -> GuidanceVisit:
    """Record a guidance visit; it may be sent again with the same uid. Refuses by ValidationError."""
    content = {
        "producer": producer,
        "visited_on": visited_on,
        "observations": observations.strip(),
        "advice": advice.strip(),
    }
    before: GuidanceVisit | None = GuidanceVisit.objects.filter(uid=uid).first()
    if before is not None:
        return _same(before, content)
    if not content["observations"]:
        raise ValidationError({"observations": _("请写下巡查时看到的情况。")})
    _refuse_day(visited_on, "visited_on")
    _refuse_producer(producer, actor)
    visit = GuidanceVisit.objects.create(
        uid=uid, task=_taken(task, producer, TaskKind.GUIDANCE), visitor=actor, entered_at=now(), **content
    )
    _finish(task, visited_on)
    post(
        [
            EventDraft(
                uid=f"guidance:{uid}",
                producer_id=producer.pk,
                kind="guidance.made",
                occurred_on=visited_on,
                source=SOURCE,
            )
        ]
    )
    record(
        verb="guidance.recorded",
        actor=actor,
        target=producer,
        region_code=producer.region_id,
        on=str(visited_on),
    )
    return visit


@transaction.atomic
def record_inspection(
    *,
    uid: UUID,
    producer: Producer,
    inspected_on: date,
    second_officer: Any,
    notice_number: str,
    items: Mapping[str, str],
    result: str,
    signature: str,
    finding: str = "",
    cooperation_lacked: bool = False,
    witness: str = "",
    reason: str = Inspection.Reason.PLAN,
    task: Task | None = None,
    actor: Any,
) -> Inspection:
    """Record an administrative inspection made by ``actor`` and a second officer, both certified.

    Posts visit.made (a minor fault put right on the spot is a pass), inspection.refused or
    cooperation.lacked. Refuses by ValidationError: an officer without a valid certificate, one officer twice,
    a missing notice, an item outside the list, a finding without words, no witness where nobody signed, an
    inspection above the plan's yearly cap (国办发〔2024〕54号).
    """
    content = {
        "producer": producer,
        "inspected_on": inspected_on,
        "result": result,
        "signature": signature,
        "finding": finding.strip(),
        "witness": witness.strip(),
        "notice_number": notice_number.strip(),
        "cooperation_lacked": cooperation_lacked,
        "reason": reason,
        "second_officer": second_officer,
    }
    before: Inspection | None = Inspection.objects.filter(uid=uid).first()
    if before is not None:
        return _same(before, content)
    _refuse_day(inspected_on, "inspected_on")
    _refuse_producer(producer, actor)
    _refuse_words(content)
    if actor.pk == second_officer.pk:
        raise ValidationError({"second_officer": _("行政检查须由两名执法人员进行，请选择另一名。")})
    first, second = (
        _certificate(actor, "officer", inspected_on),
        _certificate(second_officer, "second_officer", inspected_on),
    )
    answers = checked(dict(items), producer)
    _refuse_result_against(answers, result)
    _refuse_above_cap(producer, inspected_on, reason)
    inspection = Inspection.objects.create(
        uid=uid,
        task=_taken(task, producer, TaskKind.INSPECTION),
        officer=actor,
        officer_certificate=first.number,
        second_certificate=second.number,
        authority=first.authority,
        items=answers,
        entered_at=now(),
        **content,
    )
    _finish(task, inspected_on)
    post(_events(inspection))
    record(
        verb="inspection.recorded",
        actor=actor,
        target=producer,
        region_code=producer.region_id,
        on=str(inspected_on),
        result=str(inspection.get_result_display()),
    )
    return inspection


def _events(inspection: Inspection) -> list[EventDraft]:
    common: dict[str, Any] = {
        "producer_id": inspection.producer_id,
        "occurred_on": inspection.inspected_on,
        "source": SOURCE,
    }
    incident = f"inspection:{inspection.uid}"
    if inspection.result == Inspection.Result.REFUSED:
        return [
            EventDraft(
                uid=f"refused:{inspection.uid}",
                kind="inspection.refused",
                incident=incident,
                note=inspection.finding,
                **common,
            )
        ]
    passed = inspection.result in (Inspection.Result.PASS, Inspection.Result.CORRECTED)
    events = [
        EventDraft(
            uid=f"visit:{inspection.uid}",
            kind="visit.made",
            outcome="pass" if passed else "fail",
            incident="" if passed else incident,
            note=inspection.finding,
            **common,
        )
    ]
    if inspection.cooperation_lacked:
        events.append(
            EventDraft(
                uid=f"cooperation:{inspection.uid}", kind="cooperation.lacked", incident=incident, **common
            )
        )
    return events


def _same(before: Sent, content: Mapping[str, Any]) -> Sent:
    """The record sent before, if this is it again; a uid with other content is refused."""
    if any(getattr(before, name) != value for name, value in content.items()):
        raise ValidationError(
            _("这条记录已用同一编号提交过，但内容不同，两份都已保留，请核对。"), code="conflict"
        )
    return before


def _refuse_day(day: date, field: str) -> None:
    if day > today():
        raise ValidationError({field: _("日期不能晚于今天。")})
    if day.year < 2000:
        raise ValidationError({field: _("日期太早，请核对年份。")})


def _refuse_producer(producer: Producer, actor: Any) -> None:
    if not scope_of(actor).covers(producer.region_id):
        raise ValidationError({"producer": _("该主体不在您的辖区内，不能登记检查。")})
    if producer.status in (ProducerStatus.CLOSED, ProducerStatus.MERGED):
        raise ValidationError({"producer": _("该主体已注销或已合并，不能再登记检查。")})


def _refuse_words(content: Mapping[str, Any]) -> None:
    if not content["notice_number"]:
        raise ValidationError({"notice_number": _("请填写检查通知书文号。")})
    if content["result"] not in Inspection.Result.values:
        raise ValidationError({"result": _("请选择检查结果。")})
    if content["result"] != Inspection.Result.PASS and not content["finding"]:
        raise ValidationError({"finding": _("请写明发现的问题或拒绝检查的情形。")})
    if content["signature"] not in Inspection.Signature.values:
        raise ValidationError({"signature": _("请选择签字情况。")})
    if content["signature"] != Inspection.Signature.SIGNED and not content["witness"]:
        raise ValidationError({"witness": _("没有签字时，请填写见证人或录像编号。")})


def _refuse_result_against(answers: list[dict[str, str]], result: str) -> None:
    given = {row["answer"] for row in answers}
    if "fault" in given and result in (Inspection.Result.PASS, Inspection.Result.CORRECTED):
        raise ValidationError({"result": _("检查项目中有不符合项，结果不能是“未发现问题”或“当场改正”。")})
    if result == Inspection.Result.FINDING and "fault" not in given:
        raise ValidationError({"items": _("结果为“发现问题”，请标出不符合的检查项目。")})


def _certificate(officer: Any, field: str, on: date) -> EnforcementCertificate:
    valid = EnforcementCertificate.objects.filter(user=officer, valid_until__gte=on)
    held: EnforcementCertificate | None = valid.first()
    if held is None:
        raise ValidationError({field: _("%(name)s没有在检查日有效的行政执法证。") % {"name": officer.name}})
    return held


def _refuse_above_cap(producer: Producer, on: date, reason: str) -> None:
    """The cap binds planned inspections; complaints, leads and listed producers lie outside it."""
    if reason != Inspection.Reason.PLAN:
        return
    locked = Producer.objects.select_for_update().get(
        pk=producer.pk
    )  # two inspections at once count each other
    if locked.frequencies.filter(year=on.year, visits=None).exists():
        return
    plan = covering(locked.region_id, on.year)
    cap = plan.inspection_cap if plan else DEFAULT_CAP
    made = Inspection.objects.filter(
        producer=locked, inspected_on__year=on.year, reason=Inspection.Reason.PLAN
    ).count()
    if made >= cap:
        raise ValidationError(
            {
                "producer": _(
                    "该主体本年度行政检查已达上限 %(cap)s 次；投诉举报或监测线索引起的检查请选择相应事由。"
                )
                % {"cap": cap}
            }
        )


def _taken(task: Task | None, producer: Producer, kind: str) -> Task | None:
    """The task, locked for this visit; refuses another producer's, another kind's or one that is done."""
    if task is None:
        return None
    row: Task = Task.objects.select_for_update().get(pk=task.pk)
    if row.producer_id != producer.pk or row.kind != kind:
        raise ValidationError({"task": _("任务与主体或检查类别不符。")})
    if row.state != Task.State.OPEN:
        raise ValidationError({"task": _("该任务已完成或已取消。")})
    return row


def _finish(task: Task | None, day: date) -> None:
    if task is not None:
        Task.objects.filter(pk=task.pk).update(state=Task.State.DONE, done_on=day)
