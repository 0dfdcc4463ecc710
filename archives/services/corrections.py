"""Drafts that lean on others: pauses (their days of a year add up), repairs and reversals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agricredit.foundation.common.db import Lock, lock
from archives.ledger.drafts import EventDraft, days_of_year, hundredths
from archives.ledger.kinds import KIND_BY_NUMBER, PAUSE
from archives.ledger.outcomes import OUTCOME_NAMES
from archives.models import Producer
from archives.services.posting import Indexed, Posting, rows_of

CORRECTIONS = 1
"""Key beside ``Lock.LEDGER``: repairs and pauses are counted while nobody else adds one."""

_TARGETS = """
    SELECT uid, id, producer_id, kind, outcome, value, reverses_id IS NOT NULL
    FROM archives_creditevent WHERE uid = ANY(%s)
"""
_LIVE_REPAIRS = """
    SELECT r.repairs_id, array_agg(r.uid ORDER BY r.id) FROM archives_creditevent r
    WHERE r.repairs_id = ANY(%s)
      AND NOT EXISTS (SELECT 1 FROM archives_creditevent u WHERE u.reverses_id = r.id)
    GROUP BY 1 HAVING count(*) > 1
"""
_PAUSED = """
    WITH RECURSIVE family AS (
        SELECT id AS root, id FROM archives_producer WHERE id = ANY(%s)
        UNION
        SELECT family.root, p.id FROM archives_producer p JOIN family ON p.merged_into_id = family.id
    )
    SELECT f.root, extract(year FROM e.occurred_on)::int, sum(e.value)::bigint
    FROM family f JOIN archives_creditevent e ON e.producer_id = f.id
    WHERE e.kind = %s AND e.reverses_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM archives_creditevent u WHERE u.reverses_id = e.id)
    GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Target:
    """What a reversal or repair names."""

    id: int
    producer_id: int
    kind: int
    outcome: int
    value: int | None
    is_reversal: bool


class CorrectionPosting(Posting):
    """Posts pauses, then repairs, then reversals, so that each finds what it names in place."""

    def add_all(self, drafts: list[Indexed]) -> None:
        """Post drafts of all three sorts, then check what only holds for them together."""
        if not drafts:
            return
        sound = self._known(self._sound(drafts))
        reversals = [entry for entry in sound if entry[1].reverses]
        repairs = [entry for entry in sound if entry[1].repairs]
        pauses = [e for e in sound if e[1].kind == PAUSE.name and not e[1].reverses]
        if repairs or pauses:
            lock(Lock.LEDGER, CORRECTIONS)
        reversing = {draft.uid for _index, draft in reversals}
        new = self._settle(pauses, {})
        new |= self._settle_corrections(repairs, "repairs", reversing)
        self._settle_corrections(reversals, "reverses", reversing)
        self._check_repaired_once(repairs, new)
        self._check_pauses(pauses, new)

    def _settle_corrections(self, drafts: list[Indexed], column: str, reversals: set[str]) -> set[str]:
        """Post repairs or reversals; ``reversals`` are the uids of those that come in the same call."""
        if not drafts:
            return set()
        missing = self.match(drafts)
        targets = _targets([getattr(draft, column) for _index, draft in missing])
        named = {target.producer_id for target in targets.values()}
        roots = Producer.objects.ends(named | {draft.producer_id for _index, draft in missing})
        sound = []
        for index, draft in missing:
            uid = getattr(draft, column)
            faults = list(_target_faults(draft, column, targets.get(uid), roots, uid in reversals))
            for fault in faults:
                self.refuse(index, *fault)
            if not faults:
                sound.append((index, draft))
        return self._settle(sound, {uid: target.id for uid, target in targets.items()})

    def _check_repaired_once(self, drafts: list[Indexed], new: set[str]) -> None:
        """An event has one repair that is not taken back."""
        uids = _targets([draft.repairs for _index, draft in drafts if draft.uid in new])
        repairs = dict(rows_of(_LIVE_REPAIRS, [[target.id for target in uids.values()]]))
        doubled = {uid for live in repairs.values() for uid in live[1:]}
        for index, draft in drafts:
            if draft.uid in new and draft.uid in doubled:
                said = {"uid": draft.repairs}
                self.refuse(index, "repairs", _("信息“%(uid)s”已经修复，一条信息只能修复一次。") % said)

    def _check_pauses(self, drafts: list[Indexed], new: set[str]) -> None:
        """The days of all pauses of a producer (after merging) in a year fit into that year."""
        posted = [(index, draft) for index, draft in drafts if draft.uid in new]
        if not posted:
            return
        roots = Producer.objects.ends({draft.producer_id for _index, draft in posted})
        paused = {
            (root, year): days
            for root, year, days in rows_of(_PAUSED, [list(set(roots.values())), PAUSE.number])
        }
        for index, draft in posted:
            year = draft.occurred_on.year
            total = paused.get((roots[draft.producer_id], year), 0)
            if total > 100 * days_of_year(year):
                said = {"year": year, "days": hundredths(total)}
                message = _("%(year)d 年的停产天数合计 %(days)s 天，超过了全年天数。") % said
                self.refuse(index, "value", message)


def _target_faults(
    draft: EventDraft, column: str, target: Target | None, roots: dict[int, int], in_this_call: bool
) -> Iterator[tuple[str, str]]:
    if in_this_call if target is None else target.is_reversal:
        yield column, _("冲销信息不能再被冲销或修复；误冲销的，以新的编号重新记入。")
    elif target is None:
        yield column, _("账本中没有编号为“%(uid)s”的信息。") % {"uid": getattr(draft, column)}
    else:
        if roots[draft.producer_id] != roots[target.producer_id]:
            yield "producer", _("与所指的信息不是同一个生产主体。")
        yield from _repair_faults(target) if column == "repairs" else _copy_faults(draft, target)


def _repair_faults(target: Target) -> Iterator[tuple[str, str]]:
    kind = KIND_BY_NUMBER[target.kind]
    if not kind.is_negative(OUTCOME_NAMES[target.outcome]):
        yield (
            "repairs",
            _("“%(label)s”（%(outcome)s）不是失信信息，不能修复。")
            % {
                "label": kind.label,
                "outcome": OUTCOME_NAMES[target.outcome],
            },
        )


def _copy_faults(draft: EventDraft, target: Target) -> Iterator[tuple[str, str]]:
    """A reversal says what the event said."""
    copied = [
        ("kind", draft.kind, KIND_BY_NUMBER[target.kind].name),
        ("outcome", draft.outcome, OUTCOME_NAMES[target.outcome]),
        ("value", hundredths(draft.value), hundredths(target.value)),
    ]
    for column, ours, theirs in copied:
        if ours != theirs:
            said = {"theirs": theirs, "ours": ours}
            yield column, _("冲销信息应与原信息一致（%(theirs)s），不能是“%(ours)s”。") % said


def _targets(uids: list[str]) -> dict[str, Target]:
    return {uid: Target(*rest) for uid, *rest in rows_of(_TARGETS, [uids])} if uids else {}
