"""Accepted payments a second over HTTP on SQLite, against raw `sqlite3` committing the same rows once per payment.

python -m loadtests.bench.payments.on_sqlite [--payments N] [--clients N] [--rounds N]
"""

import argparse
import asyncio
import statistics
import tempfile
from pathlib import Path

from loadtests.bench.payments.bare_sqlite import commit_each, copy_tables
from loadtests.bench.payments.load import load, payment_request
from loadtests.bench.payments.rows import count_rows, take_template
from loadtests.bench.payments.serving import IDLE, Served, serve


def main() -> None:
    """Measure, in turns, and print."""
    options = _read_options()
    with tempfile.TemporaryDirectory() as folder:
        database, bare = Path(folder) / "served.db", Path(folder) / "bare.db"
        with serve(f"sqlite:///{database}", core=None, extra=IDLE) as served:
            asyncio.run(load(served, payment_request("warm"), count=200, clients=options.clients))
            before = count_rows(database)
            asyncio.run(load(served, payment_request("BENCH-TEMPLATE"), count=1, clients=1))
            template = take_template(database, before, reference="BENCH-TEMPLATE-0")
            copy_tables(database, bare)
            print(f"one payment is {len(template.rows)} rows: {', '.join(row[0] for row in template.rows)}")
            ratios: list[float] = []
            for number in range(options.rounds):
                first = (number + 1) * 10_000_000
                raw = commit_each(bare, template, first=first, count=options.payments)
                ratios.append(_round(served, number, raw=raw, options=options))
        print(f"accepted over HTTP / raw sqlite3: {statistics.median(ratios):.2f} (median of {options.rounds})")


def _round(served: Served, number: int, *, raw: float, options: argparse.Namespace) -> float:
    spent = served.cpu_seconds
    ours = asyncio.run(
        load(served, payment_request(f"round-{number}"), count=options.payments, clients=options.clients)
    )
    if ours.refused:
        raise SystemExit(f"{len(ours.refused)} were refused, the first so:\n{ours.refused[0]}")
    cost = (served.cpu_seconds - spent) / options.payments * 1e6
    print(
        f"raw {raw:7.0f}/s   ours {ours.per_second:7.0f}/s   ratio {ours.per_second / raw:.2f}   "
        f"p50 {ours.percentile_ms(0.5):.1f} ms   p99 {ours.percentile_ms(0.99):.1f} ms   server {cost:.0f} µs CPU each"
    )
    return ours.per_second / raw


def _read_options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--payments", type=int, default=2_000, help="in each round")
    options.add_argument("--clients", type=int, default=16)
    options.add_argument("--rounds", type=int, default=3)
    return options.parse_args()


if __name__ == "__main__":
    main()
