"""Two who finish the same authorization at once: neither forgets what was asked for since it looked."""

from reference_server.ids import PaymentId
from reference_server.payments.apply import ACQUIRE_PAYMENT, FINISH_AUTHORIZATION
from tests.reference_server.apis.payments.shop import created, ended, get, post, sandbox_says
from tests.reference_server.payments.test_acquiring import (
    ScriptedAcquirer,
    acquiring,
    claim_of,
    commit,
    is_owed,
)
from tests.reference_server.stage import staged


async def test_money_held_after_a_cancel_is_released_though_the_cancel_is_still_being_answered() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id, acquirer = await created(stage, capture="manual"), ScriptedAcquirer()
        worker, claim = acquiring(stage, acquirer), claim_of(stage, ACQUIRE_PAYMENT, payment_id)
        conclusion = await worker.acquire_payment(claim)
        assert (await post(stage, f"/payments/{payment_id}/cancel", {})).status_code == 200
        # The cancel asked again by a merchant without a key: it looks before the money is there, and ends behind it.
        finish = await worker.finish(PaymentId(payment_id))
        await commit(stage, claim, conclusion)
        stage.server.database.run_now(finish)
        assert is_owed(stage, FINISH_AUTHORIZATION, payment_id)
        await stage.advance(minutes=2)
        lines = (await get(stage, f"/payments/{payment_id}/audit", limit=100))["items"]
        assert [line["after"] for line in lines if line["resource"] == "attempt"][-1] == "ABANDONED"


async def test_two_who_capture_the_same_money_capture_it_once() -> None:
    async with staged(sandbox_says()) as stage:
        payment_id = await ended(stage, capture="manual")
        worker = acquiring(stage, ScriptedAcquirer())
        before = await worker.finish(PaymentId(payment_id))
        assert (await post(stage, f"/payments/{payment_id}/capture", {"amount": 20_000})).status_code == 200
        stage.server.database.run_now(before)
        told = await get(stage, f"/payments/{payment_id}")
        assert (told["state"], told["amount_captured"], told["amount_refunded"]) == ("CAPTURED", 20_000, 0)
