"""The scheme desk: clone into a draft, edit it part by part, submit, approve by a second person, take effect.

A draft may be unsound while it is being worked on; its faults are sentences, and it cannot be submitted
before none is left. From then on the content is fixed (a trigger holds it).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import today
from rating.engine import parsing
from rating.models import RegionScheme, Scheme
from rating.services import schemes

#: Parts of a document that are lists of mappings, in the order in which they are read.
SECTIONS = (
    "grades",
    "indicators",
    "criteria",
    "bonus",
    "deductions",
    "vetoes",
    "supervision",
    "flags",
)
State = Scheme.State


@dataclass(frozen=True)
class Change:
    """One difference between two documents; an empty side means that it is not there."""

    place: str
    before: str
    after: str


def clone(*, scheme: Scheme, version: str, actor: User) -> Scheme:
    """A draft with the scheme's content under a new version. Refused: a version that exists, an empty one."""
    _require(actor, "rating.add_scheme")
    version = version.strip()
    if not version:
        raise ValidationError(_("请写明新版本号。"), code="version")
    if Scheme.objects.filter(code=scheme.code, version=version).exists():
        raise ValidationError(
            _("方案%(code)s已有第%(version)s版。") % {"code": scheme.code, "version": version}, code="version"
        )
    document = copy.deepcopy(scheme.document) | {"version": version}
    with transaction.atomic():
        draft = Scheme.objects.create(
            code=scheme.code,
            version=version,
            name=scheme.name,
            sha256=parsing.digest(document),
            document=document,
            drafted_by=actor,
        )
        _record("scheme.drafted", draft, actor)
    return draft


def faults(document: dict[str, Any]) -> list[str]:
    """What keeps the document from being a scheme, as sentences; none when it is sound."""
    try:
        parsing.parse(document, schemes.kind_numbers())
    except parsing.SchemeError as broken:
        return broken.faults
    return []


def with_part(
    document: dict[str, Any], section: str, index: int, value: dict[str, Any] | None, *, insert: bool = False
) -> dict[str, Any]:
    """The document with one part replaced, inserted after ``index`` (−1: first) or (None) left out.

    ``section`` "general" is everything that is not in :data:`SECTIONS`. ValidationError for no such part.
    """
    changed = copy.deepcopy(document)
    if section == "general":
        return {name: rows for name, rows in changed.items() if name in SECTIONS} | (value or {})
    rows = changed.setdefault(section, []) if section in SECTIONS else []
    if section not in SECTIONS or not (-1 if insert else 0) <= index < len(rows):
        raise ValidationError(_("方案中没有这一项。"), code="no_part")
    if insert:
        rows.insert(index + 1, value)
    elif value is None:
        del rows[index]
    else:
        rows[index] = value
    return changed


def part_of(document: dict[str, Any], section: str, index: int) -> dict[str, Any]:
    """One part; ValidationError when there is none."""
    if section == "general":
        return {name: value for name, value in document.items() if name not in SECTIONS}
    rows = document.get(section, []) if section in SECTIONS else []
    if not 0 <= index < len(rows):
        raise ValidationError(_("方案中没有这一项。"), code="no_part")
    part: dict[str, Any] = rows[index]
    return part


def save(*, scheme: Scheme, document: dict[str, Any], actor: User) -> Scheme:
    """Keep a draft's new content. Refused when it is no draft any more, or somebody saved in between.

    Code and version stay the draft's own.
    """
    _require(actor, "rating.change_scheme")
    document = document | {"code": scheme.code, "version": scheme.version}
    digest = parsing.digest(document)
    if digest == scheme.sha256:
        return scheme
    with transaction.atomic():
        changed = Scheme.objects.filter(pk=scheme.pk, state=State.DRAFT, sha256=scheme.sha256).update(
            document=document, sha256=digest, name=str(document.get("name") or scheme.name)[:120]
        )
        if not changed:
            raise ValidationError(_("方案已不是草案，或已被他人修改，请刷新后重试。"), code="stale")
        scheme.refresh_from_db()
        _record("scheme.edited", scheme, actor)
    return scheme


def submit(*, scheme: Scheme, actor: User) -> Scheme:
    """Hand a sound draft in for approval; every fault is a sentence of the refusal."""
    _require(actor, "rating.change_scheme")
    found = faults(scheme.document)
    if found:
        raise ValidationError(found, code="faults")
    with transaction.atomic():
        same = Scheme.objects.filter(sha256=scheme.sha256)
        _move(same, scheme, State.DRAFT, State.SUBMITTED, submitted_by=actor)
        _record("scheme.submitted", scheme, actor)
    return scheme


