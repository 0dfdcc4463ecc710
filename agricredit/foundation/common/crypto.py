"""Personal data at rest: AES-256-GCM with named keys, keyed hashes for search, and a model field.

The keys come from ``settings.PERSONAL_DATA_KEYS`` (``id:base64`` of 32 bytes, comma-separated): the first
encrypts, every one of them decrypts, so a key is changed by putting a new one in front and running
:func:`rotate_personal_data`. The keys never touch the database.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError, ValidationError
from django.db import connections, models, router, transaction
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

VERSION = 1
NONCE_BYTES = 12
SERIALISED = "encrypted:"


class UndecipherableError(Exception):
    """A stored value was written with a key that is no longer configured, or was altered."""


class Personal(str):
    """Text that does not show itself in ``repr``: tracebacks, debug logs and audit facts get ``***``."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Hide the text; ``str()`` still gives it where it is meant to be shown."""
        return "'***'"

    def __reduce__(self) -> tuple[type[Personal], tuple[str]]:
        """Pickle as the text itself (needed because of ``__slots__``)."""
        return type(self), (str.__str__(self),)


def encrypt(text: str) -> bytes:
    """Version, length of the key's name, name, nonce, ciphertext and tag; other bytes every time."""
    name, cipher = next(iter(_ciphers(settings.PERSONAL_DATA_KEYS).items()))
    header = bytes([VERSION, len(name)]) + name.encode()
    nonce = secrets.token_bytes(NONCE_BYTES)
    return header + nonce + cipher.encrypt(nonce, text.encode(), header)


def decrypt(data: bytes) -> str:
    """The text of :func:`encrypt`; :class:`UndecipherableError` when its key is gone or it was altered."""
    name = key_name(data)
    cipher = _ciphers(settings.PERSONAL_DATA_KEYS).get(name)
    if cipher is None:
        raise UndecipherableError(f"no key named {name!r} in AGRICREDIT_PERSONAL_DATA_KEYS")
    start = 2 + data[1]
    header, nonce, body = data[:start], data[start : start + NONCE_BYTES], data[start + NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, body, header).decode()
    except (InvalidTag, ValueError) as error:
        raise UndecipherableError("the stored value was altered") from error


def key_name(data: bytes) -> str:
    """The name of the key that a stored value was written with."""
    if len(data) < 2 or data[0] != VERSION:
        raise UndecipherableError("the stored value is not one of ours")
    return bytes(data[2 : 2 + data[1]]).decode(errors="replace")


def keyed_hash(text: str, purpose: str) -> str:
    """HMAC-SHA256 in hex, for uniqueness and search beside an encrypted column.

    ``purpose`` ("identity", "phone") keeps equal texts of different columns from being matched.
    """
    key = hmac.digest(settings.PERSONAL_DATA_HASH_KEY.encode(), purpose.encode(), hashlib.sha256)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def named_keys(configured: str) -> dict[str, bytes]:
    """The secrets of ``settings.PERSONAL_DATA_KEYS`` by name, the one to encrypt with first."""
    pairs = (entry.strip().partition(":") for entry in configured.split(",") if entry.strip())
    return {name: base64.b64decode(value) for name, _colon, value in pairs}


@lru_cache(maxsize=8)
def _ciphers(configured: str) -> dict[str, AESGCM]:
    return {name: AESGCM(secret) for name, secret in named_keys(configured).items()}


class _PersonalAttribute(DeferredAttribute):
    """Wraps whatever is assigned, so that a value never shows itself even before it is saved."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = Personal(value) if isinstance(value, str) else value


class EncryptedTextField(models.Field):  # type: ignore[type-arg]  # the stubs' parameters do not exist at run time
    """Text kept as AES-GCM bytes; can be read and written, but not searched or sorted by.

    Keep a ``keyed_hash`` column beside it where equality is needed. Empty text is stored as empty bytes.
    """

    descriptor_class = _PersonalAttribute
    empty_strings_allowed = True

    def get_internal_type(self) -> str:
        """Stored as ``bytea``."""
        return "BinaryField"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Personal | None:
        """Decrypt what the driver returns."""
        if value is None:
            return None
        data = bytes(value)
        return Personal(decrypt(data) if data else "")

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """Encrypt on the way in."""
        if value is None:
            return None
        text = str(value)
        return connection.Database.Binary(encrypt(text) if text else b"")  # type: ignore[attr-defined]  # psycopg2's own wrapper

    def to_python(self, value: Any) -> Any:
        """Text as it is; a serialised value (see :meth:`value_to_string`) is decrypted."""
        if isinstance(value, str) and value.startswith(SERIALISED):
            try:
                return Personal(decrypt(base64.b64decode(value.removeprefix(SERIALISED))))
            except (ValueError, UndecipherableError) as error:
                raise ValidationError(_("加密内容无法解读。")) from error
        return Personal(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        """Serialise (dumpdata) as ciphertext: a dump holds no personal data in the clear."""
        value = self.value_from_object(obj)
        return "" if not value else SERIALISED + base64.b64encode(encrypt(str(value))).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        """Only ``isnull`` means anything on ciphertext."""
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: filter on its keyed hash, not with {lookup_name!r}")
        return super().get_lookup(lookup_name)

    def formfield(self, **kwargs: Any) -> Any:
        """A one-line text input."""
        from django import forms

        return super().formfield(**{"form_class": forms.CharField, **kwargs})


def rotate_personal_data(
    queryset: models.QuerySet[Any], fields: Iterable[str], *, batch_size: int = 1000
) -> int:
    """Re-encrypt ``fields`` of the rows with the first configured key; return how many values changed.

    Batches by primary key, each in its own transaction with its rows locked: safe to stop and to run again,
    and a value already under the first key is left as it is.
    """
    current = next(iter(_ciphers(settings.PERSONAL_DATA_KEYS)))
    names = [_encrypted_column(queryset.model, field) for field in fields]
    changed, last = 0, None
    while True:
        page = queryset.order_by("pk") if last is None else queryset.filter(pk__gt=last).order_by("pk")
        keys = list(page.values_list("pk", flat=True)[:batch_size])
        if not keys:
            return changed
        changed += _rotate_batch(queryset.model, names, keys, current)
        last = keys[-1]


def _encrypted_column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    if not isinstance(field, EncryptedTextField):
        raise FieldError(f"{model.__name__}.{name} is not encrypted")
    return str(field.column)


def _rotate_batch(model: type[models.Model], columns: list[str], keys: list[Any], current: str) -> int:
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    table, pk = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    changed = 0
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for column in map(quote, columns):
            # Identifiers come from the model's own metadata and are quoted.
            cursor.execute(
                f"SELECT {pk}, {column} FROM {table} WHERE {pk} = ANY(%s)"  # noqa: S608 - names of our own tables and columns
                f" AND length({column}) > 0 ORDER BY {pk} FOR UPDATE",
                [keys],
            )
            stale = [
                (key, bytes(data)) for key, data in cursor.fetchall() if key_name(bytes(data)) != current
            ]
            cursor.executemany(
                f"UPDATE {table} SET {column} = %s WHERE {pk} = %s",  # noqa: S608 - names of our own tables and columns
                [(encrypt(decrypt(data)), key) for key, data in stale],
            )
            changed += len(stale)
    return changed
