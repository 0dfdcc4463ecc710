"""Registering producers and keeping their files (档案) true."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.jobs import outbox
from archives.models import Producer, ProducerStatus, Region
from archives.services import ledger
from archives.services.producer_fields import TAKEN, cleaned
from archives.services.register import completeness

CHANGED = "producers.changed"
"""Outbox topic: rated attributes of producers changed; keys ``producer_ids`` (at most 1,000 a message)."""

_KEY_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_UNIQUE = {
    "archives_producer_key_key": "key",
    "producer_credit_code_is_unique": "credit_code",
    "producer_identity_is_unique": "identity_number",
}


def register(*, actor: Any = None, **fields: Any) -> Producer:
    """Open a producer's file and post its first profile events.

    ``fields``: name, kind, nature, region (a Region or its code); and if known key (else one is drawn),
    sectors, credit_code, identity_number, contact_name, phone, address, registered_on (today), is_generated.
    ValidationError names every field that is wrong; nothing is kept then.
    """
    (producer,) = register_many(rows=[fields], actor=actor, audit=False)
    record(verb="producer.registered", actor=actor, target=producer, region_code=producer.region_id)
    return producer


@transaction.atomic
def register_many(
    *, rows: Iterable[Mapping[str, Any]], actor: Any = None, audit: bool = True
) -> list[Producer]:
    """Open many files in one transaction: one insert, one call to the ledger, one audit line.

    The fields of each row are those of :func:`register`. ValidationError of the first row that is wrong,
    or of a code that two producers share.
    """
    given = [{"registered_on": clock.today(), "sectors": [], **row} for row in rows]
    regions = Region.objects.in_bulk({_code(row.get("region")) for row in given})
    producers = []
    for row in given:
        values = cleaned(row, None, actor, regions=regions, look_for_taken=len(given) == 1)
        values["key"] = values.get("key") or new_key()
        producers.append(Producer(**values))
    with refusals():
        Producer.objects.bulk_create(producers, batch_size=1000)
    note_confirmed(producers)
    if audit and producers:
        record(verb="producer.registered", actor=actor, target=producers[0], count=len(producers))
    return producers


@transaction.atomic
def change(*, producer: Producer, actor: Any = None, **changes: Any) -> Producer:
    """Change a file; only what differs is written, audited by field name and posted as a confirmed profile.

    Status and merging have verbs of their own. ValidationError names every field that is wrong.
    """
    row = Producer.objects.select_for_update().get(pk=producer.pk)
    if row.status == ProducerStatus.MERGED:
        raise ValidationError(_("该主体已合并，请在合并后的主体上变更。"), code="merged")
    regions = Region.objects.in_bulk([_code(changes.get("region", row.region_id))])
    values = cleaned({**_current(row), **changes}, row, actor, regions=regions)
    differing = [name for name, value in values.items() if getattr(row, name) != value]
    if not differing:
        return row
    for name in differing:
        setattr(row, name, values[name])
    with refusals():
        row.save(update_fields=[*differing, "updated_at"])
    note_confirmed([row])
    shown = [f for f in Producer._meta.fields if f.name in changes and f.attname in differing]
    record(
        verb="producer.changed",
        actor=actor,
        target=row,
        region_code=row.region_id,
        fields="、".join(str(field.verbose_name) for field in shown),
        changed=differing,
    )
    outbox.emit(CHANGED, producer_ids=[row.pk])
    return row


@transaction.atomic
def confirm(*, producer: Producer, actor: Any = None) -> None:
    """The producer or an officer confirms that the file is still true (read by GD104, HZ0109)."""
    note_confirmed([producer])
    record(verb="producer.confirmed", actor=actor, target=producer, region_code=producer.region_id)


def note_confirmed(producers: Iterable[Producer], *, also: Iterable[int] = ()) -> None:
    """Post that the files are true as of today, and how complete they are now where that changed.

    ``also`` are ids of other producers whose files may have become more complete. One call to the ledger.
    """
    rows = list(producers)
    day = clock.today()
    confirmed = [
        ledger.EventDraft(
            uid=f"{uuid.uuid4()}:profile.confirmed",
            producer_id=producer.pk,
            kind="profile.confirmed",
            occurred_on=day,
            region=producer.region_id,
            source=completeness.SOURCE,
        )
        for producer in rows
    ]
    drafts = [*confirmed, *completeness.worked_out({row.pk for row in rows} | set(also))]
    if drafts:
        ledger.post(drafts)


def _code(region: Any) -> str:
    return region.pk if isinstance(region, Region) else str(region or "")


def new_key() -> str:
    """A key for a producer that brings none: P and twelve characters that cannot be misread."""
    return "P" + "".join(secrets.choice(_KEY_ALPHABET) for _position in range(12))


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a unique rule that another transaction won into the sentence its check would have given."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        for name, field in _UNIQUE.items():
            if name in str(error):
                raise ValidationError({field: TAKEN[field]}, code="taken") from error
        raise


def _current(row: Producer) -> dict[str, Any]:
    names = (
        "name kind nature sectors region_id credit_code identity_number contact_name phone address"
        " registered_on is_generated activities"
    )
    values = {name: getattr(row, name) for name in names.split()}
    values["region"] = values.pop("region_id")
    return values
