"""Anybody's shop as the merchant under judgement, by its profile, over HTTP and on its own clock."""

import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from scenarios.calls import CallLost, Calls, WireAnswer
from scenarios.conformance.arena import ATTACKER, Arena
from scenarios.conformance.clock import BesideReal, tick, wait
from scenarios.conformance.gateways import ADVERSARIES
from scenarios.conformance.maker import START
from scenarios.conformance.merchant import Can, Placed, Seen, Standing, Wanted
from scenarios.conformance.merchants.ground import OnGround, close_accounts
from scenarios.conformance.model import CannotTell
from scenarios.conformance.profile import Call, Profile, find_member
from scenarios.conformance.shop_process import ShopProcess
from scenarios.exchanges import Exchange
from scenarios.listening import address_of, bind

ACCOUNT = "shop"


class ProfiledShop:
    """See `Merchant`."""

    # Past every expiry of the gateway's own orders.
    horizon = timedelta(hours=1)

    def __init__(
        self,
        profile: Profile,
        calls: Calls,
        *,
        base_url: str,
        environment: Mapping[str, str],
        process: ShopProcess | None,
    ) -> None:
        self.name = profile.name
        self.can = frozenset(_abilities(profile))
        self._profile = profile
        self._calls = calls
        self._base_url = base_url
        self._environment = environment
        self._process = process

    async def buy(self, wanted: Wanted) -> Placed:
        body = dict(self._profile.buy.body)
        if wanted.price and self._profile.price:
            body[self._profile.price] = wanted.price
        return self._placed(await self._call(self._profile.buy, body=body))

    async def look(self, order: str) -> Seen:
        answer = await self._calls.get(self._base_url + self._profile.look.replace("{order}", order))
        told = _read(answer)
        word = str(find_member(told, self._profile.state))
        standing = self._profile.standings.get(word, Standing.UNKNOWN)
        delivered = word in self._profile.delivered if self._profile.delivered else None
        return Seen(standing, delivered=delivered, words=f"{answer.status} {word}")

    async def pay_again(self, order: str) -> Placed:
        return self._placed(await self._call(self._profile.calls["pay_again"], order=order))

    async def refund(self, order: str, amount_minor: int, *, key: str) -> bool:
        amount = f"{amount_minor // 100}.{amount_minor % 100:02}"
        return (await self._call(self._profile.calls["refund"], order=order, amount=amount, key=key)).status < 300

    async def cancel(self, order: str) -> None:
        await self._call(self._profile.calls["cancel"], order=order)

    async def restart(self) -> None:
        if self._process is not None:
            self._process.stop()
            await self._process.start(self._environment, self._calls)

    async def without_secret(self) -> bool:
        """Start it with the secret blank; one that does not come up is not ready."""
        if self._process is None or self._profile.secret is None:
            return True
        self._process.stop()
        blank = {**self._environment, self._profile.secret: ""}
        try:
            await self._process.start(blank, self._calls)
        except CannotTell:
            return False
        return True

    async def settle(self) -> None:
        if "reconcile" in self._profile.calls:
            try:
                await self._call(self._profile.calls["reconcile"])
            except CallLost:
                await tick()
        await wait(self._profile.settle_seconds)

    async def exchanges(self) -> tuple[Exchange, ...]:
        """It keeps no journal that we could read."""
        return ()

    def repeat(self, case: str, *, seed: int) -> str:
        return f"gatewright conform {self._profile.path} --case {case} --seed {seed}"

    async def _call(self, call: Call, *, body: Mapping[str, object] | None = None, **filled: str) -> WireAnswer:
        url = self._base_url + _fill(call.path, filled)
        if call.method == "GET":
            return await self._calls.get(url)
        sent = {name: _fill(one, filled) if isinstance(one, str) else one for name, one in (body or call.body).items()}
        if call.is_form:
            return await self._calls.post_form(url, {name: str(value) for name, value in sent.items()})
        return await self._calls.post_json(url, sent, headers={})

    def _placed(self, answer: WireAnswer) -> Placed:
        found = find_member(_read(answer), self._profile.order) if self._profile.order else None
        words = answer.body.decode(errors="replace")[:300]
        order = None if found is None else str(found)
        return Placed(order, was_refused=answer.status >= 400, words=f"{answer.status} {words}")


