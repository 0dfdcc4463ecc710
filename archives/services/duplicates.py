"""Finding producers that have two files, and deciding about each pair: one, or not the same.

The search compares whole sets in the database: codes and numbers over all of a region, names and addresses
within a township. Merging is the register's own alias, so every link and record stays where it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.jobs import services as jobs
from agricredit.foundation.jobs.models import Job
from archives.models import (
    DuplicatePair,
    DuplicateReason,
    PairState,
    Producer,
    ProducerNature,
    ProducerStatus,
)
from archives.services import duplicates_sql as sql
from archives.services import producers, status

JOB = "archives.find_duplicates"
SHARED_AT_MOST = 20
PREFIX = 4
ALIKE, ALIKE_NEAR = 75, 50
ADDRESS_LENGTH = 6
PICKABLE = (
    "name", "kind", "nature", "sectors", "region_id", "credit_code", "identity_number", "contact_name",
    "phone", "address", "registered_on",
)  # fmt: skip
_CODES = (
    (sql.SAME_CODE, "credit_code", DuplicateReason.CREDIT_CODE, 100),
    (sql.SAME_CODE, "identity_hash", DuplicateReason.IDENTITY, 100),
    (sql.SAME_PHONE, "phone_hash", DuplicateReason.PHONE, 70),
    (sql.SAME_LICENCE, "number_key", DuplicateReason.LICENCE, 95),
)

Progress = Callable[[int, int, str], None]


def request(*, region: str, actor: Any) -> Job:
    """Put the search of a division on the list; while one is waiting or running, that one."""
    title = _("查找疑似重复主体（%(region)s）") % {"region": region or _("全部")}
    return jobs.enqueue(
        kind=JOB, title=title, args={"region": region}, key=f"{JOB}:{region}", created_by=actor,
        region_code=region,
    )  # fmt: skip


def find(*, region: str = "", progress: Progress | None = None) -> int:
    """Search a division's subtree (all, when empty) and keep what is found; return how many pairs are open.

    Each step commits by itself, so a million producers hold no lock for long; running again is safe. Pairs
    decided as "not the same" are not brought up again, open pairs that no longer fit are dropped.
    """
    since, pattern = clock.now(), f"{region}%"
    with connection.cursor() as cursor:
        cursor.execute(sql.COUNTIES, [pattern])
        counties = [code for (code,) in cursor.fetchall()]
    total = len(counties) + 1
    _stored(since, _compare_codes, pattern)
    for done, county in enumerate(counties, start=1):
        if progress:
            progress(done, total, _("正在比对 %(region)s") % {"region": county})
        # A county's own code is six digits; a shorter one is only itself.
        within = f"{county}%" if len(county) == 6 else county
        _stored(since, _compare_names, within)
    with connection.cursor() as cursor:
        cursor.execute(sql.FORGET, {"since": since, "region": pattern})
    if progress:
        progress(total, total, "")
    return DuplicatePair.objects.open().filter(found_at=since).count()


def _stored(since: Any, compare: Callable[[Any, str], None], pattern: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.MAKE)
        compare(cursor, pattern)
        cursor.execute(sql.STORE, [since])
        cursor.execute(sql.DROP)


def _compare_codes(cursor: Any, pattern: str) -> None:
    for statement, column, reason, score in _CODES:
        given = {"region": pattern, "reason": reason.value, "score": score, "most": SHARED_AT_MOST}
        cursor.execute(statement.format(column=column), given)


def _compare_names(cursor: Any, pattern: str) -> None:
    given = {
        "most": SHARED_AT_MOST, "prefix": PREFIX, "address": ADDRESS_LENGTH, "alike": ALIKE,
        "alike_near": ALIKE_NEAR,
    }  # fmt: skip
    cursor.execute(sql.LIVING, [pattern])
    cursor.execute("ANALYZE living")
    cursor.execute(sql.CANDIDATES, given)
    cursor.execute(sql.COMPARED, given)
    cursor.execute("DROP TABLE living, candidate")


@transaction.atomic
def merge_pair(
    *, pair: DuplicatePair, keep: Producer, picks: Collection[str] = (), reason: str, actor: Any = None
) -> DuplicatePair:
    """Merge the pair into ``keep``, with the picked fields taken over from the other file.

    ValidationError when another officer has decided about the pair, one of the two was merged elsewhere, the
    contents do not fit together, or the reason is missing; nothing is changed then.
    """
    row = _open(pair)
    _check_picks(picks)
    kept = row.low if keep.pk == row.low_id else row.high
    other = _other(row, keep)
    status.merge(producer=other, into=kept, reason=reason, actor=actor)
    before = _texts(kept)
    taken = {name: getattr(other, name) for name in PICKABLE if name in picks}
    if taken:
        producers.change(producer=kept, actor=actor, **_arguments(taken))
    row.kept, row.picked = kept, sorted(taken)
    row.kept_before = json.dumps({name: before[name] for name in taken}, ensure_ascii=False)
    return _decided(row, PairState.MERGED, reason, actor)


@transaction.atomic
def undo_merge(*, pair: DuplicatePair, reason: str, actor: Any = None) -> DuplicatePair:
    """Take the merge back: two files again, and what was taken over returns to what it was.

    A field that someone has changed since keeps the newer content. ValidationError when it is not merged.
    """
    row = _locked(pair)
    _ask_reason(reason)
    if row.state != PairState.MERGED or row.kept is None:
        raise ValidationError(_("这一对主体没有合并，或合并已被撤销。"), code="decided")
    kept, other = row.kept, _other(row, row.kept)
    now, theirs = _texts(kept), _texts(other)
    before = json.loads(row.kept_before or "{}")
    back = {name: text for name, text in before.items() if now[name] == theirs[name]}
    values = {name: _value(name, text) for name, text in back.items()}
    if values:
        producers.change(producer=kept, actor=actor, **_arguments(values))
    status.unmerge(producer=other, reason=reason, actor=actor)
    row.kept, row.picked, row.kept_before = None, [], None
    return _decided(row, PairState.OPEN, reason, actor)


@transaction.atomic
def mark_distinct(*, pair: DuplicatePair, reason: str, actor: Any = None) -> DuplicatePair:
    """Remember that the two are not the same: no search brings the pair up again."""
    row = _open(pair)
    _ask_reason(reason)
    _decided(row, PairState.DISTINCT, reason, actor)
    record(
        verb="duplicate.distinct", actor=actor, target=row.low, region_code=row.low.region_id,
        other=row.high.name, reason=reason.strip(),
    )  # fmt: skip
    return row


@transaction.atomic
def reopen(*, pair: DuplicatePair, reason: str, actor: Any = None) -> DuplicatePair:
    """Take "not the same" back: the pair is to be decided again."""
    row = _locked(pair)
    _ask_reason(reason)
    if row.state != PairState.DISTINCT:
        raise ValidationError(_("只有判定为“不是同一主体”的可以重新处理。"), code="decided")
    _decided(row, PairState.OPEN, reason, actor)
    record(
        verb="duplicate.reopened", actor=actor, target=row.low, region_code=row.low.region_id,
        other=row.high.name, reason=reason.strip(),
    )  # fmt: skip
    return row


def _locked(pair: DuplicatePair) -> DuplicatePair:
    rows = DuplicatePair.objects.select_for_update(of=("self",)).select_related("low", "high", "kept")
    row = rows.filter(pk=pair.pk).first()
    if row is None:
        raise ValidationError(_("这一对主体已不再疑似重复。"), code="gone")
    return row


def _open(pair: DuplicatePair) -> DuplicatePair:
    row = _locked(pair)
    if row.state != PairState.OPEN:
        who = row.decided_by.name if row.decided_by else _("系统")
        said = {"who": who, "state": row.get_state_display()}
        raise ValidationError(_("%(who)s已处理这一对主体：%(state)s。") % said, code="decided")
    if ProducerStatus.MERGED in (row.low.status, row.high.status):
        raise ValidationError(_("其中一个主体已合并到别处，请重新查找。"), code="merged")
    return row


def _decided(row: DuplicatePair, state: PairState, reason: str, actor: Any) -> DuplicatePair:
    row.state, row.decision = state, reason.strip()[:240]
    row.decided_by, row.decided_at = actor, clock.now()
    row.save()
    return row


def _other(pair: DuplicatePair, keep: Producer) -> Producer:
    if keep.pk == pair.low_id:
        return pair.high
    if keep.pk == pair.high_id:
        return pair.low
    raise ValidationError(_("保留的主体应是这两个之一。"))


def _check_picks(picks: Collection[str]) -> None:
    if unknown := set(picks) - set(PICKABLE):
        raise ValidationError(_("不能选取：%(fields)s。") % {"fields": "、".join(sorted(unknown))})


def _arguments(values: dict[str, Any]) -> dict[str, Any]:
    """Columns as the register's services name them; who becomes a person has no credit code."""
    given = dict(values)
    if "region_id" in given:
        given["region"] = given.pop("region_id")
    if given.get("nature") == ProducerNature.NATURAL_PERSON:
        given.setdefault("credit_code", None)
    return given


def _texts(producer: Producer) -> dict[str, Any]:
    values = {name: getattr(producer, name) for name in PICKABLE}
    values["registered_on"] = producer.registered_on.isoformat()
    return values


def _value(name: str, text: Any) -> Any:
    return date.fromisoformat(text) if name == "registered_on" else text


def _ask_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
