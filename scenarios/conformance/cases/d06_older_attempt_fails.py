"""D06: older attempt's failure after newer attempt's success."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    arena.needs(Can.PAY_AGAIN)
    first, control = await arena.buy(), await arena.buy()
    second = await arena.pay_again(first)
    await arena.pay(second)
    await arena.visit("decline", first)
    await arena.pay(control)
    await arena.come_to_rest()
    await is_paid_once(arena, "an older failure undoes nothing", first, second)
    await note_control(arena, control)


CASE = Case(
    "D06",
    "Older attempt's failure after newer attempt's success",
    Severity.S1,
    does="two payments of one order: the second is paid, then the first is declined",
    right="it stays paid by the second",
    source="Cashfree (many payment ids per order), PhonePe (root state, not attempt state)",
    judge=_judge,
)
