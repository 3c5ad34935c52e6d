"""Minor units and decimal texts: exact both ways, and nothing else accepted."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.money import AMOUNT_MINOR_MAX, EXPONENTS, Money, MoneyError, exponent_of, parse_money
from simulators import money as simulated


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("100.50", "BDT", 10_050),
        ("100.5", "BDT", 10_050),
        ("100.500000", "BDT", 10_050),
        ("100", "BDT", 10_000),
        ("0", "BDT", 0),
        ("007", "XAF", 7),
        ("7.00", "JPY", 7),
        ("1.234", "KWD", 1_234),
        (100, "INR", 10_000),
        (Decimal("0.1"), "USD", 10),
        (Decimal("1E+2"), "USD", 10_000),
        (Decimal("100.0000000000000000"), "USD", 10_000),
    ],
)
def test_an_amount_is_read_exactly(amount: str | int | Decimal, currency: str, minor: int) -> None:
    assert parse_money(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("100.505", "BDT"),
        ("7.5", "JPY"),
        ("1.2345", "KWD"),
        ("-1", "BDT"),
        ("+1", "BDT"),
        ("1e2", "BDT"),
        ("1,000.00", "BDT"),
        (" 1", "BDT"),
        ("1 ", "BDT"),
        ("1.", "BDT"),
        (".5", "BDT"),
        ("", "BDT"),
        ("১", "BDT"),
        ("1\n", "BDT"),
        ("NaN", "BDT"),
        (Decimal("NaN"), "BDT"),
        (Decimal("Infinity"), "BDT"),
        (Decimal("1E+999999999"), "BDT"),
        (Decimal("1E-999999999"), "BDT"),
        (Decimal(-1), "BDT"),
        (-1, "BDT"),
        (10**400, "BDT"),
        ("9999999999999999", "BDT"),
        ("1", "XXX"),
        ("1", "bdt"),
        ("1", ""),
    ],
)
def test_what_is_no_amount_of_that_currency_is_refused(amount: str | int | Decimal, currency: str) -> None:
    with pytest.raises(MoneyError):
        parse_money(amount, currency)


@given(st.integers(0, AMOUNT_MINOR_MAX), st.sampled_from(sorted(EXPONENTS)))
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert parse_money(money.decimal_text, currency) == money
    assert parse_money(Decimal(money.decimal_text), currency) == money
    assert Decimal(money.decimal_text).scaleb(exponent_of(currency)) == minor


@pytest.mark.parametrize(
    ("money", "text"),
    [(Money(5, "BDT"), "0.05"), (Money(7, "JPY"), "7"), (Money(1_250, "KWD"), "1.250"), (Money(0, "USD"), "0.00")],
)
def test_an_amount_is_written_with_every_digit_of_its_currency(money: Money, text: str) -> None:
    assert money.decimal_text == text


@pytest.mark.parametrize("minor", [-1, AMOUNT_MINOR_MAX + 1])
def test_money_out_of_bounds_cannot_be(minor: int) -> None:
    with pytest.raises(MoneyError):
        Money(minor, "BDT")


# ISO 4217 list one, the column of minor units, told by its exceptions: every other currency of ours has two digits.
DIGITS = {0: ("JPY", "KRW", "UGX", "VND", "XAF", "XOF"), 3: ("BHD", "JOD", "KWD", "OMR", "TND")}


@pytest.mark.parametrize("exponents", [EXPONENTS, simulated.EXPONENTS], ids=["server", "simulators"])
def test_every_currency_has_the_digits_of_iso_4217_on_both_sides(exponents: dict[str, int]) -> None:
    wanted = {currency: digits for digits, currencies in DIGITS.items() for currency in currencies}
    assert exponents == {currency: wanted.get(currency, 2) for currency in exponents}
    assert {"BDT", "INR", "USD", "XAF", "JPY", "KWD"} <= exponents.keys()


def test_money_has_a_bound_and_a_known_currency() -> None:
    assert Money(10**15, "BDT").decimal_text == "10000000000000.00"
    with pytest.raises(MoneyError, match="1000000000000000 minor units"):
        Money(10**15 + 1, "BDT")
    with pytest.raises(MoneyError, match="currency is none of"):
        Money(1, "XXX")
