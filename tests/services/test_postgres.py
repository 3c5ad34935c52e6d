"""Units of work on a real PostgreSQL: undone whole, carried out again where that is right, refused where it is away."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from reference_server.audit import AuditLine, list_lines, record
from reference_server.changes import Aftermath, Change
from reference_server.columns import locked
from reference_server.database import Database
from reference_server.errors import InvalidError, NotReadyError, SettingsError
from reference_server.ids import MerchantId
from reference_server.incarnation import Incarnation, count_start
from reference_server.merchants.model import Merchant
from reference_server.merchants.store import find_by_name
from tests.services.postgres_server import PostgresServer

AT = datetime(2030, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def opened(url: str, *, inline: bool = False, pool: int = 20) -> AsyncGenerator[Database]:
    database = Database(url, inline=lambda: inline, pool=pool)
    database.open()
    try:
        yield database
    finally:
        database.close()


@contextmanager
def away(postgres: PostgresServer) -> Generator[None]:
    """Have no PostgreSQL for as long as the block runs."""
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


def writing(word: str) -> Callable[[Session], None]:
    change = Change("payment", "order_1", "", word, "opened", "test")
    return lambda session: record(session, change, order_id="order_1", at=AT)


def words(session: Session) -> list[str]:
    return [line.after for line in list_lines(session, "order_1")]


def a_merchant(name: str) -> Merchant:
    return Merchant(
        id=MerchantId(name), name=name, api_key=name, api_secret_digest="x", frontend_url="https://shop.example"
    )


@pytest.mark.parametrize("inline", [True, False])
async def test_what_a_unit_wrote_is_read_once_it_has_answered_and_what_one_that_raised_wrote_never(
    postgres_url: str, *, inline: bool
) -> None:
    def failing(session: Session) -> None:
        writing("lost")(session)
        session.flush()
        raise ZeroDivisionError

    async with opened(postgres_url, inline=inline) as database:
        told: list[Aftermath] = []
        database.tell = told.append
        await database.run(writing("a"))
        with pytest.raises(ZeroDivisionError):
            await database.run(failing)
        assert await database.read(words) == ["a"]
        assert [[change.after for change in aftermath.changes] for aftermath in told] == [["a"]]


@pytest.mark.parametrize("pool", [1, 20])
async def test_many_units_at_once_lose_nothing_even_where_they_wait_for_a_connection(
    postgres_url: str, pool: int
) -> None:
    async with opened(postgres_url, pool=pool) as database:
        starts = await asyncio.gather(*(database.run(lambda session: count_start(session).starts) for _ in range(50)))
        assert sorted(starts) == list(range(1, 51))


async def test_of_twins_that_insert_the_same_the_second_finds_what_the_first_left(postgres_url: str) -> None:
    def find_or_add(session: Session) -> str:
        found = find_by_name(session, "shop")
        if found is None:
            session.add(a_merchant("shop"))
            session.flush()
            return "added"
        return "found"

    async with opened(postgres_url) as database:
        outcomes = await asyncio.gather(*(database.run(find_or_add) for _ in range(10)))
        assert sorted(outcomes) == ["added", *["found"] * 9]


async def test_units_that_wait_for_each_other_are_carried_out_one_after_the_other(postgres_url: str) -> None:
    names = [f"shop{number}" for number in range(4)]

    def renaming(order: list[str]) -> Callable[[Session], None]:
        def unit(session: Session) -> None:
            for name in order:
                session.exec(locked(select(Merchant).where(Merchant.id == name))).one().frontend_url += "x"
                session.flush()

        return unit

    async with opened(postgres_url) as database:
        await database.run(lambda session: session.add_all([a_merchant(name) for name in names]))
        before = await database.read(lambda session: session.exec(select(Merchant.frontend_url)).first())
        await asyncio.gather(*(database.run(renaming(names[:: 1 - 2 * (number % 2)])) for number in range(8)))
        after = await database.read(lambda session: session.exec(select(Merchant.frontend_url)).all())
        assert set(after) == {f"{before}{'x' * 8}"}


async def test_a_row_that_is_locked_is_read_as_it_stands_then_and_not_as_the_session_saw_it_before(
    postgres_url: str,
) -> None:
    async with opened(postgres_url) as database, opened(postgres_url, inline=True) as other:
        await database.run(count_start)

        def unit(session: Session) -> int:
            session.exec(select(Incarnation)).one()
            other.run_now(count_start)
            return session.exec(locked(select(Incarnation))).one().starts

        assert await database.run(unit) == 2


@pytest.mark.parametrize("inline", [True, False])
async def test_a_look_sees_one_moment_whatever_is_committed_meanwhile(postgres_url: str, *, inline: bool) -> None:
    async with opened(postgres_url, inline=inline) as database, opened(postgres_url, inline=True) as other:

        def look(session: Session) -> tuple[list[str], list[str]]:
            first = words(session)
            other.run_now(writing("b"))
            return first, words(session)

        await database.run(writing("a"))
        assert await database.read(look) == (["a"], ["a"])
        assert await database.read(words) == ["a", "b"]


async def test_a_look_waits_for_nobody_even_by_a_finder_that_locks(postgres_url: str) -> None:
    async with opened(postgres_url) as database, opened(postgres_url, inline=True) as other:
        await database.run(count_start)

        def look(session: Session) -> int:
            return session.exec(locked(select(Incarnation))).one().starts

        def unit(session: Session) -> int:
            count_start(session)
            session.flush()
            return other.read_now(look)

        assert await database.run(unit) == 1


async def test_a_look_that_would_change_something_is_our_mistake(postgres_url: str) -> None:
    async with opened(postgres_url) as database:
        with pytest.raises(Exception, match="read-only"):
            await database.read(lambda session: session.connection().execute(text("DELETE FROM merchants")))


async def test_a_caller_that_was_cancelled_loses_the_answer_and_not_the_change(postgres_url: str) -> None:
    async with opened(postgres_url, pool=1) as database:
        cancelled = asyncio.create_task(database.run(writing("kept")))
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        # The one connection serves the first before this.
        await database.run(writing("next"))
        assert cancelled.cancelled()
        assert await database.read(words) == ["kept", "next"]


@pytest.mark.parametrize("inline", [True, False])
async def test_a_restart_of_postgresql_between_two_units_is_seen_by_neither(
    postgres: PostgresServer, postgres_url: str, *, inline: bool
) -> None:
    async with opened(postgres_url, inline=inline) as database:
        await asyncio.gather(*(database.run(writing("a")) for _ in range(5)))
        postgres.stop()
        postgres.start()
        await database.run(writing("b"))
        assert await database.read(words) == [*["a"] * 5, "b"]


@pytest.mark.parametrize("inline", [True, False])
async def test_while_postgresql_is_away_units_are_refused_and_afterwards_they_are_not(
    postgres: PostgresServer, postgres_url: str, *, inline: bool
) -> None:
    async with opened(postgres_url, inline=inline) as database:
        await database.run(writing("before"))
        with away(postgres):
            for _ in range(2):
                refused = await asyncio.gather(
                    database.run(writing("lost")), database.read(words), return_exceptions=True
                )
                assert [type(one) for one in refused] == [NotReadyError] * 2
        await database.run(writing("after"))
        assert await database.read(words) == ["before", "after"]


async def test_a_unit_whose_connection_is_cut_before_the_commit_is_carried_out_again(postgres_url: str) -> None:
    tries: list[int] = []

    def unit(session: Session) -> None:
        writing("once")(session)
        session.flush()
        tries.append(1)
        if len(tries) == 1:
            session.connection().execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    async with opened(postgres_url) as database:
        await database.run(unit)
        assert (len(tries), await database.read(words)) == (2, ["once"])


CUT_AT_COMMIT = """
CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON audit_lines DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION cut();
"""


async def test_a_unit_that_is_cut_in_the_middle_of_its_commit_is_never_carried_out_again(
    postgres: PostgresServer, postgres_url: str
) -> None:
    postgres.ask(CUT_AT_COMMIT, database=postgres_url.rpartition("/")[2])
    tries: list[str] = []

    def unit(session: Session) -> None:
        tries.append("once")
        writing("a")(session)

    async with opened(postgres_url) as database:
        with pytest.raises(NotReadyError, match="not known"):
            await database.run(unit)
        assert tries == ["once"]
        assert await database.run(count_start)


async def test_a_value_that_postgresql_cannot_store_is_refused_and_a_nul_is_replaced(postgres_url: str) -> None:
    def look_far(session: Session) -> None:
        session.exec(select(AuditLine).where(col(AuditLine.id) == 2**70)).all()

    async with opened(postgres_url) as database:
        await database.run(writing("a\x00b"))
        assert await database.read(words) == ["a\ufffdb"]
        with pytest.raises(InvalidError, match="stored"):
            await database.read(look_far)
        # Such as cannot be pressed together.
        digests = "".join(sha256(str(number).encode()).hexdigest() for number in range(200))
        with pytest.raises(InvalidError, match="stored"):
            await database.run(lambda session: session.add(a_merchant(digests)))


def test_two_that_start_at_once_on_an_empty_database_make_its_tables_once(postgres: PostgresServer) -> None:
    async def open_both(url: str) -> None:
        databases = [Database(url, inline=lambda: True) for _ in range(3)]
        await asyncio.gather(*(asyncio.to_thread(database.open) for database in databases))
        assert [database.run_now(count_start).starts for database in databases] == [1, 2, 3]
        for database in databases:
            database.close()

    with postgres.fresh_database(with_tables=False) as url:
        asyncio.run(open_both(url))


@pytest.mark.parametrize("where", ["nowhere", "postgres?nonsense=1", ""])
def test_a_database_that_cannot_be_is_named_at_the_start(postgres: PostgresServer, where: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        Database(postgres.url(where), inline=lambda: True).open()


def test_a_server_that_is_not_there_is_named_at_the_start() -> None:
    with pytest.raises(NotReadyError, match="reached"):
        Database("postgresql://gatewright:secret@127.0.0.1:1/x", inline=lambda: True).open()
