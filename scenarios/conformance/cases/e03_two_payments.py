"""E03: two payments captured on one order."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_settled, note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    arena.needs(Can.PAY_AGAIN)
    first, control = await arena.buy(), await arena.buy()
    second = await arena.pay_again(first)
    await arena.pay(first)
    await arena.pay(second)
    await arena.pay(control)
    await arena.come_to_rest()
    await is_settled(arena, "the second payment is not kept, and delivers nothing", first, second)
    await note_control(arena, control)


CASE = Case(
    "E03",
    "Two payments captured on one order",
    Severity.S1,
    does="two payments of one order, both captured",
    right="one delivery; the second payment is given back or queued for it",
    source="Razorpay late-authorisation page, razorpay-woocommerce#167",
    judge=_judge,
)
