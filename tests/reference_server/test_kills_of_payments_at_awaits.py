"""The payments API dies at every await of a payment, its webhooks and its refunds, and lives on.

As users run it, on the machine's clock with the writer thread, and on a virtual one. The merchant asks for all of it
again under its keys, for what was answered too: it must hear the same bytes.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reference_server.clock import ClockMode
from tests.counts import PROVING
from tests.reference_server.apis.payments.shop import UPI, post, sandbox_says
from tests.reference_server.lives import LONG_AGO, Lives, Play, Tale
from tests.reference_server.test_kills_of_payments import EVENTS
from tests.reference_server.webhooks.receiving import HOOK_URL, HOOKS

PARTS = (20_000, 30_000)


@dataclass
class Merchant:
    """What it has been answered, by the key it asked under, however often the server dies."""

    answers: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def sell(self, play: Play) -> None:
        """Take a payment, and give it back in two parts when it has succeeded."""
        payment = await self.ask(play, "/payments", UPI | {"order_id": "KILL-1"}, key="sale")
        await play.rest()
        for part in PARTS:
            await self.ask(play, f"/payments/{payment['id']}/refunds", {"amount": part}, key=f"back-{part}")
        await play.rest()

    async def ask(self, play: Play, path: str, body: Mapping[str, Any], *, key: str) -> Any:
        answer = await post(play.stage, path, body, **{"idempotency-key": key})
        assert answer.status_code in {200, 201}, answer.text
        assert self.answers.setdefault(key, answer.content) == answer.content
        return answer.json()


async def begin(folder: Path) -> tuple[Lives, Merchant]:
    """Have a server that was started once, long ago, and whose merchant hears its webhooks."""
    url = f"sqlite:///{folder}/server.db"
    lives = Lives(sandbox_says(delay=0, database_url=url, peers=HOOKS.peers), stood=LONG_AGO)
    async with lives.virtual() as play:
        assert (await post(play.stage, "/endpoints", {"url": HOOK_URL})).status_code == 201
    return lives, Merchant()


# Each with as many points as it has, or a few more; a test below says so.
TALES = {
    "sell as served": (160, Tale(ClockMode.SYSTEM, begin, Merchant.sell)),
    "sell": (100, Tale(ClockMode.VIRTUAL, begin, Merchant.sell)),
}
# All points are met when proving, else some of each story.
CASES = [(tale, nth) for tale, (points, _) in TALES.items() for nth in range(0, points, 1 if PROVING else 16)]


@pytest.mark.parametrize(("tale", "nth"), CASES)
async def test_a_sale_and_its_refunds_come_about_once_at_whatever_await_the_server_dies(
    tmp_path: Path, tale: str, nth: int
) -> None:
    lives, merchant = await TALES[tale][1].tell_until(nth, tmp_path)
    receiver = lives.peers.receiver
    told_before = {taken.told["id"]: taken.body for taken in receiver.taken}
    async with lives.virtual() as play:
        await merchant.sell(play)
        await play.stage.advance(days=2)
        (order,) = await play.orders()
        assert play.stage.server.timekeeper.next_due() is None
    assert (order["state"], order["captured_minor"], order["refunded_minor"]) == ("CAPTURED", 50_000, 50_000)
    assert order["refunds_pending_minor"] == 0
    events = {taken.told["id"]: taken.told["event"] for taken in receiver.taken}
    assert Counter(events.values()) == Counter(EVENTS)
    # Whatever was told before the death is told again, if it is, under the same id with the same bytes.
    assert all(taken.body == told_before.get(taken.told["id"], taken.body) for taken in receiver.taken)


async def test_the_awaits_of_both_stories_are_all_met(tmp_path: Path) -> None:
    for tale, (count, told) in TALES.items():
        points = await told.points(tmp_path / tale)
        assert count / 2 < len(points) <= count, (tale, len(points))
    met = " ".join(point.place for point in await TALES["sell as served"][1].points(tmp_path))
    for function in ("Idempotency.once", "Acquiring.acquire_payment", "Refunder.send_refund", "Dispatcher._attempt"):
        assert function in met
