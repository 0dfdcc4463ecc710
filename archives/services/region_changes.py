"""Carrying producers, plots and accounts to new divisions on the day an order takes effect.

The ledger and past runs keep the codes they were written with: an ended division stays, with its last
day and its successor, so that every old code resolves. What lies on higher floors follows through
``regions.changed``.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.services import move_regions
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.common.db import Lock, copy_in, lock
from agricredit.foundation.common.templatetags.formats import full_date
from agricredit.foundation.jobs import outbox
from archives.models import ChangeKind, ChangeState, Region, RegionChange, RegionMove, RegionSuccession
from archives.models.regions import LEVEL_OF_LENGTH
from archives.services import region_moves
from archives.services.producers import CHANGED
from archives.services.region_moves import Move
from archives.services.reviews import following

REGIONS_CHANGED = "regions.changed"
AT_ONCE = 1000
_STAGE = """
    CREATE TEMP TABLE region_moved (old text PRIMARY KEY, new text, name text) ON COMMIT DROP
"""
_NEW = """
    INSERT INTO archives_region (code, name, full_name, level, parent_id, valid_from)
    SELECT DISTINCT ON (m.new) m.new, m.name, coalesce(p.full_name, '') || m.name, %(level)s, p.code, %(day)s
    FROM region_moved m LEFT JOIN archives_region p ON p.code = left(m.new, %(above)s) AND %(above)s > 0
    WHERE length(m.new) = %(length)s AND NOT EXISTS (SELECT 1 FROM archives_region r WHERE r.code = m.new)
    ORDER BY m.new, m.old
"""
_END = """
    UPDATE archives_region r SET valid_to = greatest(%s::date, r.valid_from)
    WHERE r.code IN (SELECT old FROM region_moved) AND r.code NOT IN (SELECT new FROM region_moved)
"""
_PRODUCERS = """
    UPDATE archives_producer p SET region_id = m.new, updated_at = now()
    FROM region_moved m WHERE p.region_id = m.old RETURNING p.id
"""
_PLOTS = "UPDATE archives_plot p SET region_id = m.new FROM region_moved m WHERE p.region_id = m.old"
_COUNTS = {
    "producers": "SELECT count(*) FROM archives_producer WHERE region_id = ANY(%s)",
    "plots": "SELECT count(*) FROM archives_plot WHERE region_id = ANY(%s)",
    "users": "SELECT count(*) FROM accounts_user WHERE region_code = ANY(%s)",
}


@transaction.atomic
def draft(
    *, kind: str, effective_on: datetime.date, basis: str, moves: list[Move], actor: Any = None
) -> RegionChange:
    """Write an order down; ValidationError names every line that cannot be right, and nothing is kept."""
    if kind not in ChangeKind.values:
        raise ValidationError({"kind": _("请选择变更类型。")})
    if not basis.strip():
        raise ValidationError({"basis": _("请填写批准文件的名称和文号。")})
    region_moves.check(kind=kind, moves=moves, actor=actor)
    codes = [code for move in moves for code in (move.old, move.new)]
    change = RegionChange.objects.create(
        kind=kind, region_code=region_moves.common(codes), effective_on=effective_on,
        basis=basis.strip()[:200], drafted_by=actor, drafted_at=clock.now(),
    )  # fmt: skip
    RegionMove.objects.bulk_create(
        RegionMove(change=change, old_id=move.old, new_code=move.new, new_name=move.name) for move in moves
    )
    _note("region_change.drafted", change, actor, lines=len(moves))
    return change


def preview(change: RegionChange) -> list[dict[str, Any]]:
    """Of each line: the divisions below that follow, and how many producers, plots and accounts with them."""
    moves = moves_of(change)
    followers = region_moves.successors(moves)
    by_old = {move.old: move for move in moves}
    rows = []
    for move in moves:
        codes = [code for code in followers if _line_of(code, by_old) == move.old]
        rows.append({"move": move, "divisions": len(codes), **_counted(codes)})
    return rows


@transaction.atomic
def confirm(*, change: RegionChange, actor: Any) -> RegionChange:
    """A second person's yes; on its day, or now when that has come, the change is applied."""
    row = _locked(change, ChangeState.DRAFTED)
    if actor is not None and actor.pk == row.drafted_by_id:
        raise ValidationError(_("区划变更须由登记人以外的人核准。"), code="same_person")
    region_moves.check(kind=row.kind, moves=moves_of(row), actor=actor)
    row.state, row.confirmed_by, row.confirmed_at = ChangeState.CONFIRMED, actor, clock.now()
    row.save()
    _note("region_change.confirmed", row, actor, day=row.effective_on)
    return apply(change=row, actor=actor) if row.effective_on <= clock.today() else row


