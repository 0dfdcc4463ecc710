"""What a tile of the officers' home is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from agricredit.pages.office.navigation import list_address


@dataclass(frozen=True)
class Todo:
    """One tile: words, how many, where they are, and how urgent (danger, warning or plain)."""

    title: str
    count: int
    link: str
    note: str = ""
    tone: str = "plain"

    @property
    def is_done(self) -> bool:
        """Nothing to do here today."""
        return not self.count


def counted(request: HttpRequest, model: str) -> Callable[[str], str] | None:
    """How to address that model's list; None when the account may not open it: then nothing is counted."""
    if not list_address(model, request):
        return None
    return lambda query: list_address(model, request, query)
