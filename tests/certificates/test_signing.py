"""The signed statement: what the key vouched for comes back, anything else is refused with its own reason."""

import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from certificates.services.signing import Statement, StatementRefused, as_text, from_text, sign, verify

STATEMENT = Statement(
    code="0123456789ABCDEF",
    issuer="遂溪县测试蔬菜合作社",
    product="长豇豆",
    grams=120_000,
    issued_on=datetime.date(2026, 11, 18),
    origin="440823100",
)


def test_the_statement_comes_back():
    assert verify(from_text(as_text(sign(STATEMENT)))) == STATEMENT


def test_the_same_statement_gives_the_same_bytes():
    assert sign(STATEMENT) == sign(STATEMENT)


def test_every_flipped_byte_is_refused():
    raw = sign(STATEMENT)
    for place in range(len(raw)):
        with pytest.raises(StatementRefused):
            verify(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])


def test_another_key_is_unknown_rather_than_wrong():
    with pytest.raises(StatementRefused, match="签名所用的密钥未知"):
        verify(sign(STATEMENT), Ed25519PrivateKey.generate().public_key())


def test_something_appended_is_refused():
    with pytest.raises(StatementRefused):
        verify(sign(STATEMENT) + b"\x00")


@given(st.binary(max_size=300))
def test_other_bytes_are_never_a_statement(raw):
    with pytest.raises(StatementRefused):
        verify(raw)


@given(st.text(max_size=40))
def test_other_text_is_refused_with_a_sentence(text):
    with pytest.raises(StatementRefused, match=r"\S"):
        verify(from_text(text))
