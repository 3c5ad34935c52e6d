"""Units of work: inline and through the writer thread, alone and in groups, undone alone, and one process per file."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from reference_server.audit import AuditLine, list_lines, record
from reference_server.changes import Aftermath, Change
from reference_server.database import Database, aftermath_of
from reference_server.errors import NotReadyError, SettingsError
from reference_server.incarnation import Incarnation, count_start, remember_instant
from tests.reference_server.engine import placed_url

AT = datetime(2030, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def opened(url: str, *, inline: bool = False) -> AsyncGenerator[Database]:
    database = Database(placed_url(url), inline=lambda: inline)
    database.open()
    try:
        yield database
    finally:
        database.close()


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder}/server.db"


def write(word: str, *, order: str = "ord_1") -> Change:
    return Change("payment", order, "", word, "opened", "test")


def writing(word: str) -> Callable[[Session], int]:
    def unit(session: Session) -> int:
        record(session, write(word), order_id="ord_1", at=AT)
        return threading.get_ident()

    return unit


def words(session: Session) -> list[str]:
    return [line.after for line in list_lines(session, "ord_1")]


@pytest.mark.parametrize("inline", [True, False])
async def test_what_a_unit_wrote_is_read_once_it_has_answered(tmp_path: Path, *, inline: bool) -> None:
    async with opened(url_in(tmp_path), inline=inline) as database:
        thread = await database.run(writing("a"))
        assert await database.read(words) == ["a"]
        assert (thread == threading.get_ident()) is inline


async def test_units_in_memory_run_inline_whatever_the_clock(tmp_path: Path) -> None:
    async with opened("sqlite://") as database:
        assert await database.run(writing("a")) == threading.get_ident()
        assert await database.read(words) == ["a"]


@pytest.mark.parametrize("inline", [True, False])
async def test_a_unit_that_raises_is_undone_and_raises_in_its_caller(tmp_path: Path, *, inline: bool) -> None:
    def failing(session: Session) -> None:
        writing("lost")(session)
        session.flush()
        raise ZeroDivisionError

    async with opened(url_in(tmp_path), inline=inline) as database:
        outcomes = await asyncio.gather(
            database.run(writing("a")), database.run(failing), database.run(writing("b")), return_exceptions=True
        )
        assert isinstance(outcomes[1], ZeroDivisionError)
        assert await database.read(words) == ["a", "b"]


async def carried_out_together(database: Database, *units: Callable[[Session], object]) -> list[object]:
    """Carry them out in one group: behind a unit that waits until all of them stand in the queue."""
    gate = threading.Event()
    first = asyncio.create_task(database.run(lambda _: gate.wait(5)))
    group = [asyncio.create_task(database.run(unit)) for unit in units]
    await asyncio.sleep(0)
    gate.set()
    await first
    return await asyncio.gather(*group, return_exceptions=True)


@pytest.mark.parametrize(("writes_first", "runs"), [(True, 2), (False, 1)])
async def test_a_group_runs_again_only_where_a_unit_that_raised_had_changed_something(
    tmp_path: Path, *, writes_first: bool, runs: int
) -> None:
    ran: list[str] = []

    def noting(word: str) -> Callable[[Session], object]:
        return lambda session: ran.append(word) or writing(word)(session)

    def failing(session: Session) -> None:
        if writes_first:
            writing("lost")(session)
            session.flush()
        raise ZeroDivisionError

    async with opened(url_in(tmp_path)) as database:
        told: list[Aftermath] = []
        database.tell = told.append
        outcomes = await carried_out_together(database, noting("a"), failing, noting("b"))
        assert [type(outcome) for outcome in outcomes] == [int, ZeroDivisionError, int]
        assert await database.read(words) == ["a", "b"]
        # The first of them may have been in the group before.
        assert ran.count("b") == 1
        assert ran.count("a") <= runs
        assert [change.after for aftermath in told for change in aftermath.changes] == ["a", "b"]


async def test_many_units_at_once_share_their_commits_and_none_is_lost(tmp_path: Path) -> None:
    async with opened(url_in(tmp_path)) as database:
        commits: list[object] = []
        event.listen(database.engine, "commit", commits.append)
        await asyncio.gather(*(database.run(writing(str(number))) for number in range(200)))
        assert len(commits) < 150
        assert sorted(map(int, await database.read(words))) == list(range(200))


async def test_a_commit_that_fails_is_told_to_every_unit_of_its_group(tmp_path: Path) -> None:
    def refuse(_: object) -> None:
        raise OSError("no space left")

    async with opened(url_in(tmp_path)) as database:
        event.listen(database.engine, "commit", refuse)
        outcomes = await asyncio.gather(*(database.run(writing(word)) for word in "abc"), return_exceptions=True)
        event.remove(database.engine, "commit", refuse)
        assert [type(outcome) for outcome in outcomes] == [OSError] * 3
        await database.run(writing("after"))
        assert await database.read(words) == ["after"]


async def test_a_unit_after_which_the_engine_has_rolled_back_everything_takes_its_group_with_it(tmp_path: Path) -> None:
    def breaking(session: Session) -> None:
        # What SQLite does by itself on a full disk.
        session.connection().exec_driver_sql("ROLLBACK")
        raise OSError("disk full")

    async with opened(url_in(tmp_path)) as database:
        gate = threading.Event()

        def blocking(_: Session) -> None:
            gate.wait(5)

        units: list[Callable[[Session], object]] = [blocking, writing("a"), breaking, writing("b")]
        group = [asyncio.create_task(database.run(unit)) for unit in units]
        await asyncio.sleep(0)
        gate.set()
        outcomes = await asyncio.gather(*group, return_exceptions=True)
        acknowledged = [word for word, outcome in zip("-a-b", outcomes, strict=True) if isinstance(outcome, int)]
        assert isinstance(outcomes[2], Exception)
        assert await database.read(words) == acknowledged


async def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    async with opened(url_in(tmp_path)) as database:
        gate = threading.Event()

        def slow(session: Session) -> None:
            writing("a")(session)
            session.flush()
            gate.wait(5)

        writer = asyncio.create_task(database.run(slow))
        await asyncio.sleep(0)
        assert await database.read(words) == []
        gate.set()
        await writer
        assert await database.read(words) == ["a"]


async def test_a_caller_that_was_cancelled_loses_the_answer_and_not_the_change(tmp_path: Path) -> None:
    async with opened(url_in(tmp_path)) as database:
        gate = threading.Event()
        first = asyncio.create_task(database.run(lambda _: gate.wait(5)))
        second = asyncio.create_task(database.run(writing("kept")))
        await asyncio.sleep(0)
        second.cancel()
        gate.set()
        await asyncio.gather(first, second, return_exceptions=True)
        await database.run(writing("next"))
        assert await database.read(words) == ["kept", "next"]


async def test_what_a_unit_leaves_behind_is_told_after_the_commit_and_only_then(tmp_path: Path) -> None:
    told: list[Aftermath] = []

    def failing(session: Session) -> None:
        writing("lost")(session)
        raise ZeroDivisionError

    for inline in (True, False):
        async with opened(url_in(tmp_path), inline=inline) as database:
            database.tell = told.append
            await database.run(writing("a"))
            with pytest.raises(ZeroDivisionError):
                await database.run(failing)
    assert [[change.after for change in aftermath.changes] for aftermath in told] == [["a"], ["a"]]


async def test_a_line_that_changes_nothing_is_in_the_trail_and_not_told() -> None:
    async with opened("sqlite://") as database:

        def unit(session: Session) -> int:
            record(session, Change("payment", "x", "A", "A", "failed", "refused"), order_id="ord_1", at=AT)
            return len(aftermath_of(session).changes)

        assert await database.run(unit) == 0
        assert await database.read(words) == ["A"]


async def test_a_second_process_is_refused_and_told_of_postgresql(tmp_path: Path) -> None:
    async with opened(url_in(tmp_path)):
        other = Database(url_in(tmp_path), inline=lambda: True)
        with pytest.raises(SettingsError, match="PostgreSQL"):
            other.open()
        assert not other.is_open


async def test_a_file_is_durable_and_serialised(tmp_path: Path) -> None:
    async with opened(url_in(tmp_path / "new folder")) as database:

        def look(session: Session) -> tuple[object, object]:
            ask = session.connection()
            return ask.scalar(text("PRAGMA journal_mode")), ask.scalar(text("PRAGMA synchronous"))

        assert await database.read(look) == ("wal", 2)


@pytest.mark.parametrize("inline", [True, False])
async def test_a_unit_has_the_write_lock_before_it_reads(tmp_path: Path, *, inline: bool) -> None:
    def unit(_: Session) -> bool:
        with closing(sqlite3.connect(tmp_path / "server.db", timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
        return False

    async with opened(url_in(tmp_path), inline=inline) as database:
        assert await database.run(unit) is True
        assert await database.read(unit) is False


async def test_nothing_runs_before_opening_and_after_closing(tmp_path: Path) -> None:
    database = Database(placed_url(url_in(tmp_path)), inline=lambda: False)
    for _ in range(2):
        with pytest.raises(NotReadyError):
            await database.run(writing("a"))
        with pytest.raises(NotReadyError):
            await database.read(words)
        database.open()
        database.close()


async def test_an_instant_keeps_its_zone_and_microseconds(tmp_path: Path) -> None:
    instant = datetime(2031, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    async with opened(url_in(tmp_path), inline=True) as database:
        await database.run(count_start)
        await database.run(lambda session: remember_instant(session, instant))
    async with opened(url_in(tmp_path), inline=True) as database:
        remembered = await database.run(count_start)
        assert (remembered.starts, remembered.instant) == (2, instant)


async def test_an_instant_may_be_remembered_before_the_first_start() -> None:
    async with opened("sqlite://") as database:
        await database.run(lambda session: remember_instant(session, AT))
        found = await database.read(lambda session: session.get(Incarnation, 1))
        assert found is not None
        assert (found.instant, found.starts) == (AT, 0)


def test_tables_are_named_after_their_classes() -> None:
    assert str(AuditLine.__tablename__) == "audit_lines"
