"""Who may go on with a request whose outcome is unknown: whoever asks next, here or in another process."""

import asyncio
from pathlib import Path

import pytest

from contracts.binding import Answer
from reference_server.database import Database
from reference_server.errors import GatewayTimedOutError, KeyInUseError
from reference_server.idempotency import Begun, Conclusion, LeaseTerms
from tests.reference_server.idempotency.asking import ask
from tests.reference_server.idempotency.test_once import Gateway, begin, once_on, opened

ANOTHERS = LeaseTerms("two", is_alone=False, limit_seconds=10)
# Over before it began.
LAPSED = LeaseTerms("three", is_alone=False, limit_seconds=-1_000)


async def at_it(database: Database, gateway: Gateway, terms: LeaseTerms) -> asyncio.Task[Answer]:
    """Return a try that has come to its call of the gateway and waits there."""
    gateway.may_answer.clear()
    task = asyncio.create_task(once_on(database, terms=terms).spanning(begin, gateway.go_on))
    await gateway.reached.wait()
    return task


async def test_another_process_goes_on_at_once_with_what_was_handed_back(tmp_path: Path) -> None:
    gateway = Gateway()
    gateway.error = GatewayTimedOutError("lost")
    async with opened(tmp_path) as database:
        ask()
        with pytest.raises(GatewayTimedOutError):
            await once_on(database).spanning(begin, gateway.go_on)
        gateway.error = None
        answer = await once_on(database, terms=ANOTHERS).spanning(begin, gateway.go_on)
    assert (gateway.tries, answer.status) == ([True, False], 201)


async def test_who_has_lost_the_lease_hands_back_nothing_of_anothers(tmp_path: Path) -> None:
    slow, quick = Gateway(), Gateway()
    slow.error = GatewayTimedOutError("lost")
    async with opened(tmp_path) as database:
        ask()
        tasks = [await at_it(database, slow, LAPSED), await at_it(database, quick, ANOTHERS)]
        slow.may_answer.set()
        with pytest.raises(GatewayTimedOutError):
            await tasks[0]
        with pytest.raises(KeyInUseError):
            await once_on(database).spanning(begin, slow.go_on)
        quick.may_answer.set()
        assert (await tasks[1]).status == 201


class Unplugged(Gateway):
    """A gateway whose silence comes while the database is away: the request cannot be handed back."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def go_on(self, begun: Begun) -> Conclusion:
        if begun.is_first_try:
            self._database.close()
            self.error = GatewayTimedOutError("lost")
        return await super().go_on(begun)


async def test_a_process_goes_on_with_its_own_request_that_it_could_not_hand_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        gateway, once = Unplugged(database), once_on(database)
        ask()
        with pytest.raises(GatewayTimedOutError):
            await once.spanning(begin, gateway.go_on)
        database.open()
        gateway.error = None
        answer = await once.spanning(begin, gateway.go_on)
    assert (gateway.tries, answer.status) == ([True, False], 201)
