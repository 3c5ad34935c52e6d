"""The played shop as the merchant under judgement: in one process with the gateway, right, or with flaws by name."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from scenarios.calls import WireAnswer
from scenarios.conductor import Conductor
from scenarios.conformance.arena import ATTACKER, Arena
from scenarios.conformance.clock import InStep
from scenarios.conformance.gateways import ADVERSARIES
from scenarios.conformance.maker import START
from scenarios.conformance.merchant import Can, Placed, Seen, Standing, Wanted
from scenarios.conformance.merchants.ground import OnGround, close_accounts
from scenarios.control import Control
from scenarios.exchanges import Exchange
from scenarios.world import Ground

ACCOUNT = "shop"
_STANDINGS = {
    "PENDING": Standing.PENDING,
    "HELD": Standing.HELD,
    "PAID": Standing.PAID,
    "DELIVERED": Standing.PAID,
    "FAILED": Standing.FAILED,
    "CANCELLED": Standing.CANCELLED,
    "REFUNDED": Standing.REFUNDED,
    "NEEDS_REVIEW": Standing.REVIEW,
}


class PlayedShop:
    """See `Merchant`."""

    can = frozenset(Can)
    horizon = timedelta(days=4)

    def __init__(self, ground: Ground, control: Control, flaws: tuple[str, ...]) -> None:
        self.name = f"the played shop ({', '.join(flaws)})" if flaws else "the played shop"
        self._flaws = flaws
        self._control = control
        self._calls = ground.calls
        self._base = f"{ground.urls['merchant']}/{ACCOUNT}/shop"

    async def buy(self, wanted: Wanted) -> Placed:
        body: dict[str, object] = {}
        if wanted.price:
            body["amount"] = wanted.price
        if wanted.amount_minor:
            await self._set(tests_name_amounts=True)
            body["amount"] = _major(wanted.amount_minor)
        if wanted.currency:
            body["currency"] = wanted.currency
        placed = _placed(await self._calls.post_json(f"{self._base}/orders", body, headers={}))
        if wanted.amount_minor:
            await self._set()
        return placed

    async def pay_again(self, order: str) -> Placed:
        return _placed(await self._calls.post_json(f"{self._base}/orders/{order}/payments", {}, headers={}))

    async def look(self, order: str) -> Seen:
        answer = await self._calls.get(f"{self._base}/orders/{order}")
        if answer.status != 200:
            return Seen(Standing.UNKNOWN, words=f"the shop answers {answer.status}")
        found = cast("dict[str, Any]", answer.json())
        standing = _STANDINGS[found["state"]]
        refunded = int(Decimal(found["refunded"]) * 100)
        flagged = ", on the list for a person" if found["flagged"] else ""
        if found["flagged"] and standing is not Standing.REFUNDED and not found["delivered"]:
            standing = Standing.REVIEW
        return Seen(standing, delivered=found["delivered"], refunded_minor=refunded, words=found["state"] + flagged)

    async def refund(self, order: str, amount_minor: int, *, key: str) -> bool:
        body = {"amount": _major(amount_minor), "key": key}
        return (await self._calls.post_json(f"{self._base}/orders/{order}/refunds", body, headers={})).status < 300

    async def cancel(self, order: str) -> None:
        await self._calls.post_json(f"{self._base}/orders/{order}/cancel", {}, headers={})

    async def restart(self) -> None:
        await self._control.post("/_control/shop/restart", {})

    async def without_secret(self) -> bool:
        await self._set(credentials={"store_passwd": ""})
        return (await self._calls.get(f"{self._base}/ready")).status == 200

    async def settle(self) -> None:
        """Its clock is the gateway's."""

    async def exchanges(self) -> tuple[Exchange, ...]:
        """Its exchanges stand in the account's journal, with the gateway's."""
        return ()

    def repeat(self, case: str, *, seed: int) -> str:
        flaws = "".join(f" --flaw {flaw}" for flaw in self._flaws)
        return f"gatewright conform --played{flaws} --case {case} --seed {seed}"

    async def _set(self, **settings: object) -> None:
        await self._control.put("/_control/shop", {"flaws": list(self._flaws), "settings": settings})

    async def begin(self) -> None:
        """Take the flaws on. Raises `ControlError` for one that is not known."""
        await self._set()


class PlayedMaker(OnGround):
    """Keeps the simulators up, and opens an account of its own for each case."""

    def __init__(self, flaws: tuple[str, ...] = ()) -> None:
        super().__init__(is_closed=True)
        self.flaws = flaws
        self.label = f"the played shop ({', '.join(flaws)})" if flaws else "the played shop"

    @asynccontextmanager
    async def open(self, *, seed: int, gateway: str) -> AsyncGenerator[Arena]:
        """Open an account. Raises `RuntimeError` outside of `async with`."""
        ground = self._up()
        account = {"name": ACCOUNT, "seed": seed, "now": START.isoformat()}
        opened = await ground.control.post("/_control/accounts", account)
        try:
            yield await self._arena(ground, opened["credentials"][gateway], seed=seed, gateway=gateway)
        finally:
            await close_accounts(ground, ACCOUNT, ATTACKER)

    async def list_flaws(self) -> Mapping[str, tuple[str, ...]]:
        """Return every flaw by name, with the cases that must accuse it."""
        found = await self._up().control.get("/_control/flaws")
        return {one["name"]: tuple(one["cases"]) for one in found["flaws"]}

    async def _arena(self, ground: Ground, credentials: Mapping[str, str], *, seed: int, gateway: str) -> Arena:
        control = ground.control.of_account(ACCOUNT)
        shop = PlayedShop(ground, control, self.flaws)
        await shop.begin()
        conductor = Conductor(START)
        conductor.sides = [ground.side_of(ACCOUNT)]
        return Arena(shop, ADVERSARIES[gateway](credentials), InStep(conductor), ground, control, seed)


def _placed(answer: WireAnswer) -> Placed:
    words = answer.body.decode(errors="replace")[:300]
    try:
        told = cast("dict[str, Any]", answer.json())
    except ValueError:
        told = {}
    return Placed(told.get("order"), was_refused=answer.status >= 300, words=f"{answer.status} {words}")


def _major(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