class ProfileMaker(OnGround):
    """Keeps the simulators and the shop up; each case has a shop that was started afresh, where a process is given."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(is_closed=False)
        self.profile = profile
        self.label = profile.name
        self._offered: Any = None
        self._opened = 0
        self._folder = "."

    @property
    def calls(self) -> Calls:
        """What the harness calls with."""
        return self._up().calls

    async def offer(self) -> Mapping[str, str]:
        """Open the one account that a shop which somebody else starts has, and return the environment it needs."""
        ground = self._up()
        opened = await ground.control.post("/_control/accounts", {"name": ACCOUNT, "now": START.isoformat()})
        self._offered = opened
        return self._environment(opened, self.profile.base_url, port="")

    async def answers(self) -> bool:
        """Say whether the shop that somebody else starts is up."""
        try:
            await self._up().calls.get(self.profile.base_url)
        except CallLost:
            return False
        return True

    @asynccontextmanager
    async def open(self, *, seed: int, gateway: str) -> AsyncGenerator[Arena]:
        """Open an account and start the shop on it. Raises `CannotTell` when it does not come up."""
        ground, control = self._up(), self._up().control.of_account(ACCOUNT)
        opened = self._offered or await self._open_account(seed)
        process: ShopProcess | None = None
        folder = tempfile.TemporaryDirectory(prefix="gatewright-")
        self._folder = folder.name
        try:
            if self._offered:
                await control.post("/_control/reset", {})
                await control.put("/_control/seed", {"seed": self._draw_seed(seed)})
            shop, process = await self._start(opened)
            clock = BesideReal(datetime.fromisoformat((await control.get("/_control/clock"))["now"]))
            clock.watch(ground.side_of(ACCOUNT))
            adversary = ADVERSARIES[gateway](opened["credentials"][gateway])
            yield Arena(shop, adversary, clock, ground, control, seed)
        finally:
            if process is not None:
                process.close()
            folder.cleanup()
            await close_accounts(ground, ATTACKER, *([] if self._offered else [ACCOUNT]))

    async def _open_account(self, seed: int) -> Any:
        account = {"name": ACCOUNT, "seed": seed, "now": START.isoformat()}
        return await self._up().control.post("/_control/accounts", account)

    def _draw_seed(self, seed: int) -> int:
        """A shop that runs on remembers ids: each case must draw others."""
        self._opened += 1
        return seed * 1_000 + self._opened

    async def _start(self, opened: Any) -> tuple[ProfiledShop, ShopProcess | None]:
        ground, port = self._up(), _free_port()
        base_url = self.profile.base_url.replace("{port}", port)
        environment = self._environment(opened, base_url, port=port)
        process = None
        if self.profile.starting is not None:
            process = ShopProcess(self.profile.starting, self.profile.path.resolve().parent, base_url)
            try:
                await process.start(environment, ground.calls)
            except CannotTell:
                process.close()
                raise
        shop = ProfiledShop(self.profile, ground.calls, base_url=base_url, environment=environment, process=process)
        return shop, process

    def _environment(self, opened: Any, base_url: str, *, port: str) -> dict[str, str]:
        filled: dict[str, str] = {
            **opened["credentials"][self.profile.gateway],
            "gateway_url": self._up().urls[self.profile.gateway],
            "provisioning_url": opened["base_urls"]["provisioning"],
            "base_url": base_url,
            "port": port,
            "folder": self._folder,
        }
        return {name: _fill(value, filled) for name, value in self.profile.environment.items()}


def _abilities(profile: Profile) -> list[Can]:
    given = {"refund": Can.REFUND, "cancel": Can.CANCEL, "pay_again": Can.PAY_AGAIN, "reconcile": Can.RECONCILE}
    found = [can for name, can in given.items() if name in profile.calls]
    found += [Can.COUNT_DELIVERIES] if profile.delivers_to_the_sink else []
    found += [Can.NAME_A_PRICE] if profile.price else []
    if profile.starting is not None:
        found += [Can.RESTART, *([Can.UNSECURED] if profile.secret else [])]
    return found


def _free_port() -> str:
    taken = bind()
    address = address_of(taken)
    taken.close()
    return address.rsplit(":", 1)[1]


def _fill(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _read(answer: WireAnswer) -> object:
    try:
        return answer.json()
    except ValueError:
        return None


__all__ = ["ProfileMaker", "ProfiledShop"]
