"""A started server on a virtual clock with a scripted gateway, and the few moves that stories are made of."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any

import httpx
from pydantic import SecretStr

from reference_server.app import Server, create_app
from reference_server.clock import ClockMode
from reference_server.gateways.gateway import AcquiringGateway
from reference_server.settings import Settings
from tests.reference_server.engine import IN_MEMORY, placed
from tests.reference_server.scripted import (
    GATEWAY_URL,
    PROVISIONING_URL,
    STORE_ID,
    STORE_PASSWD,
    Fields,
    Hook,
    ProvisioningSink,
    ScriptedGateway,
    Wire,
    form_of,
)

START = datetime(2030, 1, 1, tzinfo=UTC)
API_KEY, API_SECRET = "key_test", "sec_test"
ORDER = {
    "amount": "100.50",
    "customer": {"name": "Rahima Khatun", "email": "rahima@shop.example", "phone": "01711000000"},
    "items": [{"name": "Diagnostics licence", "quantity": 1}],
    "chassisNo": "JT2BF22K1W0123456",
    "productKey": "DIAG-PRO",
}
SETTINGS = Settings(
    public_url="http://server.test",
    frontend_url="http://shop.test",
    database_url="sqlite://",
    control=True,
    clock=ClockMode.VIRTUAL,
    clock_start=START,
    seed=7,
    # Named as ours, so that limits towards them run on the virtual clock; nothing ever connects.
    peers={GATEWAY_URL: "127.0.0.1:1", "http://merchant.test": "127.0.0.1:1"},
    check_answers=True,
    merchant_api_key=API_KEY,
    merchant_api_secret=SecretStr(API_SECRET),
    sslcommerz_store_id=STORE_ID,
    sslcommerz_store_passwd=SecretStr(STORE_PASSWD),
    sslcommerz_base_url=GATEWAY_URL,
    provisioning_url=PROVISIONING_URL,
)


@dataclass
class Stage:
    """The server, its peers, and a client that asks it."""

    server: Server
    gateway: ScriptedGateway
    sink: ProvisioningSink
    client: httpx.AsyncClient

    async def init(self, **changes: Any) -> httpx.Response:
        """Ask for a payment as the merchant's backend does."""
        headers = {"x-api-key": API_KEY, "x-api-secret": API_SECRET}
        return await self.client.post("/payment/init", json=ORDER | changes, headers=headers)

    async def opened(self, **changes: Any) -> tuple[str, str]:
        """Return session id and tran_id of a payment that the shopper can pay."""
        answer = await self.init(**changes)
        assert answer.status_code == 200, answer.text
        return answer.json()["sessionId"], answer.json()["tran_id"]

    async def ask(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Ask as the merchant's backend does: a post of the body, or a read without one."""
        headers = {"x-api-key": API_KEY, "x-api-secret": API_SECRET}
        if body is None:
            return await self.client.get(path, headers=headers)
        return await self.client.post(path, json=body, headers=headers)

    async def refund(self, session_id: str, **body: Any) -> httpx.Response:
        """Ask for money back."""
        return await self.ask(f"/payment/refund/{session_id}", body)

    async def refunds(self, session_id: str) -> list[dict[str, Any]]:
        """Return a payment's refunds."""
        answer = await self.ask(f"/payment/refund/{session_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()["refunds"]

    async def decide(self, session_id: str, decision: str, *, about: str = "review") -> httpx.Response:
        """Say a person's word on the money (`review`) or on the delivery."""
        return await self.ask(f"/payment/{about}/{session_id}", {"decision": decision})

    async def ipn(self, session_id: str, fields: Fields) -> httpx.Response:
        """Send an IPN as the gateway does."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return await self.client.post(f"/payment/ipn/{session_id}", content=form_of(fields), headers=headers)

    async def status(self, session_id: str) -> dict[str, Any]:
        """Ask how it stands."""
        answer = await self.client.get(f"/payment/status/{session_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def order(self, tran_id: str) -> dict[str, Any]:
        """Return this side's truth about one order."""
        listed: Any = await self.server.control.list_orders()
        return next(order for order in listed["orders"] if order["order"] == tran_id)

    async def paid(self, **changes: Any) -> tuple[str, str]:
        """Return session id and tran_id of a payment that is paid, confirmed and delivered."""
        session_id, tran_id = await self.opened(**changes)
        assert (await self.ipn(session_id, self.gateway.pay(tran_id))).status_code == 200
        await self.quiesce()
        return session_id, tran_id

    async def quiesce(self) -> None:
        """Run what is due now until nothing more happens."""
        await settle(self.server)
        while self.server.timekeeper.run_next() is not None:
            await settle(self.server)

    async def advance(self, **by: float) -> None:
        """Move the clock from due thing to due thing."""
        keeper = self.server.timekeeper
        target = keeper.clock.now() + timedelta(**by)
        await self.quiesce()
        while (due := keeper.next_due()) is not None and due.at <= target:
            self.server.control.set_clock(now=max(due.at, keeper.clock.now()))
            await self.quiesce()
        self.server.control.set_clock(now=target)


async def states(stage: Stage, session_id: str) -> tuple[str, str, str | None]:
    """Return status word, payment state and fulfilment state."""
    told = await stage.status(session_id)
    return told["status"], told["state"], told["fulfilment"]


async def settle(server: Server) -> None:
    """Let tasks run until none can go on by itself: without sockets a few turns of the loop say so."""
    quiet_turns = 0
    while quiet_turns < 40:  # there is no event for "nobody will run any more"
        await asyncio.sleep(0)
        is_running = server.timekeeper.activity.snapshot().running > 0
        quiet_turns = 0 if is_running else quiet_turns + 1


@asynccontextmanager
async def staged(
    settings: Settings = SETTINGS,
    *,
    gateway: ScriptedGateway | None = None,
    sink: ProvisioningSink | None = None,
    hooks: Mapping[str, Hook] = MappingProxyType({}),
    acquirer: AcquiringGateway | None = None,
) -> AsyncGenerator[Stage]:
    """Start a server beside its peers; leaving stops it, which writes no more than a kill does."""
    gateway, sink = gateway or ScriptedGateway(), sink or ProvisioningSink()
    ordinal = count(1)
    with ExitStack() as until:
        here = placed(settings, until=until if settings.database_url == IN_MEMORY else None)
        wire = Wire(gateway, sink, hooks)
        server = create_app(here, ordinal=lambda: next(ordinal), transport=wire, acquirer=acquirer)
        await server.start()
        transport = httpx.ASGITransport(app=server.asgi)
        client = httpx.AsyncClient(transport=transport, base_url="http://server.test")
        try:
            yield Stage(server, gateway, sink, client)
        finally:
            await client.aclose()
            await server.stop()
