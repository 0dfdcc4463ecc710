"""What a phone sends: one parcel of items in the order in which they were made."""

from __future__ import annotations

import datetime
import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

MOST_ITEMS = 50
_LONGEST = 400
"""No answer of any question is longer."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing recorded on a phone. ``made_at`` is the phone's own time, right or wrong.

    ``needs`` are uids of items that must have been taken before it; ``replaces`` the record it corrects;
    ``sure`` that the person has looked at the day after the phone's clock was found wrong.
    """

    uid: uuid.UUID
    noun: str
    producer: int
    answers: dict[str, str]
    made_at: datetime.datetime
    made_by: int
    replaces: uuid.UUID | None = None
    needs: frozenset[uuid.UUID] = field(default_factory=frozenset)
    sure: bool = False

    @property
    def digest(self) -> bytes:
        """SHA-256 of what it says."""
        said = [self.noun, self.producer, sorted(self.answers.items()), str(self.replaces or "")]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).digest()


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """Items of one device, and its clock when it sent them."""

    device: uuid.UUID
    user: int
    sent_at: datetime.datetime
    items: list[Item]


def unpack(body: bytes) -> Parcel:
    """Read a parcel; ValidationError for anything that the portal's own pages would not have written."""
    try:
        given = json.loads(body)
        items = given["items"]
        if not isinstance(items, list) or len(items) > MOST_ITEMS:
            raise ValueError("items")
        return Parcel(
            device=uuid.UUID(given["device"]),
            user=int(given["user"]),
            sent_at=_moment(given["sent_at"]),
            items=[read_item(one) for one in items],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValidationError(_("看不懂手机发来的内容，请刷新页面再试；没发出去的都还在手机上。")) from None


def read_item(given: Any) -> Item:
    """One item; ValueError, KeyError, TypeError or AttributeError for what no page would have written."""
    answers = given["answers"]
    if not isinstance(answers, dict) or not all(_sound(*pair) for pair in answers.items()):
        raise ValueError("answers")
    return Item(
        uid=uuid.UUID(given["uid"]),
        noun=str(given["noun"])[:32],
        producer=_key(given["producer"]),
        answers=answers,
        made_at=_moment(given["made_at"]),
        made_by=_key(given["made_by"]),
        replaces=uuid.UUID(given["replaces"]) if given.get("replaces") else None,
        needs=frozenset(uuid.UUID(uid) for uid in given.get("needs", ())),
        sure=given.get("sure") is True,
    )


def _key(given: Any) -> int:
    key = int(given)
    if not 0 < key < 1 << 63:
        raise ValueError("key")
    return key


def _sound(name: Any, value: Any) -> bool:
    return isinstance(name, str) and isinstance(value, str) and len(value) <= _LONGEST and "\0" not in value


def _moment(text: str) -> datetime.datetime:
    found = parse_datetime(text)
    if found is None or found.tzinfo is None or not 2000 <= found.year < 2100:
        raise ValueError("moment")
    return found
