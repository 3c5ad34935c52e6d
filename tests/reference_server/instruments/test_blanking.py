"""Card data taken out of what is kept: by names where a body can be read, by digits wherever they are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.instruments.blanking import (
    blank_address,
    blank_card_data,
    blank_card_numbers,
    blank_headers,
    holds_card_number,
    may_tell_of_cards,
    without_card_secrets,
)
from reference_server.instruments.cards import passes_luhn

PAN, CVV = "4111111111111111", "8274"
ESCAPED = "".join(f"\\u{ord(digit):04x}" for digit in PAN)
CARD = {"number": PAN, "expiry_month": 12, "expiry_year": 2035, "cvv": CVV, "name": "Rahul"}


def with_check_digit(payload: str) -> str:
    return next(payload + digit for digit in "0123456789" if passes_luhn(payload + digit))


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"amount": 5000, "card": CARD}),
        json.dumps({"card": {**CARD, "number": int(PAN), "cvv": int(CVV)}}),
        json.dumps({"card": PAN}),
        json.dumps([{"deeper": {"CARD": CARD}}]),
        json.dumps({"Number": PAN, "CVC": CVV}),
        json.dumps({"notes": {"oops": f"call me, {PAN[:4]} {PAN[4:8]} {PAN[8:12]} {PAN[12:]}!"}, "cvv2": CVV}),
        json.dumps({PAN: 1, "cvv": CVV}),
        # Of a name that stands twice a reader keeps the last.
        f'{{"card": {json.dumps(CARD)}, "card": {{}}}}',
        f'{{"c\\u0061rd": {json.dumps(CARD)}}}',
        '{"x": "' + ESCAPED + '"}',
        # What cannot be read.
        f'{{"card": {json.dumps(CARD)}',
        f'{{"card": {json.dumps(CARD)}}} trailing',
        f"card[number]={PAN}&card[cvv]={CVV}",
        "card[number]=" + "".join(f"%{ord(digit):x}" for digit in PAN),
        f"[{'[' * 5000}{PAN}",
    ],
)
def test_no_card_number_and_no_check_code_stays_in_a_body(body: str) -> None:
    kept = blank_card_data(body.encode()).decode()
    assert PAN not in kept
    assert CVV not in kept
    assert not holds_card_number(kept)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_body_in_another_encoding_keeps_no_digits(encoding: str) -> None:
    kept = blank_card_data(json.dumps({"card": CARD}).encode(encoding))
    assert PAN not in kept.decode("latin-1").replace("\x00", "")


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"amount": 50000,  "order_id":"ORDER-1042"}', b'{"notes":{"phone":"+91 98765 43210"}}', b"not json"],
)
def test_a_body_that_hints_at_no_card_is_kept_byte_for_byte(body: bytes) -> None:
    assert blank_card_data(body) == body


def test_all_but_the_card_is_still_told() -> None:
    kept: Any = json.loads(blank_card_data(json.dumps({"amount": 5000, "method": "card", "card": CARD}).encode()))
    assert kept == {"amount": 5000, "method": "card", "card": "***"}


@pytest.mark.parametrize(
    "number", ["4111111111111112", "1893456000000", "123456789012", "5000000000000000", "411111111111"]
)
def test_other_numbers_are_no_card_numbers(number: str) -> None:
    assert not holds_card_number(number)
    assert blank_card_numbers(f"order {number}") == f"order {number}"


def test_of_a_card_number_in_a_text_its_last_four_digits_are_shown() -> None:
    assert blank_card_numbers(f"paid with {PAN}, thanks") == "paid with ***1111, thanks"


@pytest.mark.parametrize("target", [f"/api/v1/payments?order_id={PAN}", "/api/v1/orders/4111%20111111111111"])
def test_no_card_number_stays_in_an_address(target: str) -> None:
    assert not holds_card_number(blank_address(target).replace("%20", ""))


def test_no_card_number_stays_in_a_header() -> None:
    assert blank_headers([(b"idempotency-key", PAN.encode())]) == ((b"idempotency-key", b"***1111"),)


@pytest.mark.parametrize("path", ["/api/v1/payments", "/API/v1/payments/", "//api/v1/x", "/%61pi/v1/payments?x=1"])
def test_every_spelling_of_the_apis_path_may_tell_of_cards(path: str) -> None:
    assert may_tell_of_cards(path)
    assert not may_tell_of_cards("/payment/ipn/ses_1?next=/api")


@given(st.binary(max_size=300))
def test_any_bytes_are_taken(body: bytes) -> None:
    assert isinstance(blank_card_data(body), bytes)


numbers = st.text("0123456789", min_size=14, max_size=14).map(lambda tail: with_check_digit(f"4{tail}"))


@given(numbers, st.sampled_from(["", " ", "-"]), st.text(max_size=10))
def test_no_visa_number_gets_through_however_it_is_grouped(number: str, between: str, around: str) -> None:
    grouped = between.join(number[at : at + 4] for at in range(0, 16, 4))
    kept = blank_card_data(json.dumps({"notes": {"x": f"{around} {grouped}x"}}, ensure_ascii=False).encode())
    assert grouped not in kept.decode()


@pytest.mark.parametrize("before", ["0 ", "12-", "order 7 ", "1234 ", "20 10.5 "])
@pytest.mark.parametrize("after", ["", " 123", "-2030", " 1 2 3"])
@pytest.mark.parametrize("number", [PAN, "4111 1111 1111 1111", "4111-1111-1111-1111", "3782 822463 10005"])
def test_no_card_number_gets_through_beside_other_numbers(before: str, number: str, after: str) -> None:
    text = f"{before}{number}{after}"
    assert holds_card_number(text)
    assert number not in blank_card_numbers(text)
    assert blank_card_numbers(text).endswith(after)


def test_what_is_digested_of_a_request_tells_cards_apart_by_what_may_be_kept() -> None:
    body = {"amount": 5000, "card": CARD}
    kept = without_card_secrets(body)
    assert kept == {
        "amount": 5000,
        "card": {"expiry_month": 12, "expiry_year": 2035, "name": "Rahul", "last4": "1111"},
    }
    assert body["card"] == CARD
    others: list[Any] = [None, [], "x", {"amount": 1}, {"card": None}, {"card": "x"}]
    for other in others:
        assert without_card_secrets(other) == other
