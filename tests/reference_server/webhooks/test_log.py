"""The delivery log of document 001: when an attempt ended, what it was answered, and when the next one comes."""

from datetime import datetime, timedelta
from typing import Any

from tests.reference_server.webhooks.receiving import hooked

SECOND = timedelta(seconds=1)
GAPS = (60, 300, 1800, 7200)


def at(told: str) -> datetime:
    return datetime.fromisoformat(told)


async def test_an_attempt_that_is_not_answered_ends_after_five_seconds_and_not_before() -> None:
    async with hooked() as world:
        world.hook.script = ["hang"]
        await world.endpoint()
        await world.stage.paid()
        await world.stage.advance(milliseconds=4_999)
        before = await world.delivery()
        await world.stage.advance(milliseconds=1)
        after = await world.delivery()
    assert (before["attempts"], before["delivery_attempts"]) == (0, [])
    assert (after["attempts"], after["delivery_attempts"][0]["ended"]) == (1, "timed_out")


async def test_the_first_attempt_comes_at_once() -> None:
    async with hooked() as world:
        await world.endpoint()
        now = world.stage.server.timekeeper.clock.now()
        await world.stage.paid()
        (taken,) = world.hook.taken
        assert taken.at == now


async def test_after_each_failure_the_log_says_when_the_next_attempt_comes_and_what_was_answered() -> None:
    async with hooked() as world:
        world.hook.script = [500, 501, 502, 503, 504]
        await world.endpoint()
        await world.stage.paid()
        for number, gap in enumerate(GAPS, start=1):
            told: Any = await world.delivery()
            assert (told["status"], told["attempts"]) == ("pending", number)
            assert at(told["next_retry_at"]) - at(told["last_attempt_at"]) == gap * SECOND
            await world.stage.advance(seconds=gap)
        told = await world.delivery()
    assert (told["status"], told["attempts"], told["next_retry_at"]) == ("failed", 5, None)
    logged = [(one["response_code"], one["response_body"]) for one in told["delivery_attempts"]]
    assert logged == [(code, f"code {code}") for code in (500, 501, 502, 503, 504)]
