"""What one more payment costs when a thousand are stored, and when a million are: on SQLite, preloaded.

python -m loadtests.bench.payments.growth [--stored N N …] [--payments N]
"""

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
from pathlib import Path
from typing import Any

from loadtests.bench.payments.load import load, payment_request
from loadtests.bench.payments.rows import Template, count_rows, quoted, take_template
from loadtests.bench.payments.serving import IDLE, serve

# What is owed for payments long ago is done.
_GONE = {"jobs"}
_CLIENTS = 16
_ROUNDS = 5


def main() -> None:
    """Measure each amount on a store of its own, and print."""
    options = _read_options()
    costs: list[float] = []
    for stored in options.stored:
        with tempfile.TemporaryDirectory() as folder:
            costs.append(_cost(Path(folder) / "served.db", stored, payments=options.payments))
        print(f"{stored:>9,} stored: {costs[-1]:.0f} µs of the server's processor a payment")
    print(f"most / least: {max(costs) / min(costs):.2f}")


def _cost(database: Path, stored: int, *, payments: int) -> float:
    url = f"sqlite:///{database}"
    with serve(url, core=None, extra=IDLE) as served:
        asyncio.run(load(served, payment_request("warm"), count=10, clients=1))
        before = count_rows(database)
        asyncio.run(load(served, payment_request("BENCH-TEMPLATE"), count=1, clients=1))
        template = take_template(database, before, reference="BENCH-TEMPLATE-0")
    _preload(database, template, stored)
    with serve(url, core=None, extra=IDLE) as served:
        asyncio.run(load(served, payment_request("warm again"), count=500, clients=_CLIENTS))
        rounds: list[float] = []
        for number in range(_ROUNDS):
            spent = served.cpu_seconds
            asyncio.run(load(served, payment_request(f"r{number}"), count=payments, clients=_CLIENTS))
            rounds.append((served.cpu_seconds - spent) / payments * 1e6)
    return statistics.median(rounds)


def _preload(database: Path, template: Template, stored: int) -> None:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN IMMEDIATE")
    for table, columns, values in template.rows:
        if table not in _GONE:
            places = ", ".join(_renamed(value, template.marks) for value in values)
            connection.execute(
                f"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {stored}) "  # noqa: S608  # our own tables, and places for values
                f"INSERT INTO {table} ({quoted(columns)}) SELECT {places} FROM n",
                values,
            )
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _renamed(value: Any, marks: tuple[str, ...]) -> str:
    """Return what stands for a value in SQL: itself, with each mark in it made the n-th payment's."""
    place = "?"
    if isinstance(value, str):
        for mark in marks:
            if mark in value:
                place = f"replace({place}, '{mark}', '{mark[:-9]}_' || i)"
    return place


def _read_options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--stored", type=int, nargs="+", default=[1_000, 1_000_000])
    options.add_argument("--payments", type=int, default=2_000, help="in each of five rounds")
    return options.parse_args()


if __name__ == "__main__":
    main()
