"""Accepted payments a second over HTTP on PostgreSQL, the server on one core, against raw asyncpg.

    python -m loadtests.bench.payments.on_postgres --database postgresql://… [--payments N] [--clients N] [--rounds N]

The database is to be an empty one of a PostgreSQL on this machine that writes durably (fsync on).
"""

import argparse
import asyncio
import os
import statistics

from loadtests.bench.payments.bare_postgres import commit_each, take_template
from loadtests.bench.payments.load import load, payment_request
from loadtests.bench.payments.rows import Template
from loadtests.bench.payments.serving import IDLE, Served, serve


def main() -> None:
    """Measure, in turns, and print."""
    options = _read_options()
    cores = sorted(os.sched_getaffinity(0))
    with serve(options.database, core=cores[-1], extra=IDLE) as served:
        asyncio.run(load(served, payment_request("warm"), count=200, clients=options.clients))
        asyncio.run(load(served, payment_request("BENCH-TEMPLATE"), count=1, clients=1))
        template = asyncio.run(take_template(options.database, reference="BENCH-TEMPLATE-0"))
        print(f"one payment is {len(template.rows)} rows: {', '.join(row[0] for row in template.rows)}")
        ratios = [_round(served, number, template=template, options=options) for number in range(options.rounds)]
    print(f"accepted over HTTP / raw asyncpg: {statistics.median(ratios):.2f} (median of {options.rounds})")


def _round(served: Served, number: int, *, template: Template, options: argparse.Namespace) -> float:
    first = (number + 1) * 10_000_000
    raw = asyncio.run(
        commit_each(options.database, template, first=first, count=options.payments, connections=options.clients)
    )
    ours = asyncio.run(
        load(served, payment_request(f"round-{number}"), count=options.payments, clients=options.clients)
    )
    if ours.refused:
        raise SystemExit(f"{len(ours.refused)} were refused, the first so:\n{ours.refused[0]}")
    print(
        f"raw {raw:7.0f}/s   ours {ours.per_second:7.0f}/s   ratio {ours.per_second / raw:.2f}   "
        f"p50 {ours.percentile_ms(0.5):.1f} ms   p99 {ours.percentile_ms(0.99):.1f} ms"
    )
    return ours.per_second / raw


def _read_options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--database", required=True)
    options.add_argument("--payments", type=int, default=2_000, help="in each round")
    options.add_argument("--clients", type=int, default=16)
    options.add_argument("--rounds", type=int, default=3)
    return options.parse_args()


if __name__ == "__main__":
    main()
