"""Reads of the findings that a producer shows no sign of work."""

from __future__ import annotations

from typing import Self

from archives.querysets import OwnedQuerySet


class IdleFindingQuerySet(OwnedQuerySet):
    """Producers that show no sign of work."""

    def told(self) -> Self:
        """Of which the producer knows: told that its file will be closed, or that it is."""
        return self.filter(state__in=("noticed", "delisted"))

    def answered(self) -> Self:
        """Where the producer said that it operates, and nobody has decided since."""
        return self.told().exclude(answer="")
