"""Credit repair (信用修复) as the ledger knows it: who may ask and decide is the rating floor's business."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from archives.ledger.drafts import EventDraft, EventFault, LedgerRefusal
from archives.ledger.kinds import REPAIR
from archives.models import CreditEvent
from archives.services.ledger import Posted, post, reverse


def grant(*, uid: str, by_uid: str, source: str, note: str = "", occurred_on: date | None = None) -> Posted:
    """Post the repair ``by_uid`` of the negative event ``uid`` (today unless a day is given).

    From the next seal on, the event and every negative event of its incident count for nothing. Raises
    :class:`LedgerRefusal` when the event is unknown, not negative, or repaired already.
    """
    event = CreditEvent.objects.filter(uid=uid).first()
    if event is None:
        raise LedgerRefusal([EventFault(0, "repairs", _("账本中没有编号为“%(uid)s”的信息。") % {"uid": uid})])
    draft = EventDraft(
        uid=by_uid,
        producer_id=event.producer_id,
        kind=REPAIR.name,
        occurred_on=occurred_on or clock.today(),
        region=event.region_id,
        source=source,
        note=note,
        repairs=uid,
    )
    return post([draft])


def withdraw(
    *, uid: str, by_uid: str, source: str, note: str = "", occurred_on: date | None = None
) -> Posted:
    """Take the repair ``uid`` back: what it repaired counts again."""
    return reverse(uid=uid, by_uid=by_uid, source=source, note=note, occurred_on=occurred_on)
