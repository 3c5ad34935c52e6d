"""Money that is held: captured in whole or part, voided, lapsed; and payments that are called off."""

from typing import Any

import pytest

from tests.reference_server.apis.payments.shop import created, ended, get, post, sandbox_says
from tests.reference_server.stage import Stage, staged


async def held(stage: Stage, **changes: Any) -> str:
    """Return a payment whose money is held."""
    payment_id = await ended(stage, capture="manual", **changes)
    assert (await get(stage, f"/payments/{payment_id}"))["state"] == "AUTHORIZED"
    return payment_id


async def trail(stage: Stage, payment_id: str) -> list[tuple[str, str, str]]:
    lines = (await get(stage, f"/payments/{payment_id}/audit", limit=100))["items"]
    return [(line["resource"], line["event"], line["after"]) for line in lines]


async def test_held_money_is_pending_and_says_until_when_it_can_be_captured() -> None:
    async with staged(sandbox_says()) as stage:
        told = await get(stage, f"/payments/{await held(stage)}")
        assert (told["status"], told["captured"], told["capture"]) == ("pending", False, "manual")
        assert told["capture_by"] == "2030-01-08T00:00:01Z"
        assert told["amount_captured"] == 0


@pytest.mark.parametrize(("body", "captured"), [(None, 50_000), ({}, 50_000), ({"amount": 50_000}, 50_000)])
async def test_all_of_it_is_captured_where_nothing_else_is_said(body: Any, captured: int) -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await held(stage)
        answer = await post(stage, f"/payments/{payment_id}/capture", body)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["status"], answer.json()["amount_captured"]) == ("success", captured)
        assert answer.json() == await get(stage, f"/payments/{payment_id}")


async def test_a_part_is_captured_once_and_the_rest_is_released() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await held(stage)
        taken = (await post(stage, f"/payments/{payment_id}/capture", {"amount": 20_000})).json()
        assert (taken["state"], taken["captured"], taken["amount_captured"]) == ("CAPTURED", True, 20_000)
        again = await post(stage, f"/payments/{payment_id}/capture", {"amount": 10_000})
        assert again.status_code == 409
        await stage.advance(hours=200)
        assert (await get(stage, f"/payments/{payment_id}"))["amount_captured"] == 20_000
        refund = await post(stage, f"/payments/{payment_id}/refunds", {"amount": 20_001})
        assert refund.status_code == 409


async def test_what_was_captured_in_part_can_be_refunded_whole() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await held(stage)
        await post(stage, f"/payments/{payment_id}/capture", {"amount": 20_000})
        assert (await post(stage, f"/payments/{payment_id}/refunds", {})).json()["amount"] == 20_000
        assert (await get(stage, f"/payments/{payment_id}"))["amount_refund_pending"] == 20_000
        await stage.advance(seconds=2)
        told = await get(stage, f"/payments/{payment_id}")
        assert (told["amount_refunded"], told["amount_refund_pending"]) == (20_000, 0)


async def test_a_sum_that_cannot_be_captured_changes_nothing() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await held(stage)
        before = await get(stage, f"/payments/{payment_id}")
        for amount in (50_001, 0, -1, "100", 1.5, True, 10**30):
            answer = await post(stage, f"/payments/{payment_id}/capture", {"amount": amount})
            assert answer.status_code == 400, amount
            assert await get(stage, f"/payments/{payment_id}") == before


@pytest.mark.parametrize("succeeds", [True, False])
async def test_only_held_money_can_be_captured(succeeds: object) -> None:
    async with staged(sandbox_says(succeeds=bool(succeeds))) as stage:
        pending = await created(stage)
        assert (await post(stage, f"/payments/{pending}/capture", {})).status_code == 409
        await stage.advance(seconds=2)
        assert (await post(stage, f"/payments/{pending}/capture", {})).status_code == 409


