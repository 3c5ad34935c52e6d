"""Statements worked out once for each engine: what SQLAlchemy works out anew at every call costs more than the row.

For the units that every payment runs; all else is written as usual. Errors are SQLAlchemy's own.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Insert, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session

_Convert = Callable[[object], object]
Found = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value goes: its name, how the engine wants it, and what stands there when none is given."""

    name: str
    convert: _Convert | None
    own: object


@dataclass(frozen=True, slots=True)
class _Ready:
    text: str
    places: tuple[_Place, ...]
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
        """Run it."""
        connection = session.connection()
        ready = self._be_ready(connection.dialect)
        run = _run_bare if ready.is_sqlite else Connection.exec_driver_sql
        run(connection, ready.text, _place(ready, values))

    def find(self, session: Session, values: Mapping[str, object]) -> list[Found]:
        """Run it and return the rows that it found, each value as its column's type says."""
        connection = session.connection()
        ready = self._be_ready(connection.dialect)
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
        ready = self._be_ready(connection.dialect)
        connection.exec_driver_sql(ready.text, [_place(ready, row) for row in rows])

    def _be_ready(self, dialect: Dialect) -> _Ready:
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
        names = None if self._inserts is None else list(self._inserts)
        compiled = self._statement.compile(dialect=dialect, column_keys=names)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101  # statements compile to nothing else
        # Inserts are asked for what is given; elsewhere a constant of the statement is a value of its own.
        own: dict[str, object] = {**compiled.params, **(self._inserts or {})}
        places = tuple(
            _Place(name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect), own.get(name))
            for name in compiled.positiontup or ()
        )
        return _Ready(compiled.string, places, is_sqlite=dialect.name == "sqlite")


def _place(ready: _Ready, values: Mapping[str, object]) -> tuple[object, ...]:
    """Return the values in the order of their places, each as the engine wants it."""
    return tuple(
        [
            values.get(place.name, place.own)
            if place.convert is None
            else place.convert(values.get(place.name, place.own))
            for place in ready.places
        ]
    )


def _run_bare(connection: Connection, text: str, given: tuple[object, ...]) -> sqlite3.Cursor:
    """Run it on the driver itself: in SQLite a statement takes 3 µs, and what SQLAlchemy does around it 9."""
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(text, given)
    except sqlite3.Error as error:
        # In SQLAlchemy's words, as everywhere else. Never with the values: an error's text goes into the log.
        raise DBAPIError.instance(text, (), error, sqlite3.Error, hide_parameters=True) from error
