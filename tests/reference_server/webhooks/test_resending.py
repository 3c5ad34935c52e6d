"""Bringing a span of time again gets to its end, whatever stands in the way; a fresh address has a day of its own."""

from tests.reference_server.webhooks.receiving import OTHER_URL, hooked

SPAN = {"from": "2030-01-01T00:00:00Z", "to": "2031-01-01T00:00:00Z"}


async def test_what_cannot_be_sent_does_not_stand_before_what_can(monkeypatch: object) -> None:
    async with hooked() as world:
        world.hook.script = [410]
        world.other.script = [500]
        await world.endpoint()
        await world.endpoint(OTHER_URL)
