"""Taking in a parcel: each item by the service that the pages use, in order, each in its own transaction.

Nothing is doubled (the same uid with the same content is the same item, however often it comes) and nothing
is overwritten (other content under a known uid, or a second correction of one record, is a conflict that a
person decides; the loser's words are kept in ``QueuedItem.content``).
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import Producer, QueuedItem, QueuedOutcome
from archives.portal.acting import Acting, actable
from archives.portal.offline.parcels import Item, Parcel

CLOCK_WRONG = datetime.timedelta(minutes=2)
"""From here on a phone's clock is called wrong, and the person is told."""


@dataclass(frozen=True)
class Result:
    """What became of one item: ``status`` sent, refused, conflict, held or clock; ``more`` what to show."""

    uid: uuid.UUID
    status: str
    sentence: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the phone."""
        return {"uid": str(self.uid), "status": self.status, "sentence": self.sentence, **self.more}


class Conflict(Exception):
    """The record stands with other content: ``theirs`` describes it."""

    def __init__(self, sentence: str, theirs: dict[str, Any]) -> None:
        """What to say, and the record that stands."""
        self.theirs = theirs
        super().__init__(sentence)


class Refused(Exception):
    """A rule refuses the item: the sentences, and for the phone where they belong."""

    def __init__(self, sentence: str, more: dict[str, Any]) -> None:
        """What to say, and the faults with their questions."""
        self.more = more
        super().__init__(sentence)


@dataclass(frozen=True)
class Sending:
    """Who sends, for whom, and when the item was made by our own clock."""

    user: Any
    acting: Acting
    device: uuid.UUID
    skew: datetime.timedelta
    made_at: datetime.datetime


Take = Callable[[Item, Sending], dict[str, Any]]
"""Write one item and say what to show; raises :class:`Conflict` or :class:`Refused`."""


def take(
    parcel: Parcel, user: Any, handlers: Mapping[str, Take], *, mine: Mapping[int, Acting] | None = None
) -> list[Result]:
    """All items in their order. What an item needs and did not get holds it back; others go on.

    ``mine`` are the producers for whom the user acts, by default those of its memberships.
    """
    if mine is None:
        mine = {acting.producer.pk: acting for acting in actable(user)}
    skew = clock.now() - parcel.sent_at
    failed: set[uuid.UUID] = set()
    results: list[Result] = []
    for item in parcel.items:
        result = _one(item, parcel, user, skew, mine, handlers, failed)
        if result.status != "sent":
            failed.add(item.uid)
        results.append(result)
    _audit(parcel, results, user, mine)
    return results


def _one(
    item: Item,
    parcel: Parcel,
    user: Any,
    skew: datetime.timedelta,
    mine: Mapping[int, Acting],
    handlers: Mapping[str, Take],
    failed: set[uuid.UUID],
) -> Result:
    acting = mine.get(item.producer)
    if acting is None:
        sentence = _("您现在不能替这个主体记录：授权可能已经到期。请联系主体负责人。")
        return Result(item.uid, "refused", sentence)
    if item.noun not in handlers:
        return Result(item.uid, "refused", _("平台上没有这种记录，请更新页面后再试。"))
    if item.needs & failed:
        return Result(item.uid, "held", _("它要用到的前一笔还没有记入，先等那一笔。"))
    made_at = min(item.made_at + skew, clock.now())
    sending = Sending(user, acting, parcel.device, skew, made_at)
    if not item.sure and abs(skew) >= CLOCK_WRONG and _another_day(item, made_at):
        return Result(item.uid, "clock", _clock_sentence(skew))
    return _taken(item, sending, handlers[item.noun])


def _another_day(item: Item, made_at: datetime.datetime) -> bool:
    return clock.shanghai_date(item.made_at) != clock.shanghai_date(made_at)


def _clock_sentence(skew: datetime.timedelta) -> str:
    hours = abs(skew).total_seconds() / 3600
    amount = (
        _("%(days)d 天") % {"days": round(hours / 24)}
        if hours >= 24
        else _("%(hours)d 小时") % {"hours": max(1, round(hours))}
    )
    if skew > datetime.timedelta(0):
        said = _("手机的时间慢了约 %(amount)s，记这一笔时的日期可能不对。请核对日期再发送。")
    else:
        said = _("手机的时间快了约 %(amount)s，记这一笔时的日期可能不对。请核对日期再发送。")
    return said % {"amount": amount}


@transaction.atomic
def _taken(item: Item, sending: Sending, handler: Take) -> Result:
    """One item under its producer's lock, so that two phones come one after the other."""
    Producer.objects.select_for_update(no_key=True).get(pk=item.producer)
    known = QueuedItem.objects.filter(uid=item.uid).first()
    if known is not None and known.producer_id != item.producer:
        return Result(item.uid, "refused", _("这个编号已经用在别的主体的记录上，请重新记一笔。"))
    try:
        with transaction.atomic():
            more = handler(item, sending)
    except Conflict as conflict:
        _keep(item, sending, QueuedOutcome.CONFLICT, str(conflict), known)
        return Result(item.uid, "conflict", str(conflict), {"theirs": conflict.theirs})
    except Refused as refusal:
        _keep(item, sending, QueuedOutcome.REFUSED, str(refusal), known)
        return Result(item.uid, "refused", str(refusal), refusal.more)
    _keep(item, sending, QueuedOutcome.SENT, "", known)
    return Result(item.uid, "sent", "", more)


