"""Of webhooks, what is of no use goes by age; what is to be brought stays, and so does the count of events."""

from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import Session, func, select

from reference_server.jobs.purge import purge_all
from reference_server.joining.purges import join_purges
from reference_server.settings import Settings
from reference_server.webhooks.model import Delivery, DeliveryAttempt, WebhookEvent
from tests.reference_server.webhooks.receiving import Hooked, hooked

ROWS = (DeliveryAttempt, Delivery, WebhookEvent)


async def purged(world: Hooked, *, after: timedelta) -> Mapping[str, int]:
    server = world.stage.server
    return await purge_all(server.database, join_purges(Settings()), now=server.timekeeper.clock.now() + after)


def counts(session: Session) -> list[int]:
    return [session.exec(select(func.count()).select_from(row)).one() for row in ROWS]


async def test_old_webhooks_go_with_their_attempts_and_each_payments_newest_event_stays() -> None:
    async with hooked() as world:
        world.hook.script = [500, 200]
        await world.endpoint()
        session_id, _ = await world.stage.paid()
        await world.stage.refund(session_id, amount="20.00")
        await world.stage.advance(minutes=10)
        assert await purged(world, after=timedelta(days=89)) == {}
        gone = await purged(world, after=timedelta(days=91))
        assert {name: gone[name] for name in ("delivery_attempts", "deliveries", "webhook_events")} == {
            "delivery_attempts": 3,
            "deliveries": 2,
            "webhook_events": 1,
        }
        await world.stage.refund(session_id, amount="10.00")
        await world.stage.advance(minutes=10)
        assert [one.told["sequence"] for one in world.hook.taken] == [1, 1, 2, 3]


async def test_what_is_to_be_brought_stays_whole_however_old() -> None:
    async with hooked() as world:
        world.hook.script = [500]
        await world.endpoint()
        await world.stage.paid()
        before = await world.stage.server.database.read(counts)
        assert before == [1, 1, 1]
        gone = await purged(world, after=timedelta(days=4_000))
        assert {"delivery_attempts", "deliveries", "webhook_events"}.isdisjoint(gone)
        assert await world.stage.server.database.read(counts) == before


async def test_a_test_event_goes_whole() -> None:
    async with hooked() as world:
        endpoint = await world.endpoint()
        await world.stage.ask(f"/api/v1/endpoints/{endpoint['id']}/test", {})
        await world.stage.quiesce()
        await purged(world, after=timedelta(days=91))
        assert await world.stage.server.database.read(counts) == [0, 0, 0]