def send_back(*, scheme: Scheme, reason: str, actor: User) -> Scheme:
    """Not approved: a draft again, with the reason on the record."""
    _require(actor, "rating.approve_scheme")
    if not reason.strip():
        raise ValidationError(_("请写明退回的理由。"), code="reason")
    with transaction.atomic():
        _move(Scheme.objects.all(), scheme, State.SUBMITTED, State.DRAFT, submitted_by=None)
        _record("scheme.sent_back", scheme, actor, reason=reason)
    return scheme


def approve(*, scheme: Scheme, valid_from: date, actor: User) -> Scheme:
    """A second person approves; in force from a day, today at the earliest. Of two at once one wins.

    Refused: the author and who submitted it; a day that is past; anything but a submitted scheme.
    """
    _require(actor, "rating.approve_scheme")
    if actor.pk in (scheme.drafted_by_id, scheme.submitted_by_id):
        raise ValidationError(_("起草、报批的人不能批准同一方案。"), code="same_person")
    if valid_from < today():
        raise ValidationError(_("施行日期不能早于今天。"), code="date")
    with transaction.atomic():
        _move(
            Scheme.objects.all(),
            scheme,
            State.SUBMITTED,
            State.APPROVED,
            approved_by=actor,
            approved_on=today(),
            valid_from=valid_from,
        )
        _record("scheme.approved", scheme, actor, on=valid_from.isoformat())
        if valid_from == today():
            _take_effect(scheme, valid_from)
    return scheme


def discard(*, scheme: Scheme, actor: User) -> None:
    """Throw a draft away."""
    _require(actor, "rating.change_scheme")
    with transaction.atomic():
        _record("scheme.discarded", scheme, actor)
        if not Scheme.objects.filter(pk=scheme.pk, state=State.DRAFT).delete()[0]:
            raise ValidationError(_("只有草案可以删除。"), code="state")


def take_effect_due(day: date | None = None) -> int:
    """Put approved schemes in force whose day has come; returns how many (the daily job)."""
    due = Scheme.objects.filter(state=State.APPROVED, valid_from__lte=day or today()).order_by(
        "valid_from", "pk"
    )
    for scheme in due:
        with transaction.atomic():
            locked = Scheme.objects.select_for_update().get(pk=scheme.pk)
            if locked.state == State.APPROVED and locked.valid_from is not None:
                _take_effect(locked, locked.valid_from)
    return len(due)


def _take_effect(scheme: Scheme, day: date) -> None:
    """The regions that rate by the version before rate by this one from the day on."""
    regions = set(RegionScheme.objects.filter(scheme__code=scheme.code).values_list("region_code", flat=True))
    schemes.bring_into_force(scheme=scheme, valid_from=day)
    for region in sorted(regions):
        own = RegionScheme.objects.filter(region_code=region, valid_from__lte=day).order_by("-valid_from")
        latest = own.select_related("scheme").first()
        if latest is not None and latest.scheme.code == scheme.code:
            schemes.assign(region_code=region, scheme=scheme, valid_from=day)


def compare(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Every difference between two documents, in the order of the newer one, then what is gone."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    places = [*new, *(place for place in old if place not in new)]
    return [
        Change(place, old.get(place, ""), new.get(place, ""))
        for place in places
        if old.get(place) != new.get(place)
    ]


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every single value with its place; items of a list go by their code."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{place} {name}".strip())
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _leaves(inner, f"{place} {_code(inner) or number}")
    else:
        yield place, str(value)


def _code(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    return next((str(item[name]) for name in ("code", "grade", "flag") if name in item), "")


def _move(among: Any, scheme: Scheme, old: State, new: State, **fields: Any) -> None:
    """One conditional update: whoever comes second finds the scheme moved on."""
    if not among.filter(pk=scheme.pk, state=old).update(state=new, **fields):
        raise ValidationError(_("方案的状态已经改变，请刷新后查看。"), code="state")
    scheme.refresh_from_db()


def _require(actor: User, permission: str) -> None:
    if not actor.has_perm(permission):
        raise PermissionDenied(_("您没有办理这一步的权限。"))


def _record(verb: str, scheme: Scheme, actor: User, **facts: str) -> None:
    audit.record(verb=verb, actor=actor, target=scheme, code=scheme.code, version=scheme.version, **facts)