def _keep(
    item: Item, sending: Sending, outcome: QueuedOutcome, sentence: str, known: QueuedItem | None
) -> None:
    """Write down what came of it; what was taken once stays so, however often it is sent again."""
    if known is not None and known.outcome == QueuedOutcome.SENT and outcome != QueuedOutcome.CONFLICT:
        return
    kept = outcome == QueuedOutcome.CONFLICT
    values = {
        "noun": item.noun,
        "replaces": item.replaces,
        "outcome": outcome,
        "sentence": sentence[:400],
        "content": {"answers": item.answers} if kept else None,
        "made_by": User.objects.filter(pk=item.made_by).first(),
        "sent_by": sending.user,
        "on_behalf": sending.acting.on_behalf,
        "device": sending.device,
        "made_at": item.made_at,
        "skew_seconds": round(sending.skew.total_seconds()),
        "received_at": clock.now(),
    }
    if known is not None and known.outcome == QueuedOutcome.SENT:
        # What stands keeps its own line; the losing words are put beside it.
        known.content, known.sentence = values["content"], values["sentence"]
        known.save(update_fields=["content", "sentence"])
        return
    QueuedItem.objects.update_or_create(
        uid=item.uid, defaults={**values, "digest": item.digest, "producer_id": item.producer}
    )


def already(item: Item) -> QueuedItem | None:
    """The line of an item that was taken before, with this very content."""
    known = QueuedItem.objects.filter(uid=item.uid, outcome=QueuedOutcome.SENT).first()
    return known if known is not None and bytes(known.digest) == item.digest else None


def _audit(parcel: Parcel, results: list[Result], user: Any, mine: Mapping[int, Acting]) -> None:
    """One line a producer: for whom, by whom, how many; another when somebody else had made them."""
    status = {result.uid: result.status for result in results}
    for producer_id, acting in mine.items():
        items = [item for item in parcel.items if item.producer == producer_id]
        if not items:
            continue
        said = {"target": acting.producer, "region_code": acting.producer.region_id, "actor": user}
        record(
            verb="offline.sent",
            count=len(items),
            taken=sum(status[item.uid] == "sent" for item in items),
            on_behalf=_("是") if acting.on_behalf else _("否"),
            **said,
        )
        for maker in {item.made_by for item in items} - {user.pk}:
            name = str(User.objects.filter(pk=maker).first() or maker)
            count = sum(item.made_by == maker for item in items)
            record(verb="offline.handed_over", made_by=name, count=count, **said)


def refusal(sentences: list[str], **more: Any) -> Refused:
    """A refusal with its sentences in one."""
    return Refused("".join(dict.fromkeys(sentences)) or _("没有记入，请核对后再发。"), more)


def sentences_of(error: ValidationError) -> list[str]:
    """The sentences of a service's refusal."""
    return list(error.messages)
