"""Refusals of records: every fault of every draft, and the conflict of a uid that is taken."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError


@dataclass(frozen=True, slots=True)
class RecordFault:
    """What is wrong with one draft: its position (from 0), the field, a sentence; ``code`` for clients."""

    index: int
    field: str
    message: str
    code: str = "invalid"

    def __str__(self) -> str:
        return f"[{self.index}] {self.field}: {self.message}"


class RecordsRefused(ValidationError):
    """Nothing was kept. ``faults`` holds every fault; as a ValidationError it speaks field by field."""

    def __init__(self, faults: list[RecordFault]) -> None:
        self.faults = faults
        fields: dict[str, list[Any]] = {}
        for fault in faults:
            fields.setdefault(fault.field, []).append(ValidationError(fault.message, code=fault.code))
        super().__init__(fields)

    @property
    def is_conflict(self) -> bool:
        """Whether a uid is taken by a record with other content: the client must draw another."""
        return any(fault.code == "conflict" for fault in self.faults)


def conflict(index: int, uid: uuid.UUID, message: str) -> RecordFault:
    """The fault of a known uid with other content."""
    return RecordFault(index, "uid", message % {"uid": uid}, "conflict")
