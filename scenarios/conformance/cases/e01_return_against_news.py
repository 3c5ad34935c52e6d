"""E01: return against notification."""

from dataclasses import replace

from scenarios.conformance.adversary import Purchase
from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control
from scenarios.conformance.model import Severity
from scenarios.conformance.trials import try_races


async def _judge(arena: Arena) -> None:
    async def both(bought: Purchase, stagger: float) -> None:
        genuine, urls = await arena.genuine(bought), await arena.opened(bought)
        await arena.race([genuine, replace(genuine, url=urls.success)], stagger=stagger)

    await try_races(arena, "return and notification deliver once", both)
    control = await arena.buy()
    await arena.pay(control)
    await arena.come_to_rest()
    await note_control(arena, control)


CASE = Case(
    "E01",
    "Return against notification",
    Severity.S1,
    does="the browser's return and the notification at the same instant",
    right="one effect",
    source="razorpay-woocommerce#167 and #81, razorpay-magento#208 and #283",
    judge=_judge,
)
