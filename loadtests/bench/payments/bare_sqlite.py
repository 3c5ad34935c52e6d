"""The same rows by raw `sqlite3`: one payment, one transaction, one commit, as durable as the server's."""

import sqlite3
import time
from pathlib import Path

from loadtests.bench.payments.rows import Template


def copy_tables(source: Path, target: Path) -> None:
    """Make the server's tables and indexes anew, with the rows of those that a payment only points to."""
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        for (statement,) in old.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        ):
            new.execute(statement)
        merchants = list(old.execute("SELECT * FROM merchants"))
        new.executemany(f"INSERT INTO merchants VALUES ({', '.join('?' * len(merchants[0]))})", merchants)  # noqa: S608  # marks alone


def commit_each(database: Path, template: Template, *, first: int, count: int) -> float:
    """Return payments a second."""
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    # Writing the statements is not what is measured.
    payments = [template.render(number) for number in range(first, first + count)]
    began = time.perf_counter()
    for rows in payments:
        connection.execute("BEGIN IMMEDIATE")
        for statement, values in rows:
            connection.execute(statement, values)
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return count / took
