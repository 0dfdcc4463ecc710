"""The statement inside a certificate's QR code: COSE_Sign1 (RFC 9052), Ed25519, small enough for a label.

The QR holds a normal address, ``HTTPS://HOST/C/CODE/STATEMENT``, in upper case so that the dense alphanumeric
mode of QR codes serves; a market that knows the public key verifies the statement without a network.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

ALGORITHM, KEY_ID = 1, 4  # header labels of RFC 9052 §3.1
EDDSA = -8
COSE_SIGN1 = 18
EPOCH = date(2020, 1, 1)
CODE, ISSUER, PRODUCT, GRAMS, ISSUED, ORIGIN = range(1, 7)


@dataclass(frozen=True)
class Statement:
    """What the signature vouches for; ``grams`` is the quantity, ``issuer`` is masked for natural persons."""

    code: str
    issuer: str
    product: str
    grams: int
    issued_on: date
    origin: str


class StatementRefused(Exception):
    """The text is not a statement, or its signature or key does not fit; the message says which."""


@lru_cache
def _private_key(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))


def public_key() -> Ed25519PublicKey:
    """The key that markets pin; it is published at ``/.well-known/certificate-keys.json``."""
    return _private_key(settings.CERTIFICATE_SIGNING_KEY).public_key()


def key_id(key: Ed25519PublicKey) -> bytes:
    """The first four bytes of the SHA-256 of the raw public key."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).digest()[:4]


def sign(statement: Statement) -> bytes:
    """The COSE_Sign1 bytes of a statement; the same statement always gives the same bytes."""
    payload = cbor2.dumps(
        {
            CODE: statement.code,
            ISSUER: statement.issuer,
            PRODUCT: statement.product,
            GRAMS: statement.grams,
            ISSUED: (statement.issued_on - EPOCH).days,
            ORIGIN: statement.origin,
        },
        canonical=True,
    )
    protected = cbor2.dumps({ALGORITHM: EDDSA, KEY_ID: key_id(public_key())}, canonical=True)
    signature = _private_key(settings.CERTIFICATE_SIGNING_KEY).sign(_to_be_signed(protected, payload))
    return cbor2.dumps(cbor2.CBORTag(COSE_SIGN1, [protected, {}, payload, signature]), canonical=True)


def verify(raw: bytes, key: Ed25519PublicKey | None = None) -> Statement:
    """The statement that the key signed; raises :class:`StatementRefused` for anything else."""
    key = key or public_key()
    try:
        tag = cbor2.loads(raw)
        protected, _, payload, signature = tag.value
        header = cbor2.loads(protected)
    except (cbor2.CBORDecodeError, AttributeError, TypeError, ValueError) as error:
        raise StatementRefused("不是一份合格证签名") from error
    if getattr(tag, "tag", None) != COSE_SIGN1 or not isinstance(header, dict):
        raise StatementRefused("不是一份合格证签名")
    if header.get(ALGORITHM) != EDDSA or header.get(KEY_ID) != key_id(key):
        raise StatementRefused("签名所用的密钥未知")
    try:
        key.verify(signature, _to_be_signed(protected, payload))
    except (InvalidSignature, TypeError) as error:
        raise StatementRefused("签名与内容不符，合格证可能被改动") from error
    if cbor2.dumps(cbor2.CBORTag(COSE_SIGN1, [protected, {}, payload, signature]), canonical=True) != raw:
        raise StatementRefused("签名外夹带了其他内容")
    fields = cbor2.loads(payload)
    return Statement(
        code=fields[CODE],
        issuer=fields[ISSUER],
        product=fields[PRODUCT],
        grams=fields[GRAMS],
        issued_on=EPOCH + timedelta(days=fields[ISSUED]),
        origin=fields[ORIGIN],
    )


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)


def as_text(raw: bytes) -> str:
    """Base32 without padding: upper-case letters and digits only, as alphanumeric QR mode wants."""
    return base64.b32encode(raw).decode().rstrip("=")


def from_text(text: str) -> bytes:
    """The bytes behind :func:`as_text`; raises :class:`StatementRefused` when the text is not base32."""
    try:
        return base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError) as error:
        raise StatementRefused("不是一份合格证签名") from error
