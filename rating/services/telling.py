"""An explanation as a document (API, ``--json``) and as readable text (``explain``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from archives.ledger.kinds import KIND_BY_NUMBER
from archives.ledger.outcomes import OUTCOME_NAMES
from rating.engine.columns import NO_VALUE, day_of
from rating.engine.explain import Explained
from rating.engine.lines import Line
from rating.services.explaining import ProducerExplanation
from rating.services.exporting import decimal_text
from rating.services.side_by_side import scaling

SHOWN_EVENTS = 20


def as_document(told: ProducerExplanation) -> dict[str, Any]:
    """Everything, as JSON: points with two decimals, readings with six, as text; None where there is none."""
    explained = told.explanation
    return {
        "producer": told.producer.key,
        "name": told.producer.name,
        "scheme": told.scheme.code,
        "from": told.window.first_day.isoformat(),
        "until": told.window.last_day.isoformat(),
        "run": told.rating.run_id if told.rating else None,
        "version": told.rating.version if told.rating else None,
        "official": bool(told.rating and told.rating.run.state in ("effective", "superseded")),
        "status": told.rating.status if told.rating else explained.status.name,
        "grade": explained.grade.code if explained.grade else "",
        "score": _points(explained.score),
        "base": _points(explained.base),
        "bonus": _points(explained.bonus),
        "deductions": _points(explained.deductions),
        "able": _points(explained.able),
        "scaling": scaling(told),
        "too_little": list(explained.too_little),
        "vetoes": [
            {"code": held.veto.code, "name": held.veto.name, "events": list(map(_event, held.lines))}
            for held in explained.vetoes
        ],
        "higher": [
            {
                "grade": above.grade.code,
                "missing": _points(above.missing),
                "conditions": [{"name": asked.gate.name, "met": asked.met} for asked in above.gates],
            }
            for above in explained.higher
        ],
        "criteria": [_column(column) for column in explained.columns],
    }


def _column(column: Explained) -> dict[str, Any]:
    return {
        "code": column.criterion.code,
        "name": column.criterion.name,
        "clause": column.criterion.clause,
        "most": _points(column.criterion.points),
        "points": None if column.points is None else _points(column.points),
        "lost": _points(column.lost),
        "reading": None if column.reading is None else decimal_text(column.reading, 6),
        "events": [_event(line) for line in column.lines],
        "charges": [
            {**_event(charge.line), "cost": _points(charge.cost if charge.counts else 0)}
            for charge in column.charges
        ],
    }


def _event(line: Line) -> dict[str, Any]:
    kind = KIND_BY_NUMBER[line.kind]
    return {
        "uid": line.uid,
        "kind": kind.name,
        "label": str(kind.label),
        "outcome": OUTCOME_NAMES[int(line.outcome)],
        "value": None if line.value == NO_VALUE else decimal_text(line.value, 2),
        "occurred_on": day_of(line.occurred).isoformat(),
    }


def _points(hundredths: int) -> str:
    return decimal_text(hundredths, 2)


def as_text(told: ProducerExplanation) -> Iterator[str]:
    """Line by line: the result, what holds against it, each criterion with its events, what is missing."""
    document = as_document(told)
    yield f"{document['name']} ({document['producer']})"
    yield _("%(scheme)s · %(begin)s 至 %(end)s · 等级 %(grade)s · 得分 %(score)s · %(status)s") % {
        "scheme": document["scheme"],
        "begin": document["from"],
        "end": document["until"],
        "grade": document["grade"] or "—",
        "score": document["score"],
        "status": document["status"],
    }
    yield _("基础分 %(base)s + 加分 %(bonus)s − 扣分 %(deductions)s（可得 %(able)s）") % document
    for veto in document["vetoes"]:
        yield _("一票否决 %(code)s %(name)s") % veto
        yield from map(_event_text, veto["events"])
    for column in document["criteria"]:
        yield from _column_text(column)
    for above in document["higher"]:
        unmet = "；".join(asked["name"] for asked in above["conditions"] if not asked["met"])
        yield _("距%(grade)s：差%(missing)s分") % above + (f"；{unmet}" if unmet else "")


def _column_text(column: dict[str, Any]) -> Iterator[str]:
    if column["points"] is None:
        yield _("%(code)s %(name)s：不适用") % column
        return
    reading = column["reading"] or _("无")
    yield _("%(code)s %(name)s：%(points)s / %(most)s，读数 %(reading)s，失分 %(lost)s") % {
        **column,
        "reading": reading,
    }
    if column["lost"] != "0.00":
        yield from map(_event_text, column["events"][:SHOWN_EVENTS])
        if len(column["events"]) > SHOWN_EVENTS:
            yield "    " + _("……共%(count)s条") % {"count": len(column["events"])}


def _event_text(event: dict[str, Any]) -> str:
    value = f" {event['value']}" if event["value"] is not None else ""
    return f"    {event['occurred_on']} {event['label']} {event['outcome']}{value} [{event['uid']}]"
