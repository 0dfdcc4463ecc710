"""A production record from a phone's queue: through the same questions and service as the portal's pages."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import moment, near_date
from archives.models import Producer, QueuedItem, Record, RecordStatus
from archives.portal import entry, flows, timeline, wording
from archives.portal.asking import Ask, Question, Walk
from archives.portal.forms import refusals
from archives.portal.offline.packing import described
from archives.portal.offline.parcels import Item
from archives.portal.offline.taking import Conflict, Sending, already, refusal, sentences_of
from archives.services.records import NOUNS, RecordsRefused, reverse_record, scope_fault

LATE = datetime.timedelta(days=7)
"""So long after it was written down a record still counts as entered when it was: reception is not the
producer's fault (a default of this platform). What comes later was entered when it came."""
CORRECTED = "更正：在手机上改过后重新记录"


def take_record(item: Item, sending: Sending) -> dict[str, Any]:
    """Enter the record, correcting the one it replaces; says where it is and what follows from it."""
    row = timeline.find(sending.acting.producer, sending.user, item.noun, item.uid)
    if row is not None and already(item) is not None:
        return said_of(item.noun, row) | _taken_from(item, row)
    walk = Walk(Ask(sending.acting.producer, item.noun, item.answers), flows.FLOWS[item.noun])
    walk.uid = item.uid
    if row is not None and not _reads(walk):
        raise Conflict(_twice(), theirs(item.noun, row))
    if item.replaces is not None and row is None:
        _take_back(item, sending)
    answered = _answered(walk)
    try:
        row = entry.written(walk, answered, actor=sending.user, entered_at=_entered_at(sending))
    except RecordsRefused as refused:
        if not refused.is_conflict:
            raise _refused(walk, refused) from None
        standing = timeline.find(sending.acting.producer, sending.user, item.noun, item.uid)
        if standing is None:
            raise refusal([_("这个编号已经用在别的记录上，请重新记一笔。")]) from None
        raise Conflict(_twice(), theirs(item.noun, standing)) from None
    return said_of(item.noun, row) | _taken_from(item, row)


def _taken_from(item: Item, row: Any) -> dict[str, Any]:
    """Of a sale for which the phone named no batch: in which one it was put down all the same."""
    if item.noun != "sale" or row.harvest is None or item.answers.get("harvest") == str(row.harvest.uid):
        return {}
    said = {"day": near_date(row.harvest.occurred_on), "batch": row.harvest.batch}
    return {"said": _("记在%(day)s的那一批（%(batch)s）。") % said, "tone": "ok"}


def _twice() -> str:
    return _("这一笔在另一台手机上已经发过，内容和这里的不同。两边都还在，请您决定。")


def check(producer: Producer, noun: str, answers: dict[str, str]) -> dict[str, Any]:
    """What the last page would say of these answers: warnings and refusals. Writes nothing."""
    walk = Walk(Ask(producer, noun, answers), flows.FLOWS[noun])
    answered = walk.answered()
    found: dict[str, Any] = {
        "warnings": flows.warnings(walk, answered),
        "questions": described(walk.questions, walk.ask),
    }
    if len(answered) < len(walk.questions) - 1:
        found["faults"] = _faults(walk, walk.questions[len(answered)](walk.ask, answers))
    return found


def said_of(noun: str, row: Any) -> dict[str, Any]:
    """Where a record is and what the farmer must know of it now."""
    said = ""
    if noun == "use" and row.status == RecordStatus.ACTIVE:
        said = flows.first_day(row)
        beyond = scope_fault(row)
        if beyond:
            said = _("%(why)s，已记为超范围用药。%(day)s") % {"why": beyond, "day": said}
    elif noun == "harvest" and not row.interval_kept:
        said = (
            _("休药期还没过，这一批不能卖、不能开合格证。")
            if wording.of_animals(row.product)
            else _("没到可采收的日子，这一批采早了，不能卖、不能开合格证。")
        )
    elif noun == "self_test" and not row.passed:
        said = _("这一批不能卖，请在期限前登记怎么处置的。")
    tone = "ok" if noun == "use" else "warning"
    return {"url": _address(noun, row), "line": wording.line(row), "said": said, "tone": tone}


