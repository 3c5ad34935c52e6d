"""Amounts: integer minor units, read exactly and written with every digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.money import EXPONENTS, Money, MoneyError, parse_money


@given(st.integers(0, 10**11), st.sampled_from(sorted(EXPONENTS)))
def test_what_is_written_is_read_again(amount_minor: int, currency: str) -> None:
    money = Money(amount_minor, currency)
    assert parse_money(str(money), currency) == money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("100", "BDT", 10_000),
        ("100.5", "BDT", 10_050),
        ("100.500", "BDT", 10_050),
        ("7", "JPY", 7),
        ("1.250", "KWD", 1_250),
    ],
)
def test_surplus_zeros_are_fine(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency).amount_minor == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [("", "BDT"), ("1.005", "BDT"), ("-1", "BDT"), ("1e3", "BDT"), ("1,000", "BDT"), (" 1", "BDT"), ("1.", "BDT"),
     ("٣", "BDT"), ("1.5", "JPY"), ("NaN", "BDT"), ("1" * 13, "BDT"), ("1", "XXX"), ("1\n", "BDT")],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(MoneyError):
        parse_money(text, currency)


@pytest.mark.parametrize(("minor", "part"), [(10_026, 9_775), (1_000, 975), (6_900, 6_728), (121_600, 118_560)])
def test_a_fraction_is_rounded_half_up(minor: int, part: int) -> None:
    # Samples of store_amount, 97.5 % of amount (fact sheet section 5, B).
    assert Money(minor, "BDT").scaled(975, 1_000) == Money(part, "BDT")
