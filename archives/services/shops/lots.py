"""Lots bought in (采购台账), one or a load: judged together, written in one insert."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from archives.designated import designated_on
from archives.inputs import rulebook
from archives.models import InputKind, Producer, ShopPurchase
from archives.services.shops import noting
from archives.services.shops.checks import LENGTHS, fingerprint, refuse_banned, refuse_day, refuse_goods, same
from archives.services.shops.drafts import LotDraft
from archives.services.shops.licences import Held, refuse_other_than_shop


class _Shelf:
    """What judging lots takes, fetched once for all of them. The shops are locked."""

    def __init__(self, drafts: Sequence[LotDraft]) -> None:
        ids = {draft.producer_id for draft in drafts}
        locked = Producer.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
        self.shops = {row.pk: row for row in locked.filter(pk__in=ids)}
        self.held, self.rules = Held(ids), rulebook()
        known = ShopPurchase.objects.filter(uid__in=[draft.uid for draft in drafts])
        self.known: dict[uuid.UUID, ShopPurchase] = {row.uid: row for row in known}
        self.now = clock.now()

    def row_of(self, draft: LotDraft, actor: Any) -> ShopPurchase:
        """The row that the draft becomes, or the one that it is already; ValidationError says why not."""
        shop = self.shops[draft.producer_id]
        refuse_other_than_shop(shop)
        texts = {name: getattr(draft, name) for name in LENGTHS}
        content = {
            "kind": draft.kind, "quantity": draft.quantity, "expires_on": draft.expires_on,
            "ticked": draft.restricted, **texts,
        }  # fmt: skip
        print_ = fingerprint(shop.pk, draft.occurred_on, content)
        before = self.known.get(draft.uid)
        if before is not None:
            return same(before, print_)
        restricted = self._restricted(draft)
        row = ShopPurchase(
            uid=draft.uid, producer=shop, occurred_on=draft.occurred_on, entered_at=self.now,
            recorded_by=actor, entry=draft.entry, fingerprint=print_, kind=draft.kind,
            quantity=draft.quantity, left=draft.quantity, expires_on=draft.expires_on, restricted=restricted,
            **texts,
        )  # fmt: skip
        self.known[draft.uid] = row
        return row

    def _restricted(self, draft: LotDraft) -> bool:
        """Whether only designated dealers may sell it; everything that speaks against the lot is refused."""
        day = draft.occurred_on
        refuse_goods(draft)
        refuse_day(day)
        if draft.expires_on is not None and draft.expires_on < day:
            raise ValidationError({"expires_on": _("已过质量保证期的货品不能进货。")})
        refuse_banned(self.rules, draft.kind, draft.name, draft.ingredient, day)
        pesticide = draft.kind == InputKind.PESTICIDE
        if draft.restricted and not pesticide:
            raise ValidationError({"restricted": _("只有农药才有限制使用的。")})
        listed = pesticide and bool(designated_on(day, draft.name, draft.ingredient))
        restricted = listed or draft.restricted
        self.held.refuse_unlicensed(draft.producer_id, draft.kind, restricted, day)
        return restricted


def judge(drafts: Sequence[LotDraft]) -> dict[int, ValidationError]:
    """What :func:`enter` would refuse, by position; in the caller's transaction, writing nothing."""
    shelf = _Shelf(drafts)
    refused: dict[int, ValidationError] = {}
    for index, draft in enumerate(drafts):
        try:
            shelf.row_of(draft, None)
        except ValidationError as refusal:
            refused[index] = refusal
    return refused


@transaction.atomic
def enter(drafts: Sequence[LotDraft], *, actor: Any = None) -> list[ShopPurchase]:
    """Enter lots; all of them, or none with the refusal of the first that is wrong. One audit line."""
    shelf = _Shelf(drafts)
    rows = [shelf.row_of(draft, actor) for draft in drafts]
    new = list({row.uid: row for row in rows if row._state.adding}.values())
    ShopPurchase.objects.bulk_create(new, batch_size=1_000)
    if len(new) == 1:
        noting.note("shop.bought_in", new[0].producer, actor, goods=str(new[0]), uid=new[0].uid)
    else:
        noting.note_load(ShopPurchase, new, actor)
    return rows