def theirs(noun: str, row: Any) -> dict[str, Any]:
    """The record that stands, for the person to compare."""
    return {
        "uid": str(row.uid),
        "url": _address(noun, row),
        "facts": [list(pair) for pair in wording.facts(row)],
        "reversed": row.status == RecordStatus.REVERSED,
        "by": str(row.recorded_by or ""),
        "at": moment(row.entered_at),
    }


def _address(noun: str, row: Record) -> str:
    return reverse("my:record", kwargs={"noun": noun, "uid": row.uid})


def _reads(walk: Walk) -> bool:
    """Whether the answers make a whole record today."""
    form = walk.last(walk.ask, walk.ask.answers)
    return len(walk.answered()) == len(walk.questions) - 1 and form.is_valid()


def _answered(walk: Walk) -> list[Question]:
    answered = walk.answered()
    if len(answered) < len(walk.questions) - 1:
        form = walk.questions[len(answered)](walk.ask, walk.ask.answers)
    else:
        form = walk.last(walk.ask, walk.ask.answers)
        if form.is_valid():
            return [*answered, form]
    faults = _faults(walk, form)
    raise refusal([fault["message"] for fault in faults], faults=faults, questions=_questions(walk))


def _faults(walk: Walk, form: Question) -> list[dict[str, str]]:
    form.is_valid()
    return [
        {"question": form.slug, "field": field, "message": _named(form, field, str(error))}
        for field, errors in form.errors.items()
        for error in errors
    ]


def _named(form: Question, field: str, message: str) -> str:
    """Which field is meant, where the sentence alone does not say."""
    label = str(form.fields[field].label or "") if field in form.fields else ""
    return f"{label}：{message}" if label else message


def _refused(walk: Walk, refused: ValidationError) -> Exception:
    faults = [
        {"question": walk.owner(field), "field": field, "message": str(message)}
        for field, errors in refusals(refused).items()
        for error in errors
        for message in error.messages
    ]
    return refusal(sentences_of(refused), faults=faults, questions=_questions(walk))


def _questions(walk: Walk) -> list[dict[str, Any]]:
    return described(walk.questions, walk.ask)


def _take_back(item: Item, sending: Sending) -> None:
    """Reverse the record that the item corrects; one that another phone has dealt with is a conflict."""
    old = _named_record(item, sending)
    if old is None:
        raise refusal([_("要改的那一笔找不到了，请重新记一笔。")])
    if old.status == RecordStatus.REVERSED:
        standing = _newest(item.noun, old, sending)
        raise Conflict(
            _("要改的那一笔，另一台手机上已经改过或撤销了。两边都还在，请您决定。"),
            theirs(item.noun, standing),
        )
    try:
        reverse_record(row=old, reason=CORRECTED, actor=sending.user)
    except ValidationError as refused:
        raise refusal(sentences_of(refused)) from None


def _named_record(item: Item, sending: Sending) -> Any:
    assert item.replaces is not None  # noqa: S101 - asked by the caller
    return timeline.find(sending.acting.producer, sending.user, item.noun, item.replaces)


def _newest(noun: str, old: Any, sending: Sending) -> Any:
    """The record at the end of the chain of corrections that begins with ``old``."""
    seen: set[uuid.UUID] = set()
    row = old
    while row.uid not in seen:
        seen.add(row.uid)
        next_uid = (
            QueuedItem.objects.filter(replaces=row.uid, outcome="sent", producer=row.producer_id)
            .order_by("-id")
            .values_list("uid", flat=True)
            .first()
        )
        following = timeline.find(sending.acting.producer, sending.user, noun, next_uid) if next_uid else None
        row = following or row
    return row


def _entered_at(sending: Sending) -> datetime.datetime | None:
    """When it was written down by our clock, as far as that may be believed; None is now."""
    return sending.made_at if clock.now() - sending.made_at <= LATE else None


HANDLERS = dict.fromkeys(NOUNS, take_record)
