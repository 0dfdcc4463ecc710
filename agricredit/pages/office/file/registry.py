"""The sections of a producer's file: each one small function with a template of its own, shown in order.

A floor's noun joins the file by one function decorated with :func:`section` in this package (imported in
``sections.py``) and ``templates/admin/file/<key>.html``, which finds what the function returned as ``part``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.functional import Promise

from archives.models import Producer
from rating.models import Standing

#: Rows of a section on the whole file, and on a page of its own.
SHORT, LONG = 8, 50


@dataclass(frozen=True)
class File:
    """Whose file it is, who reads it, and the ids whose evidence counts here (its own and merged ones')."""

    producer: Producer
    user: Any
    family: tuple[int, ...]
    may_write: bool

    @property
    def is_alone(self) -> bool:
        """Whether no other file was ever merged into it."""
        return len(self.family) == 1

    @cached_property
    def standing(self) -> Standing | None:
        """Where the producer stands: the page's head and its sections ask once."""
        rows = Standing.objects.filter(producer=self.producer).select_related("official_run__scheme")
        return rows.first()


#: Of a file, from a cursor ("" is the beginning), so many rows: what the template shows; with ``next`` (a
#: cursor) there is more. signing.BadSignature for a cursor that is not ours.
Load = Callable[[File, str, int], dict[str, Any]]


@dataclass(frozen=True)
class Section:
    """One section; ``permission`` is asked of the reader, ``paged`` has a page of its own by keyset."""

    key: str
    order: int
    title: str | Promise
    permission: str
    load: Load
    paged: bool = False

    @property
    def template(self) -> str:
        """Where it is drawn."""
        return f"admin/file/{self.key}.html"


SECTIONS: dict[str, Section] = {}


def section(
    key: str, order: int, title: str | Promise, permission: str, *, paged: bool = False
) -> Callable[[Load], Load]:
    """Add the decorated function to every file."""

    def added(load: Load) -> Load:
        if key in SECTIONS and SECTIONS[key].load is not load:
            raise ValueError(f"two sections of the file are called {key}")
        SECTIONS[key] = Section(key, order, title, permission, load, paged)
        return load

    return added


def open_to(user: Any) -> list[Section]:
    """The sections that this account may read, in order."""
    mine = [one for one in SECTIONS.values() if user.has_perm(one.permission)]
    return sorted(mine, key=lambda one: one.order)
