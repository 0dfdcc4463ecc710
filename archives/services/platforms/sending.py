"""What we have for another platform: what is new or changed here, and not what came from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from archives.models import ExternalId, PlatformRun
from archives.services.platforms.client import PAGE, Client
from archives.services.platforms.config import NounMapping, Platform
from archives.services.platforms.outgoing import OUTGOING, STATE, Item
from archives.services.platforms.pulling import FAULTS_SAID, ID_LENGTH, keep, known_ids
from archives.services.platforms.translating import PRODUCERS, body_of, digest
from archives.services.sheets.columns import is_keepable

LONGEST_ERROR = 300
Going = tuple[Item, dict[str, Any]]


def push(platform: Platform, mapping: NounMapping, client: Client, run: PlatformRun, said: list[str]) -> None:
    """Send page by page; each page's answer is kept before the next goes out, so a crash repeats one page."""
    refused = ExternalId.objects.filter(platform=platform.name, noun=mapping.noun).exclude(error="")
    # The longest waiting first: those refused for good do not keep the others from their turn.
    retry = list(refused.order_by("exchanged_at", "pk").values_list("ours", flat=True)[:PAGE])
    for items, cursor in OUTGOING[mapping.noun].since(run.cursor, platform.region, retry):
        rows = _send(platform, mapping, items, client, run)
        keep(rows, "theirs", "sent")
        said += [f"{row.ours}：{row.error}" for row in rows if row.error][: FAULTS_SAID - len(said)]
        run.cursor = cursor
        run.save(update_fields=["cursor", "written", "unchanged", "faulty"])


def _send(
    platform: Platform, mapping: NounMapping, items: Sequence[Item], client: Client, run: PlatformRun
) -> list[ExternalId]:
    """What became of each item that they did not have as it is."""
    same = {"platform": platform.name, "noun": mapping.noun}
    known = {row.ours: row for row in ExternalId.objects.filter(**same, ours__in=[i.ours for i in items])}
    owners = _owners(platform, mapping, items)
    going: list[Going] = []
    settled: list[ExternalId] = []
    dropped: list[ExternalId] = []
    for item in items:
        row, body = known.get(item.ours), body_of(mapping, item, owners)
        if item.taken_back and not _is_told(mapping, row):
            dropped += [_result(platform, mapping, item, theirs=row.theirs, sent=row.sent)] if row else []
        elif row is not None and row.theirs and _is_as_they_have_it(row, item, body):
            run.unchanged += 1
        elif mapping.subject and item.producer not in owners:
            settled.append(_result(platform, mapping, item, error=_("主体尚未在对方平台建档。")))
        else:
            going.append((item, body))
    for start in range(0, len(going), PAGE):
        settled += _sent(platform, mapping, going[start : start + PAGE], known, client)
    run.faulty += sum(bool(row.error) for row in settled)
    run.written += sum(not row.error for row in settled)
    return settled + dropped


def _is_told(mapping: NounMapping, row: ExternalId | None) -> bool:
    """Whether they hear that something was taken back: they have it, and a field for its state."""
    return row is not None and row.theirs != "" and STATE.field in mapping.fields.values()


def _is_as_they_have_it(row: ExternalId, item: Item, body: dict[str, Any]) -> bool:
    """Sent so before, or come from there and never changed since."""
    return row.sent == digest(body) or (not row.sent and not item.taken_back)


def _sent(
    platform: Platform, mapping: NounMapping, going: Sequence[Going], known: dict[str, ExternalId],
    client: Client,
) -> list[ExternalId]:  # fmt: skip
    ids = [known[item.ours].theirs if item.ours in known else "" for item, _body in going]
    bodies = [
        body | ({mapping.id: id_} if id_ else {}) for (_item, body), id_ in zip(going, ids, strict=True)
    ]
    results = client.send(mapping, bodies)
    settled = []
    taken = _taken(platform, mapping, results)
    for (item, body), id_, result in zip(going, ids, results, strict=True):
        theirs = str(result.get("id") or "")
        error = str(result.get("error") or _("对方没有说明原因。"))
        if theirs and (len(theirs) > ID_LENGTH or not is_keepable(theirs)):
            theirs, error = "", _("对方编号须为1至%(most)d个字符。") % {"most": ID_LENGTH}
        elif theirs and taken.setdefault(theirs, item.ours) != item.ours:
            said = {"id": theirs, "ours": taken[theirs]}
            theirs, error = "", _("对方给的编号“%(id)s”已是“%(ours)s”的编号。") % said
        if theirs:
            settled.append(_result(platform, mapping, item, theirs=theirs, sent=digest(body)))
        else:
            error = error if is_keepable(error) else _("对方没有说明原因。")
            settled.append(_result(platform, mapping, item, theirs=id_, error=error[:LONGEST_ERROR]))
    return settled


def _taken(
    platform: Platform, mapping: NounMapping, results: Sequence[Mapping[str, Any]]
) -> dict[str, str]:  # fmt: skip
    """Which of ours already has a number that they give."""
    given = [str(result.get("id") or "") for result in results]
    rows = known_ids(platform, mapping.noun, [id_ for id_ in given if is_keepable(id_)])
    return {theirs: row.ours for theirs, row in rows.items()}


def _result(platform: Platform, mapping: NounMapping, item: Item, **fields: Any) -> ExternalId:
    return ExternalId(
        platform=platform.name, noun=mapping.noun, ours=item.ours, region_code=platform.region,
        exchanged_at=clock.now(), **fields,
    )  # fmt: skip


def _owners(platform: Platform, mapping: NounMapping, items: Sequence[Item]) -> dict[str, str]:
    if not mapping.subject:
        return {}
    wanted = {item.producer for item in items}
    rows = ExternalId.objects.filter(platform=platform.name, noun=PRODUCERS, ours__in=wanted)
    return dict(rows.exclude(theirs="").values_list("ours", "theirs"))
