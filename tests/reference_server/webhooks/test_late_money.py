"""What is told of money that came late, or in part."""

from tests.reference_server.apis.payments.shop import ended, post
from tests.reference_server.webhooks.receiving import HOOKS, hooked


async def test_money_after_a_decline_is_told_without_the_reason_of_the_decline() -> None:
    async with hooked() as world:
        await world.endpoint()
        session_id, tran_id = await world.stage.opened()
        await world.stage.ipn(session_id, world.stage.gateway.end(tran_id, "FAILED", error="Insufficient funds"))
        await world.stage.quiesce()
        await world.stage.ipn(session_id, world.stage.gateway.pay(tran_id))
        await world.stage.quiesce()
        failed, paid = (one.told for one in world.hook.taken)
        assert (failed["event"], paid["event"]) == ("payment.failed", "payment.success")
        assert failed["error_description"]
        assert (paid["error_code"], paid["error_description"]) == (None, None)


async def test_of_a_capture_of_a_part_the_part_is_told_beside_the_amount() -> None:
    sandbox = {"test_mode": True, "test_payment_success": True, "test_processing_delay": 0, "provisioning_url": None}
    async with hooked(HOOKS.model_copy(update=sandbox)) as world:
        await world.endpoint()
        parts = [await ended(world.stage, capture="manual") for _ in range(2)]
        await post(world.stage, f"/payments/{parts[0]}/capture", {"amount": 20_000})
        await post(world.stage, f"/payments/{parts[1]}/cancel", {})
        await world.stage.quiesce()
        told = [(one.told["event"], one.told["amount"], one.told["amount_captured"]) for one in world.hook.taken]
        assert told == [("payment.success", 50_000, 20_000), ("payment.failed", 50_000, 0)]
