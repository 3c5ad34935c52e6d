"""Statements worked out once for each engine: what SQLAlchemy works out anew at every call costs more than the row.

For the units that every payment runs; all else is written as usual. Errors are SQLAlchemy's own.
"""

import re
import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Insert, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session

_Convert = Callable[[object], object]
Found = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """`names` says whose value goes into which place, `own` what stands there when none is given.

    `converts` are the places whose values the engine wants otherwise than they are given.
    """

    text: str
    names: tuple[str, ...]
    own: Mapping[str, object]
    converts: tuple[tuple[int, _Convert], ...]
    is_sqlite: bool


class Prepared:
    """One statement. Its values go by the names of its parameters, or of the columns that it inserts: `inserts`."""

    def __init__(
        self, statement: "Select[*tuple[Any, ...]] | Insert", *, inserts: Mapping[str, object] | None = None
    ) -> None:
        self._statement = statement
        # Each column with what it holds when it is not given.
        self._inserts = inserts
        self._ready: dict[str, _Ready] = {}
        self._columns: dict[str, list[_Convert | None]] = {}

    def write(self, session: Session, values: Mapping[str, object]) -> None:
        """Run it, or within `writing_together` let it wait for the others."""
        connection = session.connection()
        gathered: _Gathered | None = session.info.get(_GATHERED)
        if gathered is not None:
            gathered.append((self, values))
            return
        ready = self.be_ready(connection.dialect)
        run = _run_bare if ready.is_sqlite else Connection.exec_driver_sql
        run(connection, ready.text, _place(ready, values))

    def find(self, session: Session, values: Mapping[str, object]) -> list[Found]:
        """Run it and return the rows that it found, each value as its column's type says."""
        connection = session.connection()
        ready = self.be_ready(connection.dialect)
        given, columns = _place(ready, values), self._columns.get(connection.dialect.name)
        if columns is not None and ready.is_sqlite:
            rows = _run_bare(connection, ready.text, given).fetchall()
        else:
            result = connection.exec_driver_sql(ready.text, given)
            columns = self._columns[connection.dialect.name] = self._read_columns(connection.dialect, result)
            rows = result.all()
        return [
            tuple(value if convert is None else convert(value) for convert, value in zip(columns, row, strict=True))
            for row in rows
        ]

    def write_many(self, session: Session, rows: Sequence[Mapping[str, object]]) -> None:
        """Run it for each row at once."""
        connection = session.connection()
        ready = self.be_ready(connection.dialect)
        connection.exec_driver_sql(ready.text, [_place(ready, row) for row in rows])

    def be_ready(self, dialect: Dialect) -> _Ready:
        """Work it out, the first time."""
        ready = self._ready.get(dialect.name)
        if ready is None:
            ready = self._ready[dialect.name] = self._prepare(dialect)
        return ready

    def _read_columns(self, dialect: Dialect, result: "CursorResult[Any]") -> list[_Convert | None]:
        """Return how each column's values are read; the engine's own type of it is told with the first result."""
        wanted = self._statement.selected_columns if isinstance(self._statement, Select) else ()
        described: Sequence[Any] = () if result.cursor is None else result.cursor.description
        return [
            column.type.dialect_impl(dialect).result_processor(dialect, told[1])
            for column, told in zip(wanted, described, strict=True)
        ]

    def _prepare(self, dialect: Dialect) -> _Ready:
        columns = None if self._inserts is None else list(self._inserts)
        compiled = self._statement.compile(dialect=dialect, column_keys=columns)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101  # statements compile to nothing else
        # Inserts are asked for what is given; elsewhere a constant of the statement is a value of its own.
        own: dict[str, object] = {**compiled.params, **(self._inserts or {})}
        names = tuple(compiled.positiontup or ())
        wanted = [compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
        return _Ready(
            compiled.string,
            names,
            own={name: own.get(name) for name in names},
            converts=tuple((place, convert) for place, convert in enumerate(wanted) if convert is not None),
            is_sqlite=dialect.name == "sqlite",
        )


_Gathered = list[tuple[Prepared, Mapping[str, object]]]
_GATHERED = "gathered"
_MARK = re.compile(r"\$(\d+)")
# By what is written together: the parts in their order.
_TOGETHER: dict[tuple[Prepared, ...], str] = {}


@contextmanager
def writing_together(session: Session) -> Generator[None]:
    """Let what prepared inserts write within go out as one statement where each is a way there and back: PostgreSQL.

    Within, the session is asked for nothing that such an insert has written. They are carried out in no order; what
    they break is told at the end.
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        yield
        return
    gathered: _Gathered = []
    session.info[_GATHERED] = gathered
    try:
        yield
    finally:
        del session.info[_GATHERED]
    if gathered:
        _write_gathered(connection, gathered)


def _write_gathered(connection: Connection, gathered: _Gathered) -> None:
    parts = tuple(part for part, _ in gathered)
    if parts not in _TOGETHER:
        _TOGETHER[parts] = _join([part.be_ready(connection.dialect) for part in parts])
    given = [_place(part.be_ready(connection.dialect), values) for part, values in gathered]
    connection.exec_driver_sql(_TOGETHER[parts], tuple(chain.from_iterable(given)))


def _join(parts: Sequence[_Ready]) -> str:
    """Return the last part with those before it as its WITH; rules between them are looked after at its end.

    postgresql.org/docs/current/queries-with.html, "Data-Modifying Statements in WITH": each is carried out once.
    """
    texts: list[str] = []
    placed = 0
    for part in parts:
        texts.append(_MARK.sub(lambda found, placed=placed: f"${int(found[1]) + placed}", part.text))
        placed += len(part.names)
    before = ", ".join(f"part_{number} AS ({text})" for number, text in enumerate(texts[:-1]))
    return f"WITH {before} {texts[-1]}" if before else texts[-1]


def _place(ready: _Ready, values: Mapping[str, object]) -> tuple[object, ...]:
    """Return the values in the order of their places, each as the engine wants it."""
    held = {**ready.own, **values}
    placed = [held[name] for name in ready.names]
    for place, convert in ready.converts:
        placed[place] = convert(placed[place])
    return tuple(placed)


def _run_bare(connection: Connection, text: str, given: tuple[object, ...]) -> sqlite3.Cursor:
    """Run it on the driver itself: in SQLite a statement takes 3 µs, and what SQLAlchemy does around it 9."""
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(text, given)
    except sqlite3.Error as error:
        # In SQLAlchemy's words, as everywhere else. Never with the values: an error's text goes into the log.
        raise DBAPIError.instance(text, (), error, sqlite3.Error, hide_parameters=True) from error
