"""What stands in the way of others: webhooks that cannot be sent, an endpoint that is slow, an address that failed."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from reference_server.jobs.model import Job
from reference_server.webhooks.apply import DELIVER_WEBHOOK
from reference_server.webhooks.lifecycle import DeliveryState
from reference_server.webhooks.model import Delivery, Endpoint
from reference_server.webhooks.store import DeliveryFilter, list_numbers
from tests.reference_server.webhooks.receiving import OTHER_URL, hooked


def next_to_be_resent(session: Session) -> list[str]:
    """Return which endpoint the oldest failed webhook that would be sent again belongs to."""
    endpoint = session.exec(select(Endpoint)).first()
    assert endpoint is not None
    failed = DeliveryFilter(states=(DeliveryState.EXHAUSTED,))
    numbers = list_numbers(session, endpoint.merchant_id, failed, limit=1)
    return list(session.exec(select(Delivery.endpoint_id).where(col(Delivery.number).in_(numbers))))


def turn_at(session: Session) -> datetime:
    return session.exec(select(Job.due_at).where(Job.name == DELIVER_WEBHOOK)).one()


async def test_what_cannot_be_sent_does_not_stand_before_what_can() -> None:
    async with hooked() as world:
        world.hook.script, world.other.script = [410], [500]
        await world.endpoint()
        # Whoever was there first is owed first.
        await world.stage.advance(seconds=1)
        other = await world.endpoint(OTHER_URL)
        await world.stage.paid()
        await world.stage.advance(hours=3)
        assert [one["status"] for one in await world.deliveries()] == ["failed", "failed"]
        assert await world.stage.server.database.read(next_to_be_resent) == [other["id"]]


async def test_an_endpoint_that_hangs_gives_up_its_turn_after_a_round_and_waits_behind_others() -> None:
    async with hooked() as world:
        world.hook.script = ["hang"]
        endpoint, began = await world.endpoint(), world.stage.server.timekeeper.clock.now()
        for _ in range(20):
            await world.stage.ask(f"/api/v1/endpoints/{endpoint['id']}/test", {})
        await world.stage.advance(seconds=6)
        # Sixteen hung for five seconds; the four that are due since the beginning do not go before everybody else.
        assert len(world.hook.taken) == 20
        assert await world.stage.server.database.read(turn_at) == began + timedelta(seconds=5)


async def test_a_new_address_has_a_day_of_its_own() -> None:
    async with hooked() as world:
        world.hook.script, world.other.script = [500], [500]
        endpoint = await world.endpoint()
        for _ in range(4):
            await world.stage.paid()
            await world.stage.advance(hours=5)
        await world.change(endpoint, url=OTHER_URL)
        await world.stage.advance(hours=3)
        await world.stage.paid()
        await world.stage.advance(hours=3)
        assert len(world.other.taken) == 5
        read = (await world.stage.ask(f"/api/v1/endpoints/{endpoint['id']}")).json()
        assert (read["enabled"], read["failing_since"] is not None) == (True, True)
