"""How much the server's memory grows while it accepts payments: on SQLite, after a warm-up.

python -m loadtests.bench.payments.memory [--payments N]
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from loadtests.bench.payments.load import load, payment_request
from loadtests.bench.payments.serving import IDLE, serve

_CLIENTS = 16
_MIB = 1024 * 1024


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--payments", type=int, default=100_000)
    payments = options.parse_args().payments
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(f"sqlite:///{Path(folder) / 'served.db'}", core=None, extra=IDLE) as served,
    ):
        # Journals, caches and pools fill first: what is bounded is not growth.
        asyncio.run(load(served, payment_request("warm"), count=10_000, clients=_CLIENTS))
        before = served.resident_bytes
        for number in range(10):
            asyncio.run(load(served, payment_request(f"part-{number}"), count=payments // 10, clients=_CLIENTS))
            print(f"{(number + 1) * payments // 10:>9,} payments: {(served.resident_bytes - before) / _MIB:+.1f} MiB")


if __name__ == "__main__":
    main()
