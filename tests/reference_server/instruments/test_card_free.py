"""Card numbers where none belongs are refused, whatever the field; what merely looks a little like one is not."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_server.instruments.blanking import holds_card_number
from tests.counts import large
from tests.reference_server.apis.payments.shop import HEADERS, PAN, UPI, ended, post, sandbox_says
from tests.reference_server.apis.payments.test_card_canaries import assert_clean, kept_by
from tests.reference_server.stage import Stage, staged

GROUPED = "4111 1111 1111 1111"
WALLET: dict[str, Any] = {"amount": 5000, "method": "wallet", "wallet": PAN}
# One that a client drew, and that holds a number of Visa's with its check digit right.
UNLUCKY = "c549b44d-91ae-4274-9779-69084615e091"


async def refusal(stage: Stage, path: str, body: dict[str, Any], **headers: str) -> tuple[str, str]:
    answer = await stage.client.post(f"/api/v1{path}", json=body, headers=HEADERS | headers)
    assert answer.status_code == 400, answer.text
    assert_clean(answer.text)
    (violation,) = answer.json()["violations"]
    return violation["pointer"], violation["rule"]


async def test_no_field_and_no_key_of_the_payments_api_keeps_a_card_number() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await ended(stage)
        refunds = f"/payments/{payment_id}/refunds"
        for text in (PAN, GROUPED):
            reason = {"amount": 1, "reason": f"paid with {text}"}
            assert await refusal(stage, refunds, reason) == ("/reason", "card_number")
            assert await refusal(stage, "/refunds", reason | {"payment_id": payment_id}) == ("/reason", "card_number")
            for header in (text, f'"{text}"'):
                told = await refusal(stage, "/payments", UPI, **{"idempotency-key": header})
                assert told == ("idempotency-key", "card_number")
        assert await refusal(stage, refunds, {"amount": 1, "reference": PAN}) == ("/reference", "card_number")
        assert await refusal(stage, "/payments", WALLET) == ("/wallet", "card_number")
        assert await refusal(stage, "/merchants", {"email": f"{PAN}@shop.example"}) == ("/email", "card_number")
        rows = kept_by(stage).partition('[{"')[0]
        assert_clean(rows)


@settings(max_examples=large(5_000))
@given(st.uuids(version=4))
def test_a_uuid_is_no_card_number_whatever_its_digits(drawn: UUID) -> None:
    assert not holds_card_number(str(drawn))
    assert not holds_card_number(f"order:{drawn.hex}")


async def test_an_order_and_a_key_may_be_a_uuid_that_looks_like_a_card() -> None:
    assert holds_card_number(UNLUCKY[14:32])
    async with staged(sandbox_says()) as stage:
        answer = await post(stage, "/payments", UPI | {"order_id": UNLUCKY}, **{"idempotency-key": UNLUCKY})
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("phone", ["+4915793784534", "4915136166068", "+49 1589 9117902"])
async def test_a_telephone_number_is_no_card_number(phone: str) -> None:
    async with staged(sandbox_says()) as stage:
        answer = await post(stage, "/payments", UPI | {"customer": {"phone": phone}})
        assert answer.status_code == 201, answer.text
