"""C03: one payment told in several ways."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    bought, control = await arena.buy(), await arena.buy()
    back = await arena.pay(bought)
    await arena.pay(control)
    for _ in range(2):
        if back is not None:
            await arena.bring(back)
    await arena.come_to_rest()
    await is_paid_once(arena, "however it is told, it delivers once", bought)
    await note_control(arena, control)


CASE = Case(
    "C03",
    "One payment told in several ways",
    Severity.S1,
    does="the notification, the return with the same fields, and the return again",
    right="fulfilment is keyed on the payment, not on the message",
    source="razorpay-magento#291 (6 doubled orders in 305 payments)",
    judge=_judge,
)
