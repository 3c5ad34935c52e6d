"""A merchant's shop under load: buys, hears webhooks, gives back, and asks again under the same key until answered."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import aiohttp
from aiohttp import web

from tests.services.fleet import MERCHANT, Fleet

PRICE = 10_000
# Of each payment that succeeded, in parts: 30 % and 20 %, so that half of the money stays.
PARTS = (3_000, 2_000)


# So many of its newest answers it asks for again when a server has died: what was answered last is what could be lost.
DOUBTED = 25


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was answered, and how, to the byte."""

    path: str
    body: dict[str, Any]
    key: str
    answer: bytes


@dataclass
class Shop:
    """What it asked for, what was accepted, and every webhook that came."""

    fleet: Fleet
    session: aiohttp.ClientSession
    observed: Callable[[], None]
    payments: dict[str, str] = field(default_factory=dict[str, str])
    refunds: dict[str, str] = field(default_factory=dict[str, str])
    heard: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    answered: list[Answered] = field(default_factory=list[Answered])
    copies: Counter[str] = field(default_factory=Counter[str])
    # Webhooks that said something else the second time: an assertion in the receiver would only be its 500.
    altered: list[str] = field(default_factory=list[str])
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    refunding: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])
    _asked: Iterator[int] = field(default_factory=count)

    async def buy(self, number: int) -> None:
        """Have one payment made, whatever becomes of the server meanwhile."""
        body = {"order_id": f"ORDER-{number}", "amount": PRICE, "method": "upi", "vpa": "rahul@okbank"}
        self.payments[f"buy-{number}"] = (await self.insist("/api/v1/payments", body, key=f"buy-{number}"))["id"]

    async def hear(self, request: web.Request) -> web.Response:
        """Take a webhook; give a part back, twice, of what has succeeded."""
        told = await request.json()
        self.copies[told["id"]] += 1
        if self.heard.setdefault(told["id"], told) != told:
            self.altered.append(told["id"])
        if told["event"] == "payment.success" and self.copies[told["id"]] == 1:
            for part in PARTS:
                self.refunding.append(asyncio.create_task(self.give_back(told["payment_id"], part)))
        await self._note()
        return web.Response()

    async def give_back(self, payment_id: str, amount: int) -> None:
        """Have a part given back."""
        key = f"back-{payment_id}-{amount}"
        try:
            told = await self.insist(f"/api/v1/payments/{payment_id}/refunds", {"amount": amount}, key=key)
            self.refunds[key] = told["id"]
        finally:
            await self._note()

    async def insist(self, path: str, body: dict[str, Any], *, key: str) -> dict[str, Any]:
        """Ask again under the same key until there is an answer that is one."""
        answer = await self._ask(path, body, key=key, observed=self.observed)
        self.answered.append(Answered(path, body, key, answer))
        return json.loads(answer)

    async def doubt(self) -> None:
        """Ask again for what was answered last, each under its key: the answers must be the same."""
        for one in self.answered[-DOUBTED:]:
            again = await self._ask(one.path, one.body, key=one.key, observed=lambda: None)
            assert again == one.answer, (one, again)

    async def _ask(self, path: str, body: dict[str, Any], *, key: str, observed: Callable[[], None]) -> bytes:
        while True:
            at = next(self._asked) % len(self.fleet.urls)
            await self.fleet.servers[at].up.wait()
            try:
                headers = {"idempotency-key": key}
                async with self.session.post(self.fleet.urls[at] + path, json=body, headers=headers) as answer:
                    told = await answer.read()
            except aiohttp.ClientError:
                continue
            observed()
            if answer.status in {200, 201, 202}:
                return told
            assert answer.status in {409, 503}, told
            assert answer.status == 503 or b"under way" in told, told

    async def until_all_is_heard(self, payments: int) -> None:
        """Return when every payment has ended, and every part of those that succeeded is back."""
        async with self.news:
            await self.news.wait_for(lambda: self._is_all_heard(payments))
        # What they raised comes out here.
        await asyncio.gather(*self.refunding)

    def events(self, kind: str) -> dict[str, list[str]]:
        """Return the ids of events by the resource that they are about."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for event_id, told in self.heard.items():
            if told["event"].startswith(kind):
                found[told["refund_id"] or told["payment_id"]].append(event_id)
        return found

    def _is_all_heard(self, payments: int) -> bool:
        succeeded = sum(told["event"] == "payment.success" for told in self.heard.values())
        if any(task.done() and task.exception() for task in self.refunding):
            return True
        ended = len(self.events("payment.")) == payments == len(self.payments)
        return ended and len(self.refunds) == len(self.events("refund.processed")) == succeeded * len(PARTS)

    async def _note(self) -> None:
        self.observed()
        async with self.news:
            self.news.notify_all()


@asynccontextmanager
async def open_shop(fleet: Fleet, observed: Callable[[], None]) -> AsyncGenerator[Shop]:
    """Have a shop that hears the webhooks of the fleet's merchant."""
    async with aiohttp.ClientSession(headers=MERCHANT) as session:
        shop = Shop(fleet, session, observed)
        app = web.Application()
        app.router.add_post("/hooks", shop.hear)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
        await shop.insist("/api/v1/endpoints", {"url": url}, key="endpoint")
        try:
            yield shop
        finally:
            for task in shop.refunding:
                task.cancel()
            await runner.cleanup()
