"""F03: reset after the merchant committed."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    bought, control = await arena.buy(), await arena.buy()
    rule = await arena.keep_back_news(bought)
    await arena.pay(bought)
    await arena.mend(rule)
    genuine = await arena.genuine(bought)
    await arena.bring_and_hang_up(genuine)
    await arena.bring(genuine)
    await arena.pay(control)
    await arena.come_to_rest()
    await is_paid_once(arena, "sent again, it delivers once", bought)
    await note_control(arena, control)


CASE = Case(
    "F03",
    "Reset after the merchant committed",
    Severity.S1,
    does="the merchant takes the news and its answer is cut off, so it is sent again",
    right="one effect",
    source="Idempotency-Key draft, Razorpay retry page",
    judge=_judge,
)
