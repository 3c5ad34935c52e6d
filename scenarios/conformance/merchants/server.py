"""The reference server as the merchant under judgement: both sides in this process, in step on one virtual clock."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from scenarios.conformance.arena import Arena
from scenarios.conformance.clock import InStep
from scenarios.conformance.gateways import ADVERSARIES
from scenarios.conformance.maker import START
from scenarios.conformance.merchant import Can, Placed, Seen, Standing, Wanted
from scenarios.control import ControlError
from scenarios.exchanges import Exchange, Side, read_exchanges
from scenarios.world import SERVER, Plan, World, open_world

_STANDINGS = {
    "PENDING": Standing.PENDING,
    "AUTHORIZED": Standing.PENDING,
    "HELD": Standing.HELD,
    "CAPTURED": Standing.PAID,
    "FAILED": Standing.FAILED,
    "CANCELLED": Standing.CANCELLED,
    "EXPIRED": Standing.FAILED,
    "NEEDS_REVIEW": Standing.REVIEW,
}
_SHOPPER = {"name": "Rahima Akter", "email": "rahima@example.com", "phone": "01711000000"}
_AMOUNT_MINOR = 125_000


class ReferenceServer:
    """See `Merchant`. Its merchants name the price with their secret, so no shopper can."""

    name = "the reference server"
    can = frozenset(
        {
            *(Can.COUNT_DELIVERIES, Can.OTHER_CURRENCIES, Can.RECONCILE, Can.UNSECURED),
            *(Can.PAY_AGAIN, Can.REFUND),
        }
    )
    horizon = timedelta(days=7)

    def __init__(self, world: World) -> None:
        self._world = world
        self._orders: dict[str, dict[str, Any]] = {}
        self._bought = 0

    async def buy(self, wanted: Wanted) -> Placed:
        self._bought += 1
        minor = wanted.amount_minor or _AMOUNT_MINOR
        order = f"CASE-{self._bought}"
        self._orders[order] = {
            "tran_id": order,
            "amount": f"{minor // 100}.{minor % 100:02}",
            "currency": wanted.currency or "BDT",
            "customer": _SHOPPER,
            "items": [{"name": "Licence", "quantity": 1}],
        }
        return await self._open(order)

    async def pay_again(self, order: str) -> Placed:
        return await self._open(order)

    async def look(self, order: str) -> Seen:
        orders = (await self._world.server.get("/_control/orders"))["orders"]
        found: list[dict[str, Any]] = [one for one in orders if one["order"] == order]
        if not found:
            return Seen(Standing.UNKNOWN, words="the server has no such order")
        best = next((one for one in found if one["state"] == "CAPTURED"), found[-1])
        refunded = sum(int(one.get("refunded_minor", 0)) for one in found)
        standing = _STANDINGS.get(best["state"], Standing.UNKNOWN)
        if best.get("fulfilment") == "NEEDS_REVIEW":
            standing = Standing.REVIEW
        if best.get("fulfilment") == "WAIVED":
            standing = Standing.REFUNDED
        fulfilment = best.get("fulfilment")
        words = f"{best['state']}, fulfilment {fulfilment}"
        return Seen(standing, delivered=fulfilment == "DONE", refunded_minor=refunded, words=words)

    async def refund(self, order: str, amount_minor: int, *, key: str) -> bool:
        session = await self._session_of(order)
        body = {"amount": f"{amount_minor // 100}.{amount_minor % 100:02}", "reason": "asked by a case"}
        url = f"{SERVER}/payment/refund/{quote(session, safe='')}"
        headers = {**self._world.api_headers, "Idempotency-Key": key}
        answer = await self._world.calls.post_json(url, body, headers=headers)
        return answer.status < 300

    async def cancel(self, order: str) -> None:
        raise NotImplementedError("the cancel address is the shopper's way back and cancels nothing")

    async def restart(self) -> None:
        raise NotImplementedError("the server runs in this process")

    async def without_secret(self) -> bool:
        """Join a merchant to a gateway account without a password: refused, there is nothing that could be ready."""
        gateway = {
            "name": "sslcommerz",
            "credentials": {"store_id": "blank", "store_passwd": ""},
            "base_url": self._world.ground.urls["sslcommerz"],
        }
        try:
            await self._world.server.post("/_control/accounts", {"name": "blank", "gateway": gateway})
        except ControlError:
            return False
        return True

    async def settle(self) -> None:
        """Its clock is the world's."""

    def repeat(self, case: str, *, seed: int) -> str:
        return f"gatewright conform --server --case {case} --seed {seed}"

    async def exchanges(self) -> tuple[Exchange, ...]:
        """Return the server's journal."""
        found = (await self._world.server.get("/_control/journal", limit=10_000))["exchanges"]
        return read_exchanges(found, side=Side.SERVER)

    async def _open(self, order: str) -> Placed:
        url = f"{SERVER}/payment/init"
        answer = await self._world.calls.post_json(url, self._orders[order], headers=self._world.api_headers)
        words = answer.body.decode(errors="replace")[:300]
        return Placed(order, was_refused=answer.status >= 300, words=f"{answer.status} {words}")

    async def _session_of(self, order: str) -> str:
        orders = (await self._world.server.get("/_control/orders"))["orders"]
        return next((one["session"] for one in orders if one["order"] == order), "")


class ServerMaker:
    """Opens a fresh world for each case."""

    label = "the reference server"

    @asynccontextmanager
    async def open(self, *, seed: int, gateway: str) -> AsyncGenerator[Arena]:
        async with open_world(Plan(seed, START)) as world:
            adversary = ADVERSARIES[gateway](world.credentials[gateway])
            clock = InStep(world.conductor)
            yield Arena(ReferenceServer(world), adversary, clock, world.ground, world.simulators, seed)
