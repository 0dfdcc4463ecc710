"""Envelopes that anybody can close and only the platform opens: what a phone hands over in a file.

ECDH over P-256 with a key of the sender's own for each envelope, HKDF-SHA-256, AES-256-GCM: what WebCrypto
has in every browser and webview of the last ten years. Our keys follow from ``settings.PERSONAL_DATA_KEYS``:
there is no further secret to keep, and what was closed under a key that is second now is still opened.
"""

from __future__ import annotations

import base64
import binascii
import json
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from agricredit.foundation.common.crypto import named_keys

FORMAT = "agricredit-sealed-1"
_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_DERIVED_BYTES = 48
"""Sixteen more than a scalar has, so that taking it modulo the order favours no value (FIPS 186-5, A.2.1)."""


class NoEnvelope(Exception):
    """The text is no envelope of ours, was altered, or was closed under a key that is gone."""


def public_key() -> dict[str, str]:
    """The key to close with now: its name, and the uncompressed point in base64."""
    name, key = next(iter(_keys(settings.PERSONAL_DATA_KEYS).items()))
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {"id": name, "key": base64.b64encode(point).decode()}


def opened(text: bytes) -> bytes:
    """The content of an envelope; :class:`NoEnvelope` for anything else."""
    try:
        given = json.loads(text)
        if given["format"] != FORMAT:
            raise NoEnvelope("format")
        key = _keys(settings.PERSONAL_DATA_KEYS)[given["key"]]
        point, nonce, sealed = (_bytes(given[name]) for name in ("sender", "nonce", "sealed"))
        sender = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
        cipher = AESGCM(_shared(key.exchange(ec.ECDH(), sender), point))
        return cipher.decrypt(nonce, sealed, f"{FORMAT}|{given['key']}".encode())
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error, InvalidTag) as error:
        raise NoEnvelope(type(error).__name__) from error


def closed(content: bytes) -> bytes:
    """An envelope as a phone closes it."""
    ours = public_key()
    own = ec.generate_private_key(_CURVE)
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    there = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, _bytes(ours["key"]))
    nonce = AESGCM.generate_key(128)[:12]
    cipher = AESGCM(_shared(own.exchange(ec.ECDH(), there), point))
    sealed = cipher.encrypt(nonce, content, f"{FORMAT}|{ours['id']}".encode())
    parts: dict[str, Any] = {"sender": point, "nonce": nonce, "sealed": sealed}
    texts = {name: base64.b64encode(value).decode() for name, value in parts.items()}
    return json.dumps({"format": FORMAT, "key": ours["id"], **texts}).encode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _shared(secret: bytes, point: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=point, info=FORMAT.encode()).derive(secret)


@lru_cache(maxsize=8)
def _keys(configured: str) -> dict[str, ec.EllipticCurvePrivateKey]:
    return {name: _private(secret) for name, secret in named_keys(configured).items()}


def _private(secret: bytes) -> ec.EllipticCurvePrivateKey:
    info = b"agricredit envelopes P-256"
    derived = HKDF(algorithm=SHA256(), length=_DERIVED_BYTES, salt=None, info=info).derive(secret)
    return ec.derive_private_key(int.from_bytes(derived) % (_ORDER - 1) + 1, _CURVE)