async def test_a_pending_payment_is_withdrawn_and_never_asked_for() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await created(stage, order_id="ORDER-1")
        for _ in range(2):
            told = (await post(stage, f"/payments/{payment_id}/cancel", {"reason": "Sold out"})).json()
            assert (told["status"], told["state"], told["error_code"]) == ("failed", "CANCELLED", "cancelled")
        await stage.advance(hours=1)
        assert (await created(stage, order_id="ORDER-1")) != payment_id
        assert await trail(stage, payment_id) == [
            ("payment", "created", "PENDING"),
            ("attempt", "abandoned", "ABANDONED"),
            ("payment", "cancelled", "CANCELLED"),
        ]


async def test_held_money_is_voided_and_can_then_not_be_captured() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await held(stage)
        for _ in range(2):
            told = (await post(stage, f"/payments/{payment_id}/cancel", None)).json()
            assert (told["status"], told["state"], told["error_code"]) == ("failed", "CANCELLED", "cancelled")
        assert (await post(stage, f"/payments/{payment_id}/capture", {})).status_code == 409
        assert ("attempt", "abandoned", "ABANDONED") in await trail(stage, payment_id)


async def test_captured_money_cannot_be_called_off() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await ended(stage)
        assert (await post(stage, f"/payments/{payment_id}/cancel", {})).status_code == 409
        assert (await get(stage, f"/payments/{payment_id}"))["state"] == "CAPTURED"


async def test_money_that_nobody_captures_lapses_to_the_second() -> None:
    async with staged(sandbox_says(authorization_hours=1)) as stage:
        payment_id = await held(stage)
        await stage.advance(seconds=3589)
        assert (await get(stage, f"/payments/{payment_id}"))["state"] == "AUTHORIZED"
        await stage.advance(seconds=1)
        told = await get(stage, f"/payments/{payment_id}")
        assert (told["status"], told["state"], told["error_code"]) == ("failed", "EXPIRED", "expired")
        assert (await post(stage, f"/payments/{payment_id}/capture", {})).status_code == 409


async def test_a_payment_on_a_gateways_page_is_called_off_where_its_gateway_is_asked_first() -> None:
    async with staged() as stage:
        await stage.opened()
        (hosted,) = (await get(stage, "/payments"))["items"]
        refused = await post(stage, f"/payments/{hosted['id']}/cancel", {})
        assert refused.status_code == 409
        assert "/payment/withdraw/" in refused.json()["detail"]
        assert (hosted["method"], hosted["instrument"]) == ("", {})


async def test_one_key_captures_once_and_is_answered_the_same() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await held(stage)
        answers = [
            await post(stage, f"/payments/{payment_id}/capture", {"amount": 100}, **{"idempotency-key": "k1"})
            for _ in range(3)
        ]
        assert {(one.status_code, one.content) for one in answers} == {(200, answers[0].content)}


@pytest.mark.parametrize(("tries", "most"), [(0, 1), (2, 3)])
async def test_a_passing_decline_is_tried_again_as_often_as_the_policy_says(tries: int, most: int) -> None:
    async with staged(sandbox_says(succeeds=False, retry_failed_payments=tries)) as stage:
        ids = [await created(stage) for _ in range(16)]
        await stage.advance(hours=3)
        assert (await get(stage, "/payments", status="failed"))["total"] == len(ids)
        declined = [[cell[1] for cell in await trail(stage, one)].count("declined") for one in ids]
        # One reason of five passes, so that the draws of one seed tell both kinds; none is tried more often.
        assert min(declined) == 1
        assert (max(declined) > 1) is (tries > 0)
        assert max(declined) <= most


async def test_a_further_try_that_succeeds_pays_the_order() -> None:
    async with staged(sandbox_says(succeeds=None, retry_failed_payments=1)) as stage:
        ids = [await created(stage) for _ in range(60)]
        await stage.advance(seconds=2)
        waiting = [one for one in ids if (await get(stage, f"/payments/{one}"))["state"] == "PENDING"]
        assert waiting
        await stage.advance(minutes=2)
        states = {(await get(stage, f"/payments/{one}"))["state"] for one in waiting}
        assert "CAPTURED" in states
        assert "PENDING" not in states
