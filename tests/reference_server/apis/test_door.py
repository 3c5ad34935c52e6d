"""What surrounds an operation when something breaks that should not."""

from collections.abc import Awaitable, Callable

import pytest

from contracts.binding import Answer, Call, NoAnswer, Operation
from reference_server.activity import Activity
from reference_server.apis.door import Door, authenticated_merchant
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.door.visit import Visit
from reference_server.errors import LifecycleError, UnauthenticatedError
from tests.reference_server.engine import placed_url


def a_call() -> Call:
    async def receive() -> dict[str, object]:
        return {}

    return Call(
        operation=Operation("readStatus", "GET", "/x", (), {}),
        path={},
        query={},
        headers={},
        body=None,
        raw_body=b"",
        media_type=None,
        raw_headers=(),
        raw_query=b"",
        raw_path="/x",
        client=None,
        scheme="http",
        host="server.test",
        extensions={},
        receive=receive,
    )


def raising(error: Exception) -> Callable[[], Awaitable[Answer | NoAnswer]]:
    async def proceed() -> Answer | NoAnswer:
        raise error

    return proceed


@pytest.mark.parametrize("error", [ZeroDivisionError("secret"), LifecycleError("secret")])
async def test_a_bug_of_ours_is_a_problem_that_tells_nothing(error: Exception) -> None:
    door = Door(Database(placed_url("sqlite://"), inline=lambda: True), Clock(Activity()))
    answer = await door.around(a_call(), raising(error))
    assert isinstance(answer, Answer)
    assert (answer.status, answer.media_type) == (500, "application/problem+json")
    assert b"secret" not in answer.body


def test_nobody_is_authenticated_where_nobody_was_asked() -> None:
    with pytest.raises(UnauthenticatedError):
        authenticated_merchant()


async def test_a_bug_of_ours_names_the_request_under_which_it_is_logged() -> None:
    door = Door(Database(placed_url("sqlite://"), inline=lambda: True), Clock(Activity()))
    with Visit("req_1", "", is_encrypted=False).under_way():
        answer = await door.around(a_call(), raising(ZeroDivisionError()))
    assert isinstance(answer, Answer)
    assert b'"requestId":"req_1"' in answer.body
