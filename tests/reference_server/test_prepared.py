"""Statements worked out once: they write and find what SQLAlchemy would, and are undone with their unit."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import bindparam, event, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from reference_server.audit import AuditLine, list_lines
from reference_server.columns import insert_row
from reference_server.database import Database
from reference_server.incarnation import Incarnation
from reference_server.prepared import Prepared, writing_together
from tests.reference_server.test_database import opened

AT = datetime(2030, 1, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
LINES = SQLModel.metadata.tables["audit_lines"]
FIND = Prepared(select(LINES.c.at, LINES.c.cause).where(LINES.c.order_id == bindparam("order")).order_by(LINES.c.id))
MANY = Prepared(LINES.insert(), inserts=dict.fromkeys(LINES.c.keys()[1:]))


def line(cause: str) -> dict[str, object]:
    told = dict.fromkeys(("resource", "resource_id", "before", "after", "event"), "x")
    return {**told, "at": AT, "order_id": "o", "cause": cause, "payment_id": ""}


def write_both_ways(session: Session) -> None:
    insert_row(session, AuditLine, line("bare"))
    session.add(AuditLine.model_validate(line("by the ORM")))
    session.flush()
    MANY.write_many(session, [line("first of two"), line("second of two")])


def causes(session: Session) -> list[object]:
    return [cause for _, cause in FIND.find(session, {"order": "o"})]


def databases(folder: Path, postgres_url: str) -> list[str]:
    return [f"sqlite:///{folder}/server.db", postgres_url]


async def test_values_are_written_and_found_as_their_columns_say(tmp_path: Path, postgres_url: str) -> None:
    for url in databases(tmp_path, postgres_url):
        async with opened(url) as database:
            await database.run(write_both_ways)
            for _ in range(2):
                assert (await database.read(lambda session: FIND.find(session, {"order": "o"})))[0] == (
                    datetime(2030, 1, 1, tzinfo=UTC),
                    "bare",
                )
            assert await database.read(causes) == ["bare", "by the ORM", "first of two", "second of two"]
            assert len(await database.read(lambda session: list_lines(session, "o"))) == 4
            await database.finish()


async def test_what_is_refused_is_told_in_sqlalchemys_words_and_undoes_its_unit_alone(
    tmp_path: Path, postgres_url: str
) -> None:
    def break_a_rule(session: Session) -> None:
        write_both_ways(session)
        insert_row(session, Incarnation, {"id": 1})
        insert_row(session, Incarnation, {"id": 1})

    for url in databases(tmp_path, postgres_url):
        async with opened(url) as database:
            done = await asyncio.gather(
                *(database.run(unit) for unit in (write_both_ways, break_a_rule, write_both_ways)),
                return_exceptions=True,
            )
            assert isinstance(done[1], IntegrityError)
            assert [done[0], done[2]] == [None, None]
            assert len(await database.read(causes)) == 8
            await database.finish()


async def test_what_is_written_together_is_one_statement_where_each_is_a_way_there_and_back(
    tmp_path: Path, postgres_url: str
) -> None:
    def write(session: Session) -> int:
        asked: list[object] = []
        engine = session.connection().engine
        event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
        with writing_together(session):
            for cause in ("first", "second"):
                insert_row(session, AuditLine, line(cause))
            insert_row(session, Incarnation, {"id": 1, "instant": AT})
        return len(asked)

    for url, statements in zip(databases(tmp_path, postgres_url), (0, 1), strict=True):
        async with opened(url) as database:
            assert await database.run(write) == statements
            # In no order of theirs.
            assert set(await database.read(causes)) == {"first", "second"}
            kept = await database.read(lambda session: session.get(Incarnation, 1))
            assert kept is not None
            assert kept.instant == AT
            with pytest.raises(IntegrityError):
                await database.run(write)
            assert len(await database.read(causes)) == 2
            await database.finish()


async def test_what_was_to_be_written_together_is_not_where_the_block_raises(tmp_path: Path, postgres_url: str) -> None:
    def unit(session: Session) -> None:
        with suppress(ZeroDivisionError), writing_together(session):
            raise ZeroDivisionError
        insert_row(session, AuditLine, line("after"))

    for url in databases(tmp_path, postgres_url):
        async with opened(url) as database:
            await database.run(unit)
            assert await database.read(causes) == ["after"]
            await database.finish()


def test_a_value_that_nobody_gives_is_the_rows_own_default(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/server.db", inline=lambda: True)
    database.open()
    database.run_now(lambda session: insert_row(session, Incarnation, {"id": 1}))
    kept = database.read_now(lambda session: session.get(Incarnation, 1))
    database.close()
    assert kept is not None
    assert (kept.starts, kept.instant) == (0, None)
