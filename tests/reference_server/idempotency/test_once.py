"""One effect for one key: together with its answer, among twins at once, and after whatever ended the first try."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from contracts.binding import Answer
from reference_server.activity import Activity
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import ConflictError, GatewayTimedOutError, KeyInUseError, KeyReusedError, ServerError
from reference_server.idempotency import Begun, Conclusion, Idempotency, LeaseTerms
from reference_server.ids import MerchantId
from tests.reference_server.engine import placed_url
from tests.reference_server.idempotency.asking import ask, count, effects

START = datetime(2030, 1, 1, tzinfo=UTC)
DAY = timedelta(hours=24)
MILLISECOND = timedelta(milliseconds=1)
TERMS = LeaseTerms("one", is_alone=False, limit_seconds=10)


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Database]:
    database = Database(placed_url(f"sqlite:///{folder}/server.db"), inline=lambda: False)
    database.open()
    try:
        yield database
    finally:
        await database.finish()
        database.close()


def once_on(database: Database, clock: Clock | None = None, terms: LeaseTerms = TERMS) -> Idempotency:
    return Idempotency(database, clock or Clock(Activity(), virtual_from=START), terms=terms)


def refuse(session: Session) -> Answer:
    count(session)
    raise ConflictError("not now")


async def test_a_thousand_twins_at_once_have_one_effect_and_one_answer(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        once = once_on(database)

        async def twin() -> Answer:
            ask({"amount": 1})
            return await once.once(count)

        answers = await asyncio.gather(*(twin() for _ in range(1_000)))
        marks = [("idempotent-replayed", "true") in answer.headers for answer in answers]
        assert await database.read(effects) == 1
    assert {(answer.status, answer.body, answer.media_type) for answer in answers} == {
        (201, b'{"n":1}', "application/json")
    }
    assert (marks.count(False), all(("location", "/n") in answer.headers for answer in answers)) == (1, True)


async def test_a_twin_with_another_body_is_refused_and_not_carried_out(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        once = once_on(database)

        async def twin(amount: int) -> Answer | ServerError:
            ask({"amount": amount})
            try:
                return await once.once(count)
            except KeyReusedError as error:
                return error

        outcomes = await asyncio.gather(*(twin(number % 2) for number in range(20)))
        assert await database.read(effects) == 1
    assert sum(isinstance(outcome, KeyReusedError) for outcome in outcomes) == 10


@pytest.mark.parametrize(("after", "starts"), [(DAY - MILLISECOND, 1), (DAY, 2), (DAY + MILLISECOND, 2)])
async def test_a_key_is_free_again_after_exactly_24_hours(tmp_path: Path, after: timedelta, starts: int) -> None:
    clock = Clock(Activity(), virtual_from=START)
    async with opened(tmp_path) as database:
        once = once_on(database, clock)
        ask()
        await once.once(count)
        clock.set(START + after)
        await once.once(count)
        assert await database.read(effects) == starts


async def test_a_refusal_changes_nothing_and_leaves_the_key_unused(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        once = once_on(database)
        ask({"amount": 1})
        with pytest.raises(ConflictError):
            await once.once(refuse)
        ask({"amount": 2})
        assert (await once.once(count)).body == b'{"n":1}'


async def test_twins_of_a_refused_request_are_refused_alike(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        once = once_on(database)
        ask()
        outcomes = await asyncio.gather(*(once.once(refuse) for _ in range(50)), return_exceptions=True)
        assert await database.read(effects) == 0
    assert {type(outcome) for outcome in outcomes} == {ConflictError}


async def test_a_twin_goes_on_where_the_first_was_cut_off(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        once = once_on(database)
        ask()
        first, twin = asyncio.create_task(once.once(count)), asyncio.create_task(once.once(count))
        await asyncio.sleep(0)
        first.cancel()
        assert ((await twin).body, await database.read(effects)) == (b'{"n":1}', 1)


@pytest.mark.parametrize(
    "other", [{"merchant": MerchantId("mer_two")}, {"operation": "refund"}, {"key": "k-2"}, {"key": "K-1"}]
)
async def test_a_key_is_one_merchants_for_one_operation(tmp_path: Path, other: dict[str, MerchantId]) -> None:
    async with opened(tmp_path) as database:
        once = once_on(database)
        ask()
        await once.once(count)
        ask(**other)
        assert (await once.once(count)).body == b'{"n":2}'


async def test_parts_that_are_joined_otherwise_are_another_scope(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        once = once_on(database)
        for operation, key in (("a", "b:c"), ("a:b", "c"), ("a b", "c"), ("a", "b c")):
            ask(key=key, operation=operation)
            await once.once(count)
        assert await database.read(effects) == 4


class Gateway:
    """A gateway in the middle of a request: it counts, and does what the test says."""

    def __init__(self) -> None:
        self.tries: list[bool] = []
        self.points: list[str] = []
        self.error: BaseException | None = None
        self.reached = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def go_on(self, begun: Begun) -> Conclusion:
        self.tries.append(begun.is_first_try)
        self.points.append(begun.point)
        self.reached.set()
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        return count


def begin(_: Session) -> str:
    return "pay_1"


async def test_a_request_that_is_still_under_way_is_refused_and_then_replayed(tmp_path: Path) -> None:
    gateway = Gateway()
    gateway.may_answer.clear()
    async with opened(tmp_path) as database:
        once = once_on(database)
        ask()
        first = asyncio.create_task(once.spanning(begin, gateway.go_on))
        await gateway.reached.wait()
        with pytest.raises(KeyInUseError) as refused:
            await once.spanning(begin, gateway.go_on)
        gateway.may_answer.set()
        answer, replay = await first, await once.spanning(begin, gateway.go_on)
    assert (refused.value.retry_after_seconds, replay.body, gateway.tries) == (1, answer.body, [True])


async def test_another_body_is_refused_while_the_first_is_under_way(tmp_path: Path) -> None:
    gateway = Gateway()
    gateway.may_answer.clear()
    async with opened(tmp_path) as database:
        once = once_on(database)
        ask({"amount": 1})
        first = asyncio.create_task(once.spanning(begin, gateway.go_on))
        await gateway.reached.wait()
        ask({"amount": 2})
        with pytest.raises(KeyReusedError):
            await once.spanning(begin, gateway.go_on)
        gateway.may_answer.set()
        await first


@pytest.mark.parametrize("error", [GatewayTimedOutError("lost"), ZeroDivisionError(), asyncio.CancelledError()])
async def test_an_unknown_outcome_is_taken_up_by_the_next_try(tmp_path: Path, error: BaseException) -> None:
    gateway = Gateway()
    gateway.error = error
    async with opened(tmp_path) as database:
        once = once_on(database)
        ask()
        with pytest.raises(type(error)):
            await once.spanning(begin, gateway.go_on)
        gateway.error = None
        answer = await once.spanning(begin, gateway.go_on)
    assert (gateway.tries, gateway.points, answer.status) == ([True, False], ["pay_1", "pay_1"], 201)


async def test_a_refusal_by_the_gateways_side_frees_the_key_for_another_body(tmp_path: Path) -> None:
    gateway = Gateway()
    gateway.error = ConflictError("declined")
    async with opened(tmp_path) as database:
        once = once_on(database)
        ask({"amount": 1})
        with pytest.raises(ConflictError):
            await once.spanning(begin, gateway.go_on)
        gateway.error = None
        ask({"amount": 2})
        await once.spanning(begin, gateway.go_on)
    assert gateway.tries == [True, True]


class Killed(BaseException):
    """The process dies: nothing of ours catches it."""


async def killed_first(database: Database, gateway: Gateway, terms: LeaseTerms = TERMS) -> None:
    gateway.error = Killed()
    ask()
    with pytest.raises(Killed):
        await once_on(database, terms=terms).spanning(begin, gateway.go_on)
    gateway.error = None


async def test_alone_on_the_database_a_successor_takes_a_dead_ones_request_up_at_once(tmp_path: Path) -> None:
    gateway = Gateway()
    async with opened(tmp_path) as database:
        await killed_first(database, gateway)
        successor = once_on(database, terms=LeaseTerms("two", is_alone=True, limit_seconds=10))
        assert (await successor.spanning(begin, gateway.go_on)).status == 201
    assert gateway.tries == [True, False]


async def test_among_others_a_dead_ones_request_is_taken_up_when_its_lease_is_over(tmp_path: Path) -> None:
    gateway = Gateway()
    async with opened(tmp_path) as database:
        await killed_first(database, gateway)
        other = once_on(database, terms=LeaseTerms("two", is_alone=False, limit_seconds=10))
        with pytest.raises(KeyInUseError):
            await other.spanning(begin, gateway.go_on)
        assert (gateway.tries, await database.read(effects)) == ([True], 0)


async def test_who_has_lost_the_lease_ends_nothing(tmp_path: Path) -> None:
    slow, fast = Gateway(), Gateway()
    slow.may_answer.clear()
    async with opened(tmp_path) as database:
        # A lease that is over before it began: the other process takes this one for dead.
        ask()
        lapsed = once_on(database, terms=LeaseTerms("one", is_alone=False, limit_seconds=-1_000))
        first = asyncio.create_task(lapsed.spanning(begin, slow.go_on))
        await slow.reached.wait()
        other = once_on(database, terms=LeaseTerms("two", is_alone=False, limit_seconds=10))
        answer = await other.spanning(begin, fast.go_on)
        slow.may_answer.set()
        with pytest.raises(KeyInUseError):
            await first
        assert (answer.body, await database.read(effects), fast.tries) == (b'{"n":1}', 1, [False])


async def test_without_a_key_nothing_is_remembered(tmp_path: Path) -> None:
    gateway = Gateway()
    async with opened(tmp_path) as database:
        once = once_on(database)
        for _ in range(2):
            await once.once(count)
            await once.spanning(begin, gateway.go_on)
        assert (await database.read(effects), gateway.tries) == (4, [True, True])
