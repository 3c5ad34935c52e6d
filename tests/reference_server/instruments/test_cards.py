"""Card numbers: check digit, network, length, expiry and check code, and what is kept of a card."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.instruments.cards import (
    BRANDS,
    Card,
    CardError,
    TypedCard,
    brand_of,
    check_card,
    digits_of,
    passes_luhn,
)

NOW = datetime(2030, 1, 15, tzinfo=UTC)
# The networks' own numbers for tests, as every acquirer publishes them.
NUMBERS = [
    ("4111111111111111", "visa"),
    ("4222222222222", "visa"),
    ("5555555555554444", "mastercard"),
    ("2223003122003222", "mastercard"),
    ("378282246310005", "amex"),
    ("6011111111111117", "discover"),
    ("30569309025904", "diners"),
    ("3530111333300000", "jcb"),
    ("6074819900004939", "rupay"),
    ("6200000000000005", "unionpay"),
    ("6759649826438453", "maestro"),
]


def typed(number: str = "4111111111111111", *, month: int = 12, year: int = 2030, cvv: str = "123") -> TypedCard:
    return TypedCard(number, month, year, cvv)


def with_check_digit(payload: str) -> str:
    return next(payload + digit for digit in "0123456789" if passes_luhn(payload + digit))


@pytest.mark.parametrize(("number", "brand"), NUMBERS)
def test_the_networks_own_test_numbers_are_cards_of_theirs(number: str, brand: str) -> None:
    card = check_card(typed(number, cvv="1234" if brand == "amex" else "123"), now=NOW)
    assert card == Card(brand, number[-4:], 12, 2030)


@pytest.mark.parametrize("written", ["4111 1111 1111 1111", "4111-1111-1111-1111", "41111111 11111111"])
def test_a_number_written_in_groups_is_the_same_number(written: str) -> None:
    assert check_card(typed(written), now=NOW).last4 == "1111"


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("4111111111111112", "luhn"),
        ("41111111111", "digits"),
        ("4111111111111111111111", "digits"),
        ("4111  111111111111", "digits"),
        (" 4111111111111111", "digits"),
        ("٤١١١١١١١١١١١١١١١", "digits"),
        ("4111111111111111\n", "digits"),
        ("abcdefghijklmnop", "digits"),
        ("", "digits"),
        (with_check_digit("4" + 13 * "1"), "length"),
        (with_check_digit("55555555555"), "length"),
    ],
)
def test_what_is_no_card_number_is_refused_by_the_rule_it_breaks(number: str, rule: str) -> None:
    with pytest.raises(CardError) as refused:
        check_card(typed(number), now=NOW)
    assert (refused.value.member, refused.value.rule) == ("number", rule)
    assert not number or number not in str(refused.value)


@pytest.mark.parametrize(
    ("month", "year", "now", "is_good"),
    [
        (1, 2030, datetime(2030, 1, 31, 23, 59, tzinfo=UTC), True),
        # The month has ended here, and not yet in UTC-12.
        (1, 2030, datetime(2030, 2, 1, 11, 59, 59, tzinfo=UTC), True),
        (1, 2030, datetime(2030, 2, 1, 12, 0, tzinfo=UTC), False),
        (12, 2029, NOW, False),
        (2, 2028, datetime(2028, 2, 29, 23, tzinfo=UTC), True),
        (2, 2028, datetime(2028, 3, 1, 12, tzinfo=UTC), False),
        (12, 2050, NOW, True),
        (12, 2051, NOW, False),
        (0, 2031, NOW, False),
        (13, 2031, NOW, False),
        (12, 0, NOW, False),
        (12, 9999, NOW, False),
    ],
)
def test_a_card_is_good_until_its_month_has_ended_everywhere(
    month: int, year: int, now: datetime, is_good: object
) -> None:
    if is_good:
        assert check_card(typed(month=month, year=year), now=now).expiry_year == year
    else:
        with pytest.raises(CardError) as refused:
            check_card(typed(month=month, year=year), now=now)
        assert refused.value.rule == "expiry"


@pytest.mark.parametrize(
    ("number", "cvv", "is_good"),
    [
        ("4111111111111111", "123", True),
        ("4111111111111111", "1234", False),
        ("4111111111111111", "", False),
        ("4111111111111111", "12a", False),
        ("4111111111111111", "١٢٣", False),
        ("378282246310005", "1234", True),
        ("378282246310005", "123", False),
        # A network that we do not know may have either.
        (with_check_digit("9" + 14 * "1"), "123", True),
        (with_check_digit("9" + 14 * "1"), "1234", True),
    ],
)
def test_the_check_code_is_as_long_as_the_network_has_it(number: str, cvv: str, is_good: object) -> None:
    if is_good:
        assert check_card(typed(number, cvv=cvv), now=NOW).last4 == number[-4:]
    else:
        with pytest.raises(CardError) as refused:
            check_card(typed(number, cvv=cvv), now=NOW)
        assert refused.value.member == "cvv"


@pytest.mark.parametrize("brand", BRANDS, ids=lambda brand: brand.name)
def test_every_range_of_a_network_is_its_own_unless_another_stands_before_it(brand: object) -> None:
    for first, last in next(one for one in BRANDS if one is brand).ranges:
        for edge in (first, last):
            found = brand_of(edge.ljust(16, "0"))
            assert found is not None
            assert BRANDS.index(found) <= next(place for place, one in enumerate(BRANDS) if one is brand)


@pytest.mark.parametrize("leading", ["2220", "2721", "1", "9", "0", "3527", "3590"])
def test_numbers_just_outside_a_range_are_not_of_that_network(leading: str) -> None:
    found = brand_of(leading.ljust(16, "0"))
    assert found is None or found.name not in {"mastercard", "jcb", "visa"}


@given(st.text("0123456789", min_size=11, max_size=18))
def test_of_ten_last_digits_just_one_is_the_check_digit(payload: str) -> None:
    assert sum(passes_luhn(payload + digit) for digit in "0123456789") == 1


@given(st.text("0123456789", min_size=11, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(payload: str, place: int, by: int) -> None:
    number = with_check_digit(payload)
    at = place % len(number)
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert not passes_luhn(wrong)


@given(st.text(max_size=40))
def test_any_text_is_digits_or_nothing(text: str) -> None:
    digits = digits_of(text)
    assert digits is None or (digits.isascii() and digits.isdigit())


def test_a_card_shows_nothing_that_may_not_be_kept() -> None:
    assert "4111" not in repr(typed())
    assert "123" not in repr(typed(cvv="123"))