@transaction.atomic
def cancel(*, change: RegionChange, reason: str, actor: Any = None) -> RegionChange:
    """Take back an order that is not applied yet."""
    row = _locked(change, ChangeState.DRAFTED, ChangeState.CONFIRMED)
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
    row.state = ChangeState.CANCELLED
    row.save()
    _note("region_change.cancelled", row, actor, reason=reason.strip())
    return row


@transaction.atomic
def apply(*, change: RegionChange, actor: Any = None) -> RegionChange:
    """Carry everything over, in one transaction. Applied again it carries who came to an old code since."""
    lock(Lock.PRODUCER)
    row = _locked(change, ChangeState.CONFIRMED, ChangeState.APPLIED)
    if row.effective_on > clock.today():
        said = {"day": full_date(row.effective_on)}
        raise ValidationError(_("该变更自%(day)s起生效，届时自动执行。") % said, code="early")
    first = row.state == ChangeState.CONFIRMED
    followers = _open_divisions(row) if first else dict(row.successions.values_list("old_id", "new_id"))
    carried, producers = _carry(row, followers)
    following.follow(change=row, followers=followers)
    if first:
        row.state, row.applied_at, row.carried = ChangeState.APPLIED, clock.now(), carried
        row.save()
    if first or any(carried.values()):
        _note("region_change.applied", row, actor, **carried)
        for start in range(0, len(producers), AT_ONCE):
            outbox.emit(CHANGED, producer_ids=producers[start : start + AT_ONCE])
        outbox.emit(REGIONS_CHANGED, change_id=row.pk)
    return row


def apply_due() -> int:
    """Apply what was confirmed and whose day has come, and carry latecomers of earlier ones."""
    due = RegionChange.objects.filter(state__in=(ChangeState.CONFIRMED, ChangeState.APPLIED))
    rows = due.filter(effective_on__lte=clock.today()).order_by("effective_on", "pk")
    for row in rows:
        apply(change=row)
    return len(rows)


def moves_of(change: RegionChange) -> list[Move]:
    """The lines as they were given."""
    return [Move(row.old_id, row.new_code, row.new_name) for row in change.moves.all()]


def _open_divisions(change: RegionChange) -> dict[str, str]:
    """Open the new divisions, end the old ones, and write down who follows whom."""
    moves = moves_of(change)
    followers = region_moves.successors(moves)
    given = {move.new: move.name for move in moves if move.name}
    names = dict(Region.objects.filter(pk__in=followers).values_list("pk", "name"))
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        staged = [(old, new, given.get(new) or names[old]) for old, new in followers.items()]
        copy_in(cursor, "region_moved", ["old", "new", "name"], staged)
        above = 0
        for length in region_moves.LENGTHS:
            level, day = LEVEL_OF_LENGTH[length], change.effective_on
            cursor.execute(_NEW, {"length": length, "level": level, "above": above, "day": day})
            above = length
        cursor.execute(_END, [change.effective_on - datetime.timedelta(days=1)])
        cursor.execute("DROP TABLE region_moved")
    RegionSuccession.objects.bulk_create(
        RegionSuccession(change=change, old_id=old, new_id=new) for old, new in followers.items()
    )
    return followers


def _carry(change: RegionChange, followers: dict[str, str]) -> tuple[dict[str, int], list[int]]:
    """How many of each were carried, and the producers' ids."""
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        copy_in(cursor, "region_moved", ["old", "new"], followers.items())
        cursor.execute(_PRODUCERS)
        producers = sorted(pk for (pk,) in cursor.fetchall())
        cursor.execute(_PLOTS)
        plots = cursor.rowcount
        cursor.execute("DROP TABLE region_moved")
    users = move_regions(followers)
    return {"producers": len(producers), "plots": plots, "users": users}, producers


def _counted(codes: list[str]) -> dict[str, int]:
    found = {}
    with connection.cursor() as cursor:
        for name, statement in _COUNTS.items():
            cursor.execute(statement, [codes])
            found[name] = int(cursor.fetchone()[0])
    return found


def _line_of(code: str, by_old: dict[str, Move]) -> str:
    return next(code[:length] for length in reversed(region_moves.LENGTHS) if code[:length] in by_old)


def _locked(change: RegionChange, *states: ChangeState) -> RegionChange:
    row: RegionChange = RegionChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    if row.state not in states:
        said = {"state": row.get_state_display()}
        raise ValidationError(_("该区划变更现为“%(state)s”，不能这样办理。") % said, code="decided")
    return row


def _note(verb: str, change: RegionChange, actor: Any, **facts: Any) -> None:
    record(verb=verb, actor=actor, target=change, region_code=change.region_code, **facts)
