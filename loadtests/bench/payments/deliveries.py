"""Webhooks delivered a second, each attempt durable, against a bare aiohttp loop that posts the same bytes.

    python -m loadtests.bench.payments.deliveries [--payments N] [--endpoints N] [--rounds N] [--database URL]

Payments are made and their webhooks delivered first; what is measured is their resending: the same rows and posts.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from loadtests.bench.payments.load import load, payment_request
from loadtests.bench.payments.receiver import Receiver, receive
from loadtests.bench.payments.serving import API_KEY, API_SECRET, Served, serve

_AT_ONCE = {"TEST_MODE": "true", "TEST_PROCESSING_DELAY": "0", "TEST_PAYMENT_SUCCESS": "true"}
_KEYS = {"x-api-key": API_KEY, "x-api-secret": API_SECRET}
_SPAN = {"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "status": "success"}
_RESENT_AT_ONCE_MAX = 1_000
_QUIET_SECONDS = 2.0


def main() -> None:
    """Measure, in turns, and print."""
    options = _read_options()
    with tempfile.TemporaryDirectory() as folder, receive() as receiver:
        url = options.database or f"sqlite:///{Path(folder) / 'served.db'}"
        with serve(url, core=None, extra=_AT_ONCE) as served:
            asyncio.run(_measure(served, receiver, options))


async def _measure(served: Served, receiver: Receiver, options: argparse.Namespace) -> None:
    async with aiohttp.ClientSession(f"http://{served.host}:{served.port}", headers=_KEYS) as merchant:
        endpoints = [
            str((await _ask(merchant, "/api/v1/endpoints", {"url": f"{receiver.url}/{number}"}))["id"])
            for number in range(options.endpoints)
        ]
        made = await load(served, payment_request("made"), count=options.payments, clients=16)
        if made.refused:
            raise SystemExit(f"{len(made.refused)} were refused, the first so:\n{made.refused[0]}")
        count = await _await_quiet(receiver)
        print(f"{count} webhooks of {options.payments} payments to {len(endpoints)} endpoints were delivered")
        head, body = await _look_at_one(merchant)
        ratios = [await _round(merchant, receiver, endpoints, head=head, body=body) for _ in range(options.rounds)]
    print(f"durable deliveries / bare aiohttp posts: {statistics.median(ratios):.2f} (median of {options.rounds})")


async def _round(
    merchant: aiohttp.ClientSession, receiver: Receiver, endpoints: list[str], *, head: Mapping[str, str], body: bytes
) -> float:
    owed = 0
    for endpoint in endpoints:
        owed += int((await _ask(merchant, "/api/v1/webhooks/resend", {**_SPAN, "endpoint": endpoint}))["resent"])
    arrived, seconds = await _take_all(receiver, owed)
    ours = arrived / seconds
    bare = await _post_bare(receiver.url, head, body=body, count=owed, at_once=16 * len(endpoints))
    receiver.take()
    print(f"bare {bare:7.0f}/s   ours {ours:7.0f}/s ({arrived})   ratio {ours / bare:.2f}")
    return ours / bare


async def _post_bare(url: str, head: Mapping[str, str], *, body: bytes, count: int, at_once: int) -> float:
    numbers = iter(range(count))

    async def post() -> None:
        for _ in numbers:
            async with session.post(url, data=body, headers=head) as answer:
                await answer.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=at_once)) as session:
        began = time.perf_counter()
        await asyncio.gather(*(post() for _ in range(at_once)))
        return count / (time.perf_counter() - began)


async def _look_at_one(merchant: aiohttp.ClientSession) -> tuple[dict[str, str], bytes]:
    async with merchant.get("/api/v1/webhooks?limit=1") as answer:
        payload = (await answer.json())["items"][0]["payload"]
    head = {"content-type": "application/json", "webhook-id": "evt_0", "webhook-timestamp": "0"}
    return head | {"webhook-signature": "v1," + "a" * 44, "x-webhook-signature": "a" * 64}, json.dumps(payload).encode()


async def _ask(merchant: aiohttp.ClientSession, path: str, body: Mapping[str, object]) -> dict[str, Any]:
    async with merchant.post(path, json=body) as answer:
        if not answer.ok:
            raise SystemExit(f"{path}: {answer.status} {await answer.text()}")
        return await answer.json()


async def _await_quiet(receiver: Receiver) -> int:
    came, total = 1, 0
    while came:
        await asyncio.sleep(_QUIET_SECONDS)
        came = receiver.take().count
        total += came
    return total


async def _take_all(receiver: Receiver, owed: int) -> tuple[int, float]:
    """Wait for all that is owed; the time is that from the first to the last."""
    arrived, seconds, waited = 0, 0.0, 0
    while arrived < owed and waited < 600:
        await asyncio.sleep(0.1)
        found = receiver.look()
        arrived, seconds, waited = found.count, found.seconds, waited + 1
    receiver.take()
    return arrived, seconds


def _read_options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--payments", type=int, default=_RESENT_AT_ONCE_MAX, help="at most what one resend takes")
    options.add_argument("--endpoints", type=int, default=1)
    options.add_argument("--rounds", type=int, default=8)
    options.add_argument("--database", help="an empty PostgreSQL's URL; else SQLite in a new file")
    return options.parse_args()


if __name__ == "__main__":
    main()
