"""A merchant's own names may be plain numbers, and are refused only where they surely are a card's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.chance import Chance
from reference_server.instruments.blanking import holds_card_number, is_card_number
from reference_server.instruments.identifiers import PUBLISHED, holds_surely_a_card, number_paid_with
from tests.counts import large
from tests.reference_server.apis.payments.shop import CARD, UPI, post, sandbox_says
from tests.reference_server.instruments.test_card_free import refusal
from tests.reference_server.stage import staged

# Visa's beginning, sixteen digits, the check digit right; nobody's card.
LIKE_A_CARD = "4929881230175633"


def test_the_number_of_this_file_looks_like_a_card_and_is_published_nowhere() -> None:
    assert is_card_number(LIKE_A_CARD)
    assert LIKE_A_CARD not in PUBLISHED


def test_of_random_numbers_many_look_like_a_card_and_none_is_refused() -> None:
    draws, count = Chance(4), large(50_000)
    names = [f"{draws.integer('', 'order', below=10**16):016d}" for _ in range(count)]
    # 2.8 %: each of them was an order that could not be made.
    assert 0.02 < sum(map(holds_card_number, names)) / count < 0.035
    assert not any(map(holds_surely_a_card, names))


@pytest.mark.parametrize("number", sorted(PUBLISHED))
def test_what_gateways_publish_is_refused_however_it_is_written(number: str) -> None:
    assert is_card_number(number) or number == "6759649826438453"
    for name in (number, f"order-{number}", "-".join(number), f"{number[:4]} {number[4:]}"):
        assert holds_surely_a_card(name), name


@pytest.mark.parametrize("written", [LIKE_A_CARD, "4929 8812 3017 5633", "4929-8812-3017-5633"])
def test_the_number_that_is_paid_with_is_refused(written: str) -> None:
    assert holds_surely_a_card(f"A.{LIKE_A_CARD}", paid_with=written)
    assert not holds_surely_a_card("4929881230175634", paid_with=written)
    assert not holds_surely_a_card(LIKE_A_CARD, paid_with="not a number")


def test_groups_as_on_a_card_are_refused_and_those_of_a_voucher_are_not() -> None:
    assert holds_surely_a_card("4929 8812 3017 5633")
    assert holds_surely_a_card("3782 822463 10005")
    assert not holds_surely_a_card("4929-8812-3017-5633")
    assert not holds_surely_a_card("4929 8812 3017 5634")


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_text_is_taken(name: str, paid_with: str) -> None:
    assert isinstance(holds_surely_a_card(name, paid_with=paid_with), bool)


@pytest.mark.parametrize("body", [None, [], "x", {}, {"card": None}, {"card": []}, {"card": {}}])
def test_where_no_card_is_paid_with_there_is_no_number(body: object) -> None:
    assert number_paid_with(body) == ""


async def test_orders_keys_and_refunds_may_be_named_by_a_number_that_looks_like_a_card() -> None:
    async with staged(sandbox_says()) as stage:
        key = {"idempotency-key": LIKE_A_CARD}
        made = await post(stage, "/payments", UPI | {"order_id": LIKE_A_CARD}, **key)
        assert (made.status_code, made.json()["order_id"]) == (201, LIKE_A_CARD), made.text
        assert (await post(stage, "/orders", {"amount": 5, "receipt": LIKE_A_CARD}, **key)).status_code == 201
        await stage.advance(seconds=11)
        back = await post(stage, f"/payments/{made.json()['id']}/refunds", {"amount": 1, "reference": LIKE_A_CARD})
        assert (back.status_code, back.json()["reference"]) == (201, LIKE_A_CARD)


async def test_the_very_card_is_refused_as_a_name_and_as_a_key() -> None:
    paid = {"amount": 5_000, "method": "card", "card": CARD | {"number": LIKE_A_CARD}}
    async with staged(sandbox_says()) as stage:
        assert await refusal(stage, "/payments", paid | {"order_id": f"A-{LIKE_A_CARD}"}) == (
            "/order_id",
            "card_number",
        )
        told = await refusal(stage, "/payments", paid, **{"idempotency-key": LIKE_A_CARD})
        assert told == ("idempotency-key", "card_number")
