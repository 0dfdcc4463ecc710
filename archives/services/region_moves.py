"""The lines of a region change: read, and checked against the divisions in force."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common import clock
from archives.models import ChangeKind, Region
from archives.models.regions import LEVEL_OF_LENGTH

LENGTHS = sorted(LEVEL_OF_LENGTH)
MOST_LINES = 2000


@dataclass(frozen=True)
class Move:
    """One line: the old code, the new one, and the name where the new one does not exist yet."""

    old: str
    new: str
    name: str = ""


def read(text: str) -> list[Move]:
    """Lines of "old new [name]", parted by blanks, tabs or commas; ValidationError names the line."""
    moves, faults = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.replace(",", " ").replace("，", " ").split(maxsplit=2)
        if not parts:
            continue
        if len(parts) < 2 or not (parts[0].isdigit() and parts[1].isdigit()):
            faults.append(_("第%(line)d行应为“原代码 新代码 新名称”。") % {"line": number})
            continue
        moves.append(Move(parts[0], parts[1], parts[2].strip() if len(parts) > 2 else ""))
    if not moves and not faults:
        faults.append(_("请至少填写一行区划对应。"))
    if len(moves) > MOST_LINES:
        faults.append(_("一次变更最多%(most)d行。") % {"most": MOST_LINES})
    if faults:
        raise ValidationError(faults)
    return moves


def check(*, kind: str, moves: list[Move], actor: Any) -> None:
    """Every fault of every line at once (ValidationError)."""
    codes = {move.old for move in moves} | {move.new for move in moves}
    parents = {_parent(move.new) for move in moves} - {""}
    known = Region.objects.in_bulk(codes | parents)
    faults = [
        fault for number, move in enumerate(moves, start=1) for fault in _line(number, move, known, moves)
    ]
    faults += _of_kind(kind, moves) + _out_of_reach(actor, codes)
    if not faults:
        faults += _collisions(moves)
    if faults:
        raise ValidationError(faults)


def _line(number: int, move: Move, known: dict[str, Region], moves: list[Move]) -> list[str]:
    said = {"line": number, "old": move.old, "new": move.new}
    old, new, faults = known.get(move.old), known.get(move.new), []
    if old is None:
        faults.append(_("第%(line)d行：没有代码为 %(old)s 的区划。") % said)
    elif _ended(old):
        faults.append(_("第%(line)d行：区划 %(old)s 已停用。") % said)
    if len(move.old) != len(move.new) or len(move.new) not in LENGTHS:
        faults.append(_("第%(line)d行：新旧代码应为同一级，位数相同。") % said)
    if move.old == move.new:
        faults.append(_("第%(line)d行：新旧代码相同。") % said)
    if sum(other.old == move.old for other in moves) > 1:
        faults.append(_("第%(line)d行：原代码 %(old)s 出现了不止一次。") % said)
    if any(other.old == move.new for other in moves):
        faults.append(_("第%(line)d行：%(new)s 同时又是原代码，先后两次变更请分开登记。") % said)
    if new is not None and _ended(new):
        faults.append(_("第%(line)d行：区划 %(new)s 已停用，停用的代码不能再用。") % said)
    if new is None and not move.name:
        faults.append(_("第%(line)d行：%(new)s 是新代码，请写明新名称。") % said)
    made = {other.new for other in moves}
    if new is None and _parent(move.new) not in known and _parent(move.new) not in made | {""}:
        faults.append(_("第%(line)d行：%(new)s 的上级区划不存在。") % said)
    return faults


def _of_kind(kind: str, moves: list[Move]) -> list[str]:
    news = Counter(move.new for move in moves)
    if kind == ChangeKind.RENUMBER and max(news.values()) > 1:
        return [_("代码变更应一一对应；几个并成一个请选“合并”。")]
    if kind == ChangeKind.MERGE and max(news.values()) == 1 and not _into_existing(moves):
        return [_("合并应有几个原代码对应同一个新代码，或并入已有的区划。")]
    if kind == ChangeKind.SPLIT and len(news) == 1:
        return [_("拆分应对应两个以上的新代码。")]
    return []


def _into_existing(moves: list[Move]) -> bool:
    return Region.objects.in_force().filter(pk__in=[move.new for move in moves]).exists()


def _out_of_reach(actor: Any, codes: set[str]) -> list[str]:
    if actor is None:
        return []
    scope = scope_of(actor)
    outside = sorted(code for code in codes if not scope.covers(code))
    return [_("区划 %(codes)s 不在您的辖区内。") % {"codes": "、".join(outside)}] if outside else []


def _collisions(moves: list[Move]) -> list[str]:
    """Divisions below that would get one code though they are two: they need lines of their own."""
    faults = []
    for new, olds in sorted(_clashing(moves).items()):
        said = {"new": new, "names": "、".join(f"{old.pk} {old.name}" for old in olds)}
        faults.append(_("%(names)s 会得到同一个代码 %(new)s，请逐个写明它们的新代码。") % said)
    return faults


def _clashing(moves: list[Move]) -> dict[str, list[Region]]:
    """By the new code: the divisions that end and would share it with each other or with one that stays."""
    targets: dict[str, list[str]] = {}
    given = {move.old for move in moves}
    for old, new in successors(moves).items():
        targets.setdefault(new, []).append(old)
    taken = Region.objects.in_bulk(targets)
    rows = Region.objects.in_bulk([old for olds in targets.values() for old in olds])
    found = {}
    for new, olds in targets.items():
        below = [old for old in olds if old not in given]
        other = [rows[old].name for old in below]
        clash = len(olds) > 1 or (new in taken and taken[new].name not in other)
        if below and clash:
            found[new] = [rows[old] for old in olds]
    return found


def proposals(moves: list[Move]) -> list[Move]:
    """Lines for the divisions below that clash, each with the next code nobody has had under the new parent.

    Of two that clash with each other the first keeps its number. What lies below a proposed one follows it.
    """
    given = {move.old for move in moves}
    clashing = _clashing(moves)
    taken = Region.objects.in_bulk(clashing)
    used = set(successors(moves).values())
    for parent in {_parent(new) for new in clashing}:
        used |= set(Region.objects.subtree(parent).values_list("pk", flat=True))
    made: list[Move] = []
    for new, olds in sorted(clashing.items()):
        rows = [old for old in olds if old.pk not in given]
        keeps = 0 if new in taken or len(rows) < len(olds) else 1
        for old in rows[keeps:]:
            code = "" if any(old.pk.startswith(one.old) for one in made) else _free(new, used)
            if code:
                used.add(code)
                made.append(Move(old.pk, code, old.name))
    return made


def _free(code: str, used: set[str]) -> str:
    """The next code of the same parent that is not used; "" when all are."""
    parent = _parent(code)
    digits = len(code) - len(parent)
    numbers = range(int(code[len(parent) :]) + 1, 10**digits)
    return next((found for n in numbers if (found := f"{parent}{n:0{digits}}") not in used), "")


def successors(moves: list[Move]) -> dict[str, str]:
    """Every division in force that ends by these lines, with the code it becomes: the longest line wins."""
    by_old = {move.old: move.new for move in moves}
    found = {}
    for top in by_old:
        for code in Region.objects.in_force().subtree(top).values_list("pk", flat=True):
            line = next(code[:length] for length in reversed(LENGTHS) if code[:length] in by_old)
            found[code] = by_old[line] + code[len(line) :]
    return found


def common(codes: list[str]) -> str:
    """The smallest division that holds all of them."""
    for length in reversed(LENGTHS):
        if len({code[:length] for code in codes}) == 1 and all(len(code) >= length for code in codes):
            return codes[0][:length]
    return ""


def _parent(code: str) -> str:
    shorter = [length for length in LENGTHS if length < len(code)]
    return code[: shorter[-1]] if shorter else ""


def _ended(region: Region) -> bool:
    return region.valid_to is not None and region.valid_to < clock.today()
