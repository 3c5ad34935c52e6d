"""A played shop on a stand, and what shoppers, gateways and forgers do to it, in a few words."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from tests.simulators.stands import NO_SETTINGS, Json, Stand, open_stand

NAMED: Json = {"tests_name_amounts": True}
WHOLE_DAY = 86_400 * 2


@dataclass(slots=True)
class ShopStand:
    """The account `default` with its shop."""

    stand: Stand

    @property
    def shop_url(self) -> str:
        """Where the shop's own operations are."""
        return f"{self.stand.urls['merchant']}/default/shop"

    async def ask(self, method: str, path: str, body: Json = None) -> httpx.Response:
        """Ask the shop, whatever it answers."""
        return await self.stand.client.request(method, f"{self.shop_url}{path}", json=body)

    async def buy(self, **wanted: Json) -> Json:
        """Place an order."""
        answer = await self.ask("POST", "/orders", wanted)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def act(self, placed: Json, action: str = "pay", **act: Json) -> Json:
        """Do something on the checkout page of a placed order's session; nothing is brought yet."""
        return await self.stand.control(
            "POST", "/shopper", body={"session": placed["session"], "action": action, **act}
        )

    async def advance(self, seconds: float = 0) -> Json:
        """Run what falls due within so many seconds."""
        told = await self.stand.control("POST", "/clock/advance", body={"by_seconds": seconds})
        assert told["quiet"], told
        return told

    async def pay(self, placed: Json, **act: Json) -> Json:
        """Pay and let all that follows at once happen."""
        outcome = await self.act(placed, **act)
        await self.advance()
        return outcome

    async def order(self, placed: Json) -> Json:
        """Read an order."""
        return (await self.ask("GET", f"/orders/{placed['order']}")).json()

    async def state(self, placed: Json) -> str:
        """Read an order's state."""
        return (await self.order(placed))["state"]

    async def effects(self, placed: Json | None = None) -> int:
        """Count what was delivered, for one order or for all."""
        told = (await self.stand.control("GET", "/effects"))["effects"]
        return sum(one["done"] for one in told if placed is None or one["order"] == placed["order"])

    async def post(self, fields: Mapping[str, str] | bytes, *, path: str = "/ipn", **headers: str) -> httpx.Response:
        """Post a form to the shop as whoever can reach it."""
        body = fields if isinstance(fields, bytes) else urlencode(dict(fields)).encode()
        told = {"content-type": "application/x-www-form-urlencoded", **headers}
        return await self.stand.client.post(f"{self.shop_url}{path}", content=body, headers=told)

    async def wish(self, placed: Json, *, proof: str = "right", **fields: str) -> None:
        """Have the gateway bring a notification of one's own making."""
        wish = {"event": "ipn", "order": placed["reference"], "proof": proof, "fields": fields}
        await self.stand.control("POST", "/trigger", body=wish)
        await self.advance()

    async def arm(self, *faults: str | Json, **when: Json) -> None:
        """Arm a fault rule."""
        told = [{fault: NO_SETTINGS} if isinstance(fault, str) else fault for fault in faults]
        await self.stand.control("POST", "/faults", body={"when": when, "faults": told})

    async def heal(self) -> None:
        """Remove every fault."""
        await self.stand.control("DELETE", "/faults")

    async def gateway_orders(self) -> list[Json]:
        """Read the gateway's truth."""
        return (await self.stand.control("GET", "/orders"))["orders"]


@asynccontextmanager
async def open_shop(*flaws: str, **settings: Json) -> AsyncGenerator[ShopStand]:
    """Open a stand whose shop has these flaws and settings."""
    async with open_stand() as stand:
        await stand.control("PUT", "/shop", body={"flaws": list(flaws), "settings": {**NAMED, **settings}})
        yield ShopStand(stand)
