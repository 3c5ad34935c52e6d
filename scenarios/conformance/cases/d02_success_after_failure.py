"""D02: success after failure."""

from datetime import timedelta

from scenarios.conformance.adversary import Purchase
from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_settled, note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    same, control = await arena.buy(), await arena.buy()
    await arena.bring(arena.adversary.failure(same, await arena.address(same)))
    tried: list[tuple[Purchase, ...]] = [(same,)]
    if Can.PAY_AGAIN in arena.merchant.can:
        first = await arena.buy()
        await arena.visit("decline", first)
        second = await arena.pay_again(first)
        tried.append((first, second))
    await arena.clock.advance(timedelta(minutes=10))
    for purchases in tried:
        await arena.pay(purchases[-1])
    await arena.pay(control)
    await arena.come_to_rest()
    for purchases in tried:
        await is_settled(arena, "money after a failure is not lost", *purchases)
    await note_control(arena, control)


CASE = Case(
    "D02",
    "Success after failure",
    Severity.S1,
    does=(
        "an attempt is told as failed, and 15 minutes later the order is paid: on the same page, and by "
        "another payment where the merchant opens one"
    ),
    right="paid once, or refunded; never failed with the money kept",
    source="Razorpay payment-states page and BP-06, Cashfree idempotency page",
    judge=_judge,
)
