"""The mapping file (``AGRICREDIT_PLATFORMS_FILE``): platforms, their nouns, fields and vocabularies.

``docs/platforms.md`` explains it. A mistake in it is refused as a whole, with the place and what is expected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from archives.models import Direction
from archives.services.platforms.outgoing import OUTGOING, STATE
from archives.services.sheets import SHEETS, Wrong

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class NounMapping:
    """One noun on one platform. ``fields``: theirs → ours; ``words``: our field → their word → ours."""

    noun: str
    path: str
    id: str
    changed: str = ""
    subject: str = ""
    """Their field that holds the number of the producer there."""
    directions: tuple[str, ...] = (Direction.PULL.value,)
    fields: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Platform:
    """One platform: where it is, who we are there, and what is exchanged, in order."""

    name: str
    title: str
    region: str
    address: str
    title_en: str = ""
    """The title for readers of English; what is stored and sent is always ``title``."""
    token_file: str = ""
    nouns: tuple[NounMapping, ...] = ()

    @property
    def token(self) -> str:
        """The secret, read when it is needed."""
        return Path(self.token_file).read_text(encoding="utf-8").strip() if self.token_file else ""


def load() -> dict[str, Platform]:
    """The configured platforms by name; none without a file. ValidationError for a file with mistakes."""
    name = settings.PLATFORMS_FILE
    if not name:
        return {}
    try:
        document = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
        platforms = [_platform(entry) for entry in document["platforms"]]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        said = {"file": name, "error": f"{type(error).__name__}: {error}"}
        raise ValidationError(_("平台对接配置“%(file)s”无法读取：%(error)s") % said) from error
    faults = [fault for platform in platforms for fault in _faults(platform)]
    names = [platform.name for platform in platforms]
    faults += [
        _("%(place)s：平台简称重复。") % {"place": name}
        for name in sorted(set(names))
        if names.count(name) > 1
    ]
    if faults:
        raise ValidationError(faults)
    return {platform.name: platform for platform in platforms}


def _platform(entry: Mapping[str, Any]) -> Platform:
    given = dict(entry)
    nouns = tuple(
        NounMapping(noun=noun, **{**mapping, "directions": tuple(mapping.get("directions", ["pull"]))})
        for noun, mapping in given.pop("nouns").items()
    )
    return Platform(**{**given, "region": str(given["region"])}, nouns=nouns)


def _faults(platform: Platform) -> Iterator[str]:
    where = urlsplit(platform.address)
    if where.scheme != "https" and not (where.scheme == "http" and where.hostname in LOOPBACK):
        yield _("%(place)s：地址须以https://开头。") % {"place": platform.name}
    for mapping in platform.nouns:
        place = {"place": f"{platform.name}.{mapping.noun}"}
        if mapping.noun not in SHEETS and mapping.noun not in OUTGOING:
            yield _("%(place)s：没有这种内容。") % place
            continue
        yield from _faults_of(mapping, place)


def _faults_of(mapping: NounMapping, place: dict[str, str]) -> Iterator[str]:
    for direction in mapping.directions:
        known = SHEETS if direction == Direction.PULL else OUTGOING
        if direction not in Direction.values or mapping.noun not in known:
            yield _("%(place)s：不支持“%(direction)s”方向。") % {**place, "direction": direction}
    fields = _fields(mapping.noun)
    for ours in [*mapping.fields.values(), *mapping.words]:
        if ours not in fields:
            yield _("%(place)s：没有字段“%(field)s”。") % {**place, "field": ours}
    if len(set(mapping.fields.values())) < len(mapping.fields):
        yield _("%(place)s：一个字段对应了两次。") % place
    yield from _faults_of_words(mapping, place)


def _faults_of_words(mapping: NounMapping, place: dict[str, str]) -> Iterator[str]:
    """A word of ours that its column does not have would spoil every item."""
    for ours, words in mapping.words.items():
        column = SHEETS[mapping.noun].column(ours) if mapping.noun in SHEETS else None
        column = STATE if column is None and ours == STATE.field else column
        for word in words.values() if column is not None and column.choices else ():
            try:
                column.read(word)  # type: ignore[union-attr]  # there are no words without a column
            except Wrong as wrong:
                yield _("%(place)s：字段“%(field)s”的%(wrong)s") % {**place, "field": ours, "wrong": wrong}


def _fields(noun: str) -> set[str]:
    """What can be mapped: the columns that come in, and what goes out beside them."""
    incoming = {column.field for column in SHEETS[noun].columns} if noun in SHEETS else set()
    return incoming | (set(OUTGOING[noun].fields) if noun in OUTGOING else set())
