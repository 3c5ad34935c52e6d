"""The rows that one accepted payment leaves, taken from the server's own database: what the bare programs write too."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Template:
    """One payment's rows by table, in the order in which foreign keys want them; `marks` are what makes them unique."""

    rows: tuple[tuple[str, tuple[str, ...], tuple[Any, ...]], ...]
    marks: tuple[str, ...]

    def render(self, number: int, *, mark: str = "?") -> list[tuple[str, tuple[Any, ...]]]:
        """Return statements and values of payment number n: the same rows under names of their own.

        `mark` is how the driver writes a value's place: `?`, or `$` with a number.
        """
        return [
            (statement_of(table, columns, mark=mark), tuple(self._rename(value, number) for value in values))
            for table, columns, values in self.rows
        ]

    def _rename(self, value: Any, number: int) -> Any:
        if isinstance(value, str | bytes):
            for mark in self.marks:
                old, new = mark, f"{mark[: -len(str(number)) - 1]}_{number}"
                value = value.replace(old, new) if isinstance(value, str) else value.replace(old.encode(), new.encode())
        return value


def statement_of(table: str, columns: tuple[str, ...], *, mark: str) -> str:
    """Return the INSERT of one row."""
    places = ", ".join("?" if mark == "?" else f"${number}" for number in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({quoted(columns)}) VALUES ({places})"  # noqa: S608  # names of our own tables


def quoted(columns: tuple[str, ...]) -> str:
    """Return the columns as a list in SQL: some are named like words of SQL."""
    return ", ".join(f'"{column}"' for column in columns)


def tables_of(connection: sqlite3.Connection) -> list[str]:
    """Return every table, those that others point to first."""
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    points = {
        name: {row[2] for row in connection.execute(f"PRAGMA foreign_key_list({name})")} - {name} for name in names
    }
    ordered: list[str] = []
    while len(ordered) < len(names):
        ordered += sorted(name for name in names if name not in ordered and points[name] <= set(ordered))
    return ordered


def count_rows(database: Path) -> dict[str, int]:
    """Return the last rowid of each table."""
    with sqlite3.connect(database) as connection:
        return {
            table: connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0]  # noqa: S608  # our own tables
            for table in tables_of(connection)
        }


def take_template(database: Path, before: dict[str, int], *, reference: str) -> Template:
    """Return what was written since `before`, without the keys that the database draws itself."""
    found: list[tuple[str, tuple[str, ...], tuple[Any, ...]]] = []
    with sqlite3.connect(database) as connection:
        marks = {reference}
        for table in tables_of(connection):
            described = list(connection.execute(f"PRAGMA table_info({table})"))
            # A whole number that is the primary key is drawn by the database.
            columns = tuple(row[1] for row in described if not (row[5] and row[2].upper() == "INTEGER"))
            marks |= _keys_of(connection, table, described, since=before[table])
            found += [
                (table, columns, values)
                for values in connection.execute(
                    f"SELECT {quoted(columns)} FROM {table} WHERE rowid > ?",  # noqa: S608  # our own tables
                    (before[table],),
                )
            ]
    return Template(tuple(found), tuple(sorted(marks, key=len, reverse=True)))


def _keys_of(connection: sqlite3.Connection, table: str, described: list[Any], *, since: int) -> set[str]:
    """Return the texts that have to differ from row to row: primary keys and what else is unique."""
    named = {row[1] for row in described if row[5] and row[2].upper() != "INTEGER"}
    for index in list(connection.execute(f"PRAGMA index_list({table})")):
        if index[2]:
            named |= {row[2] for row in connection.execute(f"PRAGMA index_info({index[1]})")}
    marks: set[str] = set()
    for name in named:
        wanted = f"SELECT {name} FROM {table} WHERE rowid > ?"  # noqa: S608  # our own tables
        marks |= {value for (value,) in connection.execute(wanted, (since,)) if isinstance(value, str)}
    # What is shorter is a word (a kind of job, a gateway), or belongs to the merchant, who stays the same.
    return {mark for mark in marks if len(mark) > 12 and not mark.startswith("mer_")}
