"""The server dies at every await of a payment on the hosted page, its delivery and its refunds, and lives on.

As users run it, on the machine's clock with the writer thread, and on a virtual one, where time passes in the story.
Whoever asked asks again: the merchant under its key and its references, the gateway with its IPN, unless that was
acknowledged; every second time it does not, and is asked.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from reference_server.clock import ClockMode
from tests.counts import PROVING
from tests.reference_server.lives import LONG_AGO, Lives, Play, Tale
from tests.reference_server.scripted import Fields
from tests.reference_server.stage import API_KEY, API_SECRET, ORDER, SETTINGS, Stage

PARTS = ("40.50", "60.00")
KEYS = {"x-api-key": API_KEY, "x-api-secret": API_SECRET, "idempotency-key": "sale"}


@dataclass
class Sale:
    """What the merchant and the gateway know of one sale, however often the server dies."""

    session_id: str = ""
    ipn: Fields = field(default_factory=dict[str, str])
    is_acknowledged: bool = False

    async def pay(self, play: Play) -> None:
        """Open, pay and notify, and let it be delivered."""
        await self.open(play.stage)
        await self.notify(play.stage)
        await play.rest()

    async def give_back(self, play: Play) -> None:
        """Ask for a part and for the rest, and let them go back as far as time passes."""
        await self.ask_back(play.stage)
        await play.rest()

    async def wait(self, play: Play) -> None:
        """Let the server do what it owes."""
        await play.rest()

    async def open(self, stage: Stage) -> None:
        if not self.ipn:
            answer = await stage.client.post("/payment/init", json=ORDER | {"tran_id": "KILL-1"}, headers=KEYS)
            assert answer.status_code == 200, answer.text
            self.session_id = answer.json()["sessionId"]
            self.ipn = stage.gateway.pay("KILL-1")

    async def notify(self, stage: Stage) -> None:
        if not self.is_acknowledged:
            self.is_acknowledged = (await stage.ipn(self.session_id, self.ipn)).status_code == 200

    async def ask_back(self, stage: Stage) -> None:
        for amount in PARTS:
            answer = await stage.refund(self.session_id, amount=amount, reference=amount)
            assert answer.status_code == 202, answer.text


async def begin(folder: Path) -> tuple[Lives, Sale]:
    """Have a server that was started once, long ago."""
    url = f"sqlite:///{folder}/server.db"
    lives = Lives(SETTINGS.model_copy(update={"database_url": url}), stood=LONG_AGO)
    async with lives.virtual():
        return lives, Sale()


async def begin_paid(folder: Path) -> tuple[Lives, Sale]:
    """Have an order that is paid and delivered."""
    lives, sale = await begin(folder)
    async with lives.virtual() as play:
        await sale.open(play.stage)
        await sale.notify(play.stage)
        await play.stage.quiesce()
    return lives, sale


async def begin_sent(folder: Path) -> tuple[Lives, Sale]:
    """Have refunds that the gateway has taken on, which it is to be asked about by today."""
    lives, sale = await begin_paid(folder)
    async with lives.virtual() as play:
        await sale.ask_back(play.stage)
        await play.stage.quiesce()
    return lives, sale


# Each with as many points as it has, or a few more; a test below says so.
TALES = {
    "pay as served": (80, Tale(ClockMode.SYSTEM, begin, Sale.pay)),
    "give back as served": (80, Tale(ClockMode.SYSTEM, begin_paid, Sale.give_back)),
    "follow as served": (36, Tale(ClockMode.SYSTEM, begin_sent, Sale.wait)),
    "pay": (60, Tale(ClockMode.VIRTUAL, begin, Sale.pay)),
    "give back": (70, Tale(ClockMode.VIRTUAL, begin_paid, Sale.give_back)),
}
# All points are met when proving, else some of each story.
CASES = [(tale, nth) for tale, (points, _) in TALES.items() for nth in range(0, points, 1 if PROVING else 16)]


@pytest.mark.parametrize(("tale", "nth"), CASES)
async def test_money_comes_and_goes_back_once_at_whatever_await_the_server_dies(
    tmp_path: Path, tale: str, nth: int
) -> None:
    lives, sale = await TALES[tale][1].tell_until(nth, tmp_path)
    async with lives.virtual() as play:
        stage = play.stage
        await sale.open(stage)
        if sale.is_acknowledged or nth % 2:
            await sale.notify(stage)
            await stage.quiesce()
        else:
            await stage.advance(minutes=30)
        order = await stage.order("KILL-1")
        assert (order["state"], order["fulfilment"], order["captured_minor"]) == ("CAPTURED", "DONE", 10_050)
        await sale.ask_back(stage)
        await stage.advance(days=2)
        (order,) = await play.orders()
        assert (order["refunded_minor"], order["refunds_pending_minor"], order["captured_minor"]) == (10_050, 0, 10_050)
        assert stage.server.timekeeper.next_due() is None
    assert lives.peers.sink.effects.total() == 1
    assert len({key for key, _ in lives.peers.sink.calls}) == 1
    assert sorted(one.amount for one in lives.peers.gateway.refunds.values()) == [Decimal(part) for part in PARTS]


async def test_the_awaits_of_all_stories_are_all_met(tmp_path: Path) -> None:
    met = ""
    for tale, (count, told) in TALES.items():
        points = await told.points(tmp_path / tale)
        assert count / 2 < len(points) <= count, (tale, len(points))
        met += " ".join(point.place for point in points)
    for function in ("Opening._open", "Receiver.receive", "Confirmer.confirm_notification", "Provisioner.fulfil_order"):
        assert function in met
    for function in ("MoneyBack", "Refunder.send_refund", "Refunder.follow_refund", "Conclusions._commit_all"):
        assert function in met
