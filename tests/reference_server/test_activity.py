"""The counters by which a conductor tells that nothing more happens: they match, whatever breaks off."""

import asyncio
from typing import Any

import pytest

from reference_server.activity import Activity

SCOPE = {"type": "http"}


def receiving(*messages: dict[str, Any]) -> Any:
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return receive


async def sending(message: Any) -> None:
    """Throw away what the app answers."""


BODY = {"type": "http.request", "body": b"x", "more_body": False}
GONE = {"type": "http.disconnect"}


def totals(activity: Activity) -> tuple[int, int, int]:
    seen = activity.snapshot()
    return seen.running, seen.requests_taken, seen.requests_ended


async def test_a_request_counts_from_its_arrival_to_its_end() -> None:
    activity = Activity()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert totals(activity) == (1, 1, 0)

    await activity.taking(app, watch_hang_up=False)(SCOPE, receiving(BODY), sending)
    assert totals(activity) == (0, 1, 1)


async def test_what_is_no_request_is_not_counted() -> None:
    activity = Activity()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert totals(activity) == (0, 0, 0)

    await activity.taking(app, watch_hang_up=True)({"type": "lifespan"}, receiving(), sending)


@pytest.mark.parametrize("watch", [True, False])
async def test_an_app_that_raises_still_ends_its_request(*, watch: bool) -> None:
    activity = Activity()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await activity.taking(app, watch_hang_up=watch)(SCOPE, receiving(BODY), sending)
    assert totals(activity) == (0, 1, 1)


async def test_a_peer_that_hangs_up_ends_its_request_while_the_answer_is_still_worked_on() -> None:
    activity, go_on = Activity(), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert await receive() == BODY
        await go_on.wait()

    counted = activity.taking(app, watch_hang_up=True)
    answering = asyncio.ensure_future(counted(SCOPE, receiving(BODY, GONE), sending))
    for _ in range(5):
        await asyncio.sleep(0)
    assert totals(activity) == (1, 1, 1)
    go_on.set()
    await answering
    assert totals(activity) == (0, 1, 1)


async def test_a_watched_app_still_hears_of_the_hanging_up() -> None:
    activity = Activity()
    heard: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        heard.extend([await receive(), await receive(), await receive()])

    more = BODY | {"more_body": True}
    await activity.taking(app, watch_hang_up=True)(SCOPE, receiving(more, BODY, GONE), sending)
    assert heard == [more, BODY, GONE]


async def test_a_peer_that_is_gone_before_its_body_has_come_ends_its_request() -> None:
    activity = Activity()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        assert totals(activity) == (1, 1, 1)

    await activity.taking(app, watch_hang_up=True)(SCOPE, receiving(GONE), sending)


async def test_parts_side_by_side_count_each_and_pass_the_count_back() -> None:
    activity, first_may_end = Activity(), asyncio.Event()

    async def first() -> None:
        await first_may_end.wait()

    async def second() -> None:
        assert activity.snapshot().running == 2
        first_may_end.set()

    with activity.working():
        await activity.together([first(), second()])
        assert activity.snapshot().running == 1
    assert activity.snapshot().running == 0


async def test_a_part_that_raises_is_raised_after_the_others_have_ended() -> None:
    activity = Activity()
    ended: list[str] = []

    async def failing() -> None:
        raise ZeroDivisionError

    async def other() -> None:
        await asyncio.sleep(0)
        ended.append("other")

    with activity.working():
        with pytest.raises(ZeroDivisionError):
            await activity.together([failing(), other()])
        await activity.together([])
    assert (ended, activity.snapshot().running) == (["other"], 0)
