"""Proofs about seals as JSON documents, which ``archives/ledger/verify_log.py`` checks on its own."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from archives.ledger import merkle
from archives.ledger.leaf import COLUMNS, NO_SALT, SEPARATOR, recorded_text
from archives.models import CreditEvent, EventNote, Seal
from archives.services.leaves import leaf_bytes_of
from archives.services.tiles import TileTree, positions_of


class ProofError(Exception):
    """No such proof can be given; the message says why."""


def seal_document(seal: Seal) -> dict[str, Any]:
    """One seal as it is published; hashes in hex."""
    return {
        "size": seal.size,
        "root": bytes(seal.root).hex(),
        "previous": bytes(seal.previous).hex(),
        "chained": bytes(seal.chained).hex(),
        "sealed_at": recorded_text(seal.sealed_at),
    }


def seals_document(limit: int | None = None) -> dict[str, Any]:
    """The chain of seals, oldest first; of the newest ``limit`` when given."""
    seals = list(Seal.objects.order_by("-size")[:limit])
    return {"type": "seals", "seals": [seal_document(seal) for seal in reversed(seals)]}


def inclusion_document(event: CreditEvent, seal: Seal, *, with_note: bool = False) -> dict[str, Any]:
    """That the event is in the sealed ledger, at which position, with which content.

    The note is given only by its hash, unless ``with_note`` (to those who may read it): then its text and
    salt stand beside it. Raises :class:`ProofError` when the seal does not cover the event.
    """
    if event.pk > seal.last_id:
        raise ProofError(_("封存 %(size)d 不包含信息“%(uid)s”。") % {"size": seal.size, "uid": event.uid})
    index = positions_of([event.pk])[event.pk]
    fields = dict(zip(COLUMNS, leaf_bytes_of(event.pk).decode().split(SEPARATOR), strict=True))
    document = {
        "type": "inclusion",
        "index": index,
        "event": fields | {"note": ""},
        "note_hash": fields["note"],
        "seal": seal_document(seal),
        "path": _hex(merkle.inclusion_proof(TileTree.of(seal).subtree, index, seal.size)),
    }
    return document | (_note(event) if with_note else {})


def consistency_document(first: Seal, second: Seal) -> dict[str, Any]:
    """That the later seal's ledger begins with the earlier one's, unchanged.

    Raises :class:`ProofError` for an earlier seal that is empty or larger.
    """
    if not 0 < first.size <= second.size:
        sizes = {"first": first.size, "second": second.size}
        raise ProofError(_("不能证明封存 %(second)d 由封存 %(first)d 延续而来。") % sizes)
    path = merkle.consistency_proof(TileTree.of(second).subtree, first.size, second.size)
    return {
        "type": "consistency",
        "first": seal_document(first),
        "second": seal_document(second),
        "path": _hex(path),
    }


def _note(event: CreditEvent) -> dict[str, Any]:
    row = EventNote.objects.kept().filter(event=event).first()
    if row is None:
        return {"note": "", "note_salt": NO_SALT.hex()} if event.note_hash is None else {}
    return {"note": row.note, "note_salt": bytes(row.salt).hex()}


def _hex(path: list[bytes]) -> list[str]:
    return [value.hex() for value in path]
