"""What becomes of delivery attempts is in the metrics, so that the share that arrives can be watched (document 004)."""

from tests.reference_server.webhooks.receiving import hooked


async def test_attempts_are_counted_by_how_they_ended() -> None:
    async with hooked() as world:
        world.hook.script = [503, "hang", 200]
        await world.endpoint()
        await world.stage.paid()
        await world.stage.advance(minutes=10)
        assert len(world.hook.taken) == 3
        told = (await world.stage.client.get("http://127.0.0.1/metrics")).text
    counted = [line for line in told.splitlines() if line.startswith("gatewright_delivery_attempts_total")]
    assert sorted(line.partition("{")[2] for line in counted) == [
        'outcome="2xx"} 1.0',
        'outcome="5xx"} 1.0',
        'outcome="timed_out"} 1.0',
    ]
