"""Credit codes (GB 32100, GB 11714 inside) and identity numbers (GB 11643)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from agricredit.foundation.common import codes

REAL = [
    "91110000600037341L",
    "9144030071526726XG",
    "91330100799655058B",
    "914403001922038216",
    "12100000400000624D",
]
heads = st.text(codes.CREDIT_ALPHABET, min_size=16, max_size=16)
births = st.dates(date(1900, 1, 1), date(2026, 11, 21))


@pytest.mark.parametrize("code", REAL)
def test_published_codes_are_accepted(code):
    assert codes.check_credit_code(code) == code


def test_code_is_normalised():
    assert codes.check_credit_code(" ９１１１００００ 600037341l ") == "91110000600037341L"


def test_code_of_a_village_collective_may_begin_with_letters():
    made = codes.make_credit_code("N2440802MF123456")
    assert made.startswith("N2440802MF123456")
    assert codes.check_credit_code(made) == made


@given(heads)
def test_made_codes_are_valid(head):
    made = codes.make_credit_code(head)
    assert codes.check_credit_code(made) == made
    assert codes.make_credit_code(made[:17]) == made


@given(heads, st.integers(0, 17), st.sampled_from(codes.CREDIT_ALPHABET))
def test_one_changed_character_is_always_caught(head, position, character):
    code = codes.make_credit_code(head)
    if code[position] == character:
        return
    with pytest.raises(ValidationError):
        codes.check_credit_code(code[:position] + character + code[position + 1 :])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("9111000060003734", "统一社会信用代码应为18位，现为16位。"),
        ("", "统一社会信用代码应为18位，现为0位。"),
        (
            "9111O000600037341L",
            "统一社会信用代码第5位“O”不可用：只能是数字或大写字母，且不含 I、O、S、V、Z。",
        ),
        (
            "91110000600037342L",
            "统一社会信用代码第17位（组织机构代码校验码）应为“1”，现为“2”，请核对第9至17位。",
        ),
        ("91110000600037341M", "统一社会信用代码第18位（校验码）应为“L”，现为“M”，请核对全部18位。"),
    ],
)
def test_wrong_code_names_position_and_expectation(text, sentence):
    with pytest.raises(ValidationError) as refusal:
        codes.check_credit_code(text)
    assert refusal.value.messages == [sentence]


@pytest.mark.parametrize("head", ["9111", "91110000600037I4", "9" * 18])
def test_maker_refuses_what_is_no_head(head):
    with pytest.raises(ValueError, match="make_credit_code"):
        codes.make_credit_code(head)


def test_facts_of_an_identity_number():
    facts = codes.IdentityFacts.of("360426199101010071")
    assert facts == codes.IdentityFacts("360426", date(1991, 1, 1), "male")


@given(births, st.integers(0, 999))
def test_made_identity_numbers_are_valid_and_read_back(born_on, serial):
    number = codes.make_identity_number("440802", born_on, serial)
    assert codes.check_identity_number(number.lower()) == number
    sex = "male" if serial % 2 else "female"
    assert codes.IdentityFacts.of(number) == codes.IdentityFacts("440802", born_on, sex)


@given(births, st.integers(0, 999), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_changed_digit_is_always_caught(born_on, serial, position, character):
    number = codes.make_identity_number("440802", born_on, serial)
    if number[position] == character:
        return
    with pytest.raises(ValidationError):
        codes.check_identity_number(number[:position] + character + number[position + 1 :])


def _with_check(head):
    return next(head + last for last in "0123456789X" if codes._identity_check(head) == last)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("360426910101007", "公民身份号码应为18位，现为15位。"),
        ("36042619910101A071", "公民身份号码第15位应为数字。"),
        ("060426199101010071", "公民身份号码第1位应为1至9（行政区划代码）。"),
        (_with_check("36042619910230007"), "公民身份号码第7至14位应为真实的出生日期（年月日）。"),
        (_with_check("36042618000101007"), "公民身份号码第7至14位的出生日期应在1850年至今天之间。"),
        ("360426199101010072", "公民身份号码第18位（校验码）与前17位不符，请核对全部18位。"),
    ],
)
def test_wrong_identity_number_names_the_position(text, sentence):
    with pytest.raises(ValidationError) as refusal:
        codes.check_identity_number(text)
    assert refusal.value.messages == [sentence]


def test_nobody_is_born_tomorrow():
    tomorrow = codes.today() + timedelta(days=1)
    with pytest.raises(ValidationError):
        codes.check_identity_number(codes.make_identity_number("440802", tomorrow, 1))


@pytest.mark.parametrize(("region", "serial"), [("4408", 1), ("44080a", 1), ("440802", 1000)])
def test_identity_maker_refuses_impossible_parts(region, serial):
    with pytest.raises(ValueError, match="make_identity_number"):
        codes.make_identity_number(region, date(1990, 1, 1), serial)
