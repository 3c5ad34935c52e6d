"""The payments API dies at every point of a payment, its webhooks and its refunds, and starts again on what it left.

The merchant asks again with the key of the first time, as the document tells it to.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from reference_server.jobs.store import Claim
from reference_server.jobs.worker import Conclusion, JobFunction
from reference_server.settings import Settings
from tests.counts import PROVING
from tests.reference_server.apis.payments.shop import UPI, post, sandbox_says
from tests.reference_server.scripted import Killed
from tests.reference_server.stage import Stage, staged
from tests.reference_server.test_kills import Killer
from tests.reference_server.webhooks.receiving import HOOK_URL, HOOKS, Receiver

# At least as many as the story has; a test below says so. All of them are met when proving, else every eighth.
POINTS = 80
STEP = 1 if PROVING else 8
EVENTS = ("payment.success", "refund.processed", "refund.processed")


@dataclass
class Shop:
    """What outlives the server: the merchant, who asks, and its receiver, which takes what it is sent."""

    settings: Settings
    receiver: Receiver = field(default_factory=Receiver)

    @classmethod
    def on(cls, folder: Path) -> "Shop":
        url = f"sqlite:///{folder}/server.db"
        return cls(sandbox_says(database_url=url, peers=HOOKS.peers))

    async def open(self) -> None:
        """Have an endpoint, before anything may die."""
        async with staged(self.settings) as stage:
            assert (await post(stage, "/endpoints", {"url": HOOK_URL})).status_code == 201

    async def live(self, story: Callable[[Stage], Awaitable[None]], killer: Killer) -> bool:
        """Play the story on a server that may die; say whether it did."""
        told = self._told(killer)
        async with staged(self.settings, hooks={"hooks.test": told}) as stage:
            self.receiver.clock = stage.server.timekeeper.clock
            worker = stage.server.worker
            worker.functions = {name: _watched(name, run, killer) for name, run in worker.functions.items()}
            event.listen(stage.server.database.engine, "commit", killer.commit)
            with suppress(Killed):
                await story(stage)
            died = killer.seen >= killer.at
            # Whatever still runs in the dead process goes on no further.
            killer.at = min(killer.at, killer.seen)
        return died

    def _told(self, killer: Killer) -> Callable[[httpx.Request], Awaitable[httpx.Response]]:
        async def take(request: httpx.Request) -> httpx.Response:
            killer.reach("before webhook")
            answer = await self.receiver.answer(request)
            killer.reach("after webhook")
            return answer

        return take

    def events(self) -> dict[str, str]:
        """Return what was told, by the event's id."""
        return {taken.told["id"]: taken.told["event"] for taken in self.receiver.taken}


def _watched(name: str, run: JobFunction, killer: Killer) -> JobFunction:
    async def watched(claim: Claim) -> Conclusion:
        killer.reach(f"before {name}")
        conclusion = await run(claim)
        killer.reach(f"after {name}")
        return conclusion

    return watched


async def sell_and_give_back(stage: Stage) -> None:
    """Take a payment, and give it back in two parts when it has succeeded; each asked for under a key of its own."""
    payment = await asked(stage, "/payments", UPI | {"order_id": "KILL-1"}, key="sale")
    await stage.advance(seconds=5)
    for part in (20_000, 30_000):
        body = {"amount": part}
        await asked(stage, f"/payments/{payment['id']}/refunds", body, key=f"back-{part}")
    await stage.advance(seconds=5)


async def asked(stage: Stage, path: str, body: Mapping[str, Any], *, key: str) -> Any:
    answer = await post(stage, path, body, **{"idempotency-key": key})
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


@pytest.mark.parametrize("at", range(1, POINTS, STEP))
async def test_a_sale_and_its_refunds_come_about_once_wherever_the_server_dies(tmp_path: Path, at: int) -> None:
    shop = Shop.on(tmp_path)
    await shop.open()
    await shop.live(sell_and_give_back, Killer(at))
    seen_before = {taken.told["id"]: taken.body for taken in shop.receiver.taken}
    assert not await shop.live(sell_and_give_back, Killer(10_000))
    async with staged(shop.settings, hooks={"hooks.test": shop.receiver.answer}) as stage:
        shop.receiver.clock = stage.server.timekeeper.clock
        await stage.advance(days=2)
        order = await stage.order("KILL-1")
        assert stage.server.timekeeper.next_due() is None
    assert (order["state"], order["captured_minor"], order["refunded_minor"]) == ("CAPTURED", 50_000, 50_000)
    assert order["refunds_pending_minor"] == 0
    assert Counter(shop.events().values()) == Counter(EVENTS)
    # Whatever was told before the death is told again, if it is, under the same id with the same bytes.
    assert all(taken.body == seen_before.get(taken.told["id"], taken.body) for taken in shop.receiver.taken)


async def test_the_points_of_the_sale_are_all_met(tmp_path: Path) -> None:
    shop, killer = Shop.on(tmp_path), Killer(10_000)
    await shop.open()
    assert not await shop.live(sell_and_give_back, killer)
    assert killer.seen < POINTS, killer.points
    jobs = {f"{when} {name}" for when in ("before", "after") for name in ("acquire_payment", "send_refund")}
    assert set(killer.points) >= {"commit", "before webhook", "after webhook", *jobs}
