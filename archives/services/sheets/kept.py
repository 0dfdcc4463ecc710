"""Honours and training as sheets, through the register's own services.

An honour is recognised by its producer, kind, name and day; an attendance by session, producer and person.
Both come in by the hundred: honours are entered one by one, since each is an act of its own in the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common import clock
from agricredit.foundation.common.exporting import pages
from archives import vocabulary
from archives.models import (
    Audience,
    Honour,
    HonourLevel,
    Producer,
    ProducerStatus,
    Region,
    TrainingAttendance,
    TrainingSession,
)
from archives.services.register import keeping, training
from archives.services.sheets.base import Row, Seen, Sheet, Verdict, find_producers, owner_of
from archives.services.sheets.columns import amount, choice, day, words
from archives.services.sheets.entries import CODE, PRODUCER

_HONOUR = ("kind", "title", "level", "issuer", "document_number", "granted_on", "valid_until")
_SESSION = ("title", "held_on", "organiser")
MOST_HOURS = 200


class HonourSheet(Sheet):
    """Titles, listings and commendations, from the documents that grant them."""

    name = "honours"
    title = gettext_lazy("荣誉")
    permission = "archives.import_producers"
    explains = gettext_lazy("由授予机关的文件导入；已登记的荣誉不重复登记。")
    model = Honour
    columns = (
        PRODUCER,
        CODE,
        choice("kind", gettext_lazy("荣誉种类"), dict(vocabulary.honours()), required=True,
               example=dict(vocabulary.honours())["model_cooperative"]),
        words("title", gettext_lazy("荣誉名称"), 160, required=True,
              example=gettext_lazy("省级示范社")),
        choice("level", gettext_lazy("级别"), dict(HonourLevel.choices), required=True,
               example=HonourLevel.PROVINCE.label),
        words("issuer", gettext_lazy("授予机关"), 120, required=True,
              example=gettext_lazy("省农业农村厅")),
        words("document_number", gettext_lazy("文件编号"), 80, text=True),
        day("granted_on", gettext_lazy("授予日期"), required=True, example="2025-11-01"),
        day("valid_until", gettext_lazy("有效期至"), note=gettext_lazy("长期有效的留空")),
    )  # fmt: skip

    def judge(self, rows: Sequence[Row], seen: Seen, actor: Any) -> None:
        """Known ones are unchanged; the rest must be entries that the file takes."""
        for row in rows:
            self.read(row)
        producers = find_producers(rows, actor)
        kept = Honour.objects.filter(producer__in=producers.values(), ended_on__isnull=True)
        known = set(kept.values_list("producer_id", "kind", "title", "granted_on"))
        for row in rows:
            self._check(row)
            producer = producers.get(row.number)
            if producer is None:
                continue
            _check_open(row, producer)
            given = row.values
            if not {"kind", "title", "granted_on"} <= given.keys():
                continue
            key = (producer.pk, given["kind"], given["title"], given["granted_on"])
            before = seen.first(row, "honour", key)
            if before is not None:
                row.refuse("title", _("%(place)s已有同一项信息。") % {"place": before})
            row.plan = (producer, {name: given[name] for name in _HONOUR if name in given})
            if row.sound and key in known:
                row.verdict = Verdict.UNCHANGED

    def _check(self, row: Row) -> None:
        """What the days say, whatever else is wrong."""
        granted, until = row.values.get("granted_on"), row.values.get("valid_until")
        if granted is not None and granted > clock.today():
            row.refuse("granted_on", _("日期不能晚于今天：尚未生效的不能导入。"))
        if granted is not None and until is not None and until < granted:
            row.refuse("valid_until", _("有效期不能早于授予日期。"))

    def write(self, rows: Sequence[Row], actor: Any) -> None:
        """Each through the register's own act."""
        for row in rows:
            producer, values = row.plan
            keeping.add(noun="honour", producer=producer, actor=actor, **values)

    def rows_of(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        """Those that stand."""
        standing = queryset.filter(ended_on__isnull=True)
        for page in pages(standing.select_related(None).select_related("producer")):
            for row in page:
                yield self.cells(row, owner_of(row.producer))


class TrainingSheet(Sheet):
    """Who attended which training, from the sheets that people signed."""

    name = "training"
    title = gettext_lazy("参加培训")
    permission = "archives.import_producers"
    explains = gettext_lazy("一人一行；同一培训内容、日期和组织单位的行是同一次培训。")
    model = TrainingAttendance
    columns = (
        words("title", gettext_lazy("培训内容"), 160, required=True,
              example=gettext_lazy("农药安全使用培训")),
        day("held_on", gettext_lazy("培训日期"), required=True, example="2026-03-10"),
        words("organiser", gettext_lazy("组织单位"), 120, required=True,
              example=gettext_lazy("遂溪县农业农村局")),
        words("place", gettext_lazy("地点"), 120),
        amount("session_hours", gettext_lazy("培训学时"), 1, required=True, example="8"),
        PRODUCER,
        CODE,
        words("attendee", gettext_lazy("参加人"), 80, required=True, example=gettext_lazy("陈某")),
        amount("hours", gettext_lazy("实际学时"), 1, note=gettext_lazy("中途离开的填写；不填为全部学时。")),
    )  # fmt: skip

    def judge(self, rows: Sequence[Row], seen: Seen, actor: Any) -> None:
        """Sessions and attendances that are there already are recognised."""
        for row in rows:
            self.read(row)
        producers = find_producers(rows, actor)
        sessions = _sessions(rows, actor)
        known = set(
            TrainingAttendance.objects.standing()
            .filter(session__in=sessions.values())
            .values_list("session_id", "producer_id", "attendee")
        )
        for row in rows:
            session = sessions.get(key) if (key := _key(row)) else None
            self._check_hours(row, session)
            producer = producers.get(row.number)
            if producer is None:
                continue
            _check_open(row, producer)
            if key is None or "attendee" not in row.values:
                continue
            before = seen.first(row, "training", key, producer.pk, row.values["attendee"])
            if before is not None:
                row.refuse("attendee", _("%(place)s已有同一项信息。") % {"place": before})
            row.plan = (producer, key)
            if row.sound and session and (session.pk, producer.pk, row.values["attendee"]) in known:
                row.verdict = Verdict.UNCHANGED

    def _check_hours(self, row: Row, session: TrainingSession | None) -> None:
        """What the day and the hours say, whatever else is wrong."""
        held_on, hours = row.values.get("held_on"), row.values.get("session_hours")
        if held_on is not None and held_on > clock.today():
            row.refuse("held_on", _("培训办完再登记，日期不能晚于今天。"))
        if hours is not None and not 0 < hours <= MOST_HOURS:
            row.refuse("session_hours", _("学时应大于0，不超过200。"))
        elif session is not None and hours is not None and session.hours != hours:
            row.refuse("session_hours", _("这次培训已登记为%(hours)s学时。") % {"hours": session.hours})
        stayed = row.values.get("hours")
        if stayed is not None and not 0 < stayed <= (MOST_HOURS if hours is None else hours):
            row.refuse("hours", _("实际学时应大于0，不超过培训学时。"))

    def write(self, rows: Sequence[Row], actor: Any) -> None:
        """A session for each that is new, and its attendances in one call for each number of hours."""
        sessions = _sessions(rows, actor)
        groups: dict[Any, list[tuple[Producer, str]]] = defaultdict(list)
        for row in rows:
            producer, key = row.plan
            if key not in sessions:
                given = {name: row.values.get(name, "") for name in (*_SESSION, "place")}
                sessions[key] = training.hold(
                    actor=actor, audience=Audience.PRODUCERS, hours=row.values["session_hours"],
                    region=Region.objects.get(pk=_division(row, actor)), **given,
                )  # fmt: skip
            hours = min(row.values.get("hours", sessions[key].hours), sessions[key].hours)
            groups[key, hours].append((producer, row.values["attendee"]))
        for (key, hours), attendees in groups.items():
            training.attend(session=sessions[key], attendees=attendees, hours=hours, actor=actor)

    def rows_of(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        """Producers' attendances that stand."""
        standing = queryset.filter(withdrawn_on__isnull=True, producer__isnull=False)
        for page in pages(standing.select_related(None).select_related("producer", "session")):
            for row in page:
                held = {name: getattr(row.session, name) for name in (*_SESSION, "place")}
                own = {**owner_of(row.producer), **held, "session_hours": row.session.hours}
                yield self.cells(row, own)


def _check_open(row: Row, producer: Producer) -> None:
    if producer.status in (ProducerStatus.MERGED, ProducerStatus.CLOSED):
        row.refuse("producer", _("“%(name)s”已合并或注销。") % {"name": producer.name})


def _key(row: Row) -> tuple[Any, ...] | None:
    """Which session a row means; None when a part of that could not be read."""
    named = all(name in row.values for name in _SESSION)
    return tuple(row.values[name] for name in _SESSION) if named else None


def _sessions(rows: Sequence[Row], actor: Any) -> dict[tuple[Any, ...], TrainingSession]:
    """The sessions of the actor's division that the rows name, those that are there."""
    titles = {row.values["title"] for row in rows if "title" in row.values}
    days = {row.values["held_on"] for row in rows if "held_on" in row.values}
    found = TrainingSession.objects.filter(title__in=titles, held_on__in=days, audience=Audience.PRODUCERS)
    code = scope_of(actor).region_code
    if code:
        found = found.filter(region__code__startswith=code)
    return {tuple(getattr(s, name) for name in _SESSION): s for s in found.order_by("-pk")}


def _division(row: Row, actor: Any) -> str:
    """Where a new session is held: the officer's own division, else the producer's."""
    return scope_of(actor).region_code or str(row.plan[0].region_id)
