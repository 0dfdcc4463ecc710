"""What another platform has for us, through the sheets: the same checks and services as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from archives.models import Direction, EntryWay, ExternalId, PlatformRun
from archives.services.platforms.client import Client
from archives.services.platforms.config import NounMapping, Platform
from archives.services.platforms.outgoing import OUTGOING, STATE
from archives.services.platforms.translating import PRODUCERS, body_of, cells_of, digest, untold
from archives.services.sheets import SHEETS, Row, Seen, Verdict
from archives.services.sheets.columns import is_keepable

FAULTS_SAID = 50
ID_LENGTH = 80
MOMENT_LENGTH = 80
Taken = tuple[Row, str, dict[str, Any]]


def pull(platform: Platform, mapping: NounMapping, client: Client, run: PlatformRun, said: list[str]) -> None:
    """Take in what is new or changed since the last exchange.

    A faulty item holds the cursor back to its own moment, so that it comes again until it is put right there
    or here; items known by their hash cost nothing then.
    """
    newest, held = run.cursor, ""
    for items in client.fetch(mapping, run.cursor):
        faulty = _take(platform, mapping, items, run, said)
        newest = max([newest, *_moments(mapping, items)])
        held = min([moment for moment in (held, *_moments(mapping, faulty)) if moment], default="")
        run.save(update_fields=["written", "unchanged", "faulty"])
    run.cursor = min(held, newest) if held else newest


def _moments(mapping: NounMapping, items: Sequence[Mapping[str, Any]]) -> list[str]:
    said = [str(item.get(mapping.changed) or "") for item in items] if mapping.changed else []
    return [moment for moment in said if len(moment) <= MOMENT_LENGTH and is_keepable(moment)]


def _id_of(mapping: NounMapping, item: Mapping[str, Any]) -> str:
    """Their number; empty, and so refused, when nothing could keep it."""
    id_ = str(item.get(mapping.id, ""))
    return id_ if is_keepable(id_) else ""


@transaction.atomic
def _take(
    platform: Platform, mapping: NounMapping, items: Sequence[dict[str, Any]], run: PlatformRun,
    said: list[str],
) -> list[dict[str, Any]]:  # fmt: skip
    """One page: judged and written together, external ids noted. Returns the items not taken."""
    sheet = SHEETS[mapping.noun]
    theirs = {_id_of(mapping, item): item for item in items}
    known = known_ids(platform, mapping.noun, list(theirs))
    owners = _owners(platform, mapping, items)
    gone = _taken_back(mapping, theirs, known)
    taken: list[Taken] = []
    for id_, item in theirs.items():
        if id_ in known and known[id_].seen == digest(item):
            run.unchanged += 1
            continue
        cells = cells_of(platform, mapping, item, known.get(id_), owners)
        place = _("对方编号“%(id)s”") % {"id": id_}
        row = Row(len(taken), cells, entry=EntryWay.API.value, place=place)
        if id_ in gone:
            if not gone[id_]:
                run.unchanged += 1
                continue
            row.refuse(mapping.id, gone[id_])
        for field in untold(mapping, item):
            row.refuse(field, _("对方给的不是文字、数字或它们的列表。"))
        if not 1 <= len(id_) <= ID_LENGTH:
            row.refuse(mapping.id, _("对方编号须为1至%(most)d个字符。") % {"most": ID_LENGTH})
        taken.append((row, id_, item))
    rows = [row for row, _id, _item in taken]
    sheet.judge(rows, Seen(), None)
    _refuse_second_ids(platform, mapping, taken, known)
    sheet.write([row for row in rows if row.verdict in (Verdict.NEW, Verdict.CHANGED)], None)
    _keep(platform, mapping, [one for one in taken if one[0].sound], known)
    for row, id_, _item in taken:
        _count(row, id_, run, said)
    return [item for row, _id, item in taken if row.faults]


def _taken_back(
    mapping: NounMapping, theirs: Mapping[str, Mapping[str, Any]], known: Mapping[str, ExternalId]
) -> dict[str, str]:
    """Items that no longer stand there, and what is to be done here: nothing, or a person takes ours back.

    The law forbids altering records: that is an officer's act, with a reason.
    """
    field = next((name for name, ours in mapping.fields.items() if ours == STATE.field), None)
    if field is None or SHEETS[mapping.noun].column(STATE.field) is not None:
        return {}
    words = mapping.words.get(STATE.field, {})
    said = {id_: str(item.get(field, "")) for id_, item in theirs.items()}
    ended = [id_ for id_, word in said.items() if words.get(word, word) == STATE.cell(True)]
    ours = {id_: known[id_].ours for id_ in ended if id_ in known}
    settled = OUTGOING[mapping.noun].taken_back(list(ours.values()))
    message = _("对方已撤销，请核对后在本平台撤销。")
    return {id_: message if id_ in ours and ours[id_] not in settled else "" for id_ in ended}


def _refuse_second_ids(
    platform: Platform, mapping: NounMapping, taken: Sequence[Taken], known: Mapping[str, ExternalId]
) -> None:
    """One object of ours has one number there, and a number there keeps its object."""
    sheet = SHEETS[mapping.noun]
    ours = {sheet.identity_of(row): (row, id_) for row, id_, _item in taken if row.sound}
    there = ExternalId.objects.filter(platform=platform.name, noun=mapping.noun, ours__in=list(ours))
    for other in there.exclude(theirs=""):
        row, id_ = ours[other.ours]
        if other.theirs != id_:
            message = _("与对方编号“%(id)s”是同一个，请在对方平台上核对。") % {"id": other.theirs}
            row.refuse(mapping.id, message)
    for number, (row, id_) in ours.items():
        if id_ in known and known[id_].ours != number:
            row.refuse(mapping.id, _("对方把这个编号用到了另一个对象上。"))


def _keep(
    platform: Platform, mapping: NounMapping, taken: Sequence[Taken], known: Mapping[str, ExternalId]
) -> None:
    """The external ids; of producers also what would be sent, so that they are not sent back.

    What was sent of an object of ours that comes back stays noted: only a later change goes out again.
    """
    sheet = SHEETS[mapping.noun]
    sent = {row.ours: row.sent for row in known.values()}
    numbers = [sheet.identity_of(row) for row, _id, _item in taken]
    if mapping.noun == PRODUCERS and Direction.PUSH in mapping.directions and numbers:
        page, _cursor = next(OUTGOING[PRODUCERS].since("", platform.region, numbers))
        sent |= {item.ours: digest(body_of(mapping, item, {})) for item in page}
    rows = [
        ExternalId(
            platform=platform.name, noun=mapping.noun, ours=number, theirs=id_, seen=digest(item),
            sent=sent.get(number, ""), region_code=platform.region, exchanged_at=clock.now(),
        )
        for number, (_row, id_, item) in zip(numbers, taken, strict=True)
    ]  # fmt: skip
    keep(rows, "theirs", "seen", "sent")


def keep(rows: Sequence[ExternalId], *fields: str) -> None:
    """Write external ids, new or known, in one statement."""
    ExternalId.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["platform", "noun", "ours"],
        update_fields=[*fields, "error", "exchanged_at", "region_code"],
    )  # fmt: skip


def _count(row: Row, id_: str, run: PlatformRun, said: list[str]) -> None:
    if row.faults:
        run.faulty += 1
        if len(said) < FAULTS_SAID:
            said += [f"{id_} {column}：{message}" for column, message in row.faults]
    elif row.verdict is Verdict.UNCHANGED:
        run.unchanged += 1
    else:
        run.written += 1


def known_ids(platform: Platform, noun: str, ids: Sequence[str]) -> dict[str, ExternalId]:
    """What their numbers name here."""
    wanted = [id_ for id_ in ids if id_]
    found = ExternalId.objects.filter(platform=platform.name, noun=noun, theirs__in=wanted)
    return {row.theirs: row for row in found}


def _owners(platform: Platform, mapping: NounMapping, items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Our keys of the producers that the items belong to."""
    if not mapping.subject:
        return {}
    said = {str(item.get(mapping.subject) or "") for item in items}
    wanted = filter(is_keepable, said)
    return {id_: row.ours for id_, row in known_ids(platform, PRODUCERS, list(wanted)).items()}
