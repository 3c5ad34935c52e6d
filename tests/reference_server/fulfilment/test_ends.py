"""How a delivery ends that does not come about: with a person, or given up and the money back."""

from decimal import Decimal

import pytest

from tests.reference_server.scripted import ProvisioningSink
from tests.reference_server.stage import SETTINGS, Stage, staged, states


async def stuck(stage: Stage) -> tuple[str, str]:
    """Return session id and tran_id of a paid order whose deliveries all failed."""
    session_id, tran_id = await stage.opened()
    await stage.ipn(session_id, stage.gateway.pay(tran_id))
    await stage.advance(days=3)
    return session_id, tran_id


async def test_a_delivery_that_never_comes_about_waits_for_a_person() -> None:
    async with staged(sink=ProvisioningSink(script=["HTTP 500"] * 99)) as stage:
        session_id, _ = await stuck(stage)
        assert await states(stage, session_id) == ("SYNC_PENDING", "CAPTURED", "NEEDS_REVIEW")
        assert stage.server.timekeeper.next_due() is None


async def test_with_the_setting_it_is_given_up_and_the_whole_money_goes_back() -> None:
    settings = SETTINGS.model_copy(update={"fulfilment_end": "waive"})
    async with staged(settings, sink=ProvisioningSink(script=["HTTP 500"] * 99)) as stage:
        session_id, tran_id = await stuck(stage)
        assert await states(stage, session_id) == ("FAILED", "CAPTURED", "WAIVED")
        assert (await stage.status(session_id))["refund"] == "processed"
        assert stage.gateway.given_back(tran_id) == Decimal("100.50")
        assert stage.server.timekeeper.next_due() is None


async def test_a_person_has_it_tried_again_under_the_same_key() -> None:
    async with staged(sink=ProvisioningSink(script=["HTTP 500"] * 7)) as stage:
        session_id, _ = await stuck(stage)
        answer = await stage.decide(session_id, "retry", about="delivery")
        assert (answer.status_code, answer.json()["status"]) == (200, "SYNC_PENDING")
        await stage.quiesce()
        assert await states(stage, session_id) == ("SUCCESS", "CAPTURED", "DONE")
        assert len({key for key, _ in stage.sink.calls}) == 1


@pytest.mark.parametrize("wait", [{"seconds": 1}, {"days": 3}])
async def test_a_person_gives_it_up_and_what_is_left_of_the_money_goes_back(wait: dict[str, float]) -> None:
    async with staged(sink=ProvisioningSink(script=["HTTP 500"] * 99)) as stage:
        session_id, tran_id = await stage.opened()
        await stage.ipn(session_id, stage.gateway.pay(tran_id))
        await stage.advance(**wait)
        await stage.refund(session_id, amount="0.50")
        answer = await stage.decide(session_id, "waive", about="delivery")
        assert (answer.json()["status"], answer.json()["refund"]) == ("FAILED", "pending")
        await stage.advance(days=3)
        assert stage.gateway.given_back(tran_id) == Decimal("100.50")
        assert [one["cause"] for one in await stage.refunds(session_id)] == ["merchant", "waived"]
        assert stage.sink.effects.total() == 0


async def test_what_is_delivered_or_under_way_or_never_owed_is_not_decided_on() -> None:
    async with staged() as stage:
        done, _ = await stage.paid()
        unpaid, _ = await stage.opened()
        under_way, tran_id = await stage.opened()
        stage.sink.script = ["hang"]
        await stage.ipn(under_way, stage.gateway.pay(tran_id))
        await stage.quiesce()
        for session_id in (done, unpaid, under_way):
            assert (await stage.decide(session_id, "waive", about="delivery")).status_code == 409
        assert (await stage.decide(under_way, "retry", about="delivery")).status_code == 200
        await stage.advance(minutes=2)
        assert (await stage.status(under_way))["fulfilment"] == "DONE"
