"""What is told of a payment that failed first and was paid after all."""

from tests.reference_server.webhooks.receiving import hooked


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
