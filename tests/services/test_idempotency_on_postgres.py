"""One key in two processes on PostgreSQL at once: one effect, whoever is faster, and one taking-up of what crashed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from contracts.binding import Answer
from reference_server.activity import Activity
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import KeyInUseError, KeyReusedError, ServerError
from reference_server.idempotency import Idempotency, LeaseTerms
from tests.counts import large
from tests.reference_server.idempotency.asking import ask, count, effects
from tests.reference_server.idempotency.test_once import Gateway, begin, killed_first


@asynccontextmanager
async def two_processes(url: str) -> AsyncGenerator[tuple[Database, list[Idempotency]]]:
    databases = [Database(url, inline=lambda: False) for _ in range(2)]
    for database in databases:
        database.open()
    terms = [LeaseTerms(name, is_alone=False, limit_seconds=10) for name in ("one", "two")]
    clock = Clock(Activity())
    try:
        both = [Idempotency(one, clock, terms=own) for one, own in zip(databases, terms, strict=True)]
        yield databases[0], both
    finally:
        for database in databases:
            await database.finish()
            database.close()


async def twin(once: Idempotency, amount: int) -> Answer | ServerError:
    ask({"amount": amount})
    try:
        return await once.once(count)
    except ServerError as error:
        return error


async def test_twins_in_two_processes_have_one_effect_and_one_answer(postgres_url: str) -> None:
    async with two_processes(postgres_url) as (database, both):
        answers = await asyncio.gather(*(twin(both[number % 2], 1) for number in range(large(1_000))))
        assert await database.read(effects) == 1
    bodies = {answer.body for answer in answers if isinstance(answer, Answer)}
    marks = [isinstance(answer, Answer) and ("idempotent-replayed", "true") in answer.headers for answer in answers]
    assert (bodies, marks.count(False)) == ({b'{"n":1}'}, 1)


async def test_of_two_bodies_under_one_key_one_has_its_effect(postgres_url: str) -> None:
    async with two_processes(postgres_url) as (database, both):
        outcomes = await asyncio.gather(*(twin(both[number % 2], number % 2) for number in range(20)))
        assert await database.read(effects) == 1
    assert {type(outcome) for outcome in outcomes} == {Answer, KeyReusedError}


async def test_a_crashed_request_is_taken_up_by_one_of_two(postgres_url: str) -> None:
    gateway = Gateway()
    async with two_processes(postgres_url) as (database, _):
        # A lease that was over before it began.
        await killed_first(database, gateway, LeaseTerms("dead", is_alone=False, limit_seconds=-1_000))
    gateway.reached.clear()
    gateway.may_answer.clear()
    async with two_processes(postgres_url) as (database, both):
        ask()
        tasks = [asyncio.create_task(once.spanning(begin, gateway.go_on)) for once in both]
        await gateway.reached.wait()
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        gateway.may_answer.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert (await database.read(effects), gateway.tries) == (1, [True, False])
    assert len(done) == 1
    assert {type(outcome) for outcome in outcomes} == {Answer, KeyInUseError}


async def test_two_first_tries_at_once_begin_one_request(postgres_url: str) -> None:
    gateway = Gateway()
    async with two_processes(postgres_url) as (database, both):
        ask()
        tries = [once.spanning(begin, gateway.go_on) for once in both]
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert (await database.read(effects), gateway.tries) == (1, [True])
    assert Answer in {type(outcome) for outcome in outcomes}
