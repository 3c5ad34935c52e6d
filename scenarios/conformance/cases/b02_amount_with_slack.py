"""B02: amount compared with itself, or with slack."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    control = await arena.buy()
    attacked = [await arena.buy() for _ in range(4)]
    whole = control.amount_minor
    for one, paid in zip(attacked, (whole - 99, whole - 1, whole + 1, whole // 2), strict=True):
        await arena.pay(one, amount=f"{paid // 100}.{paid % 100:02}")
    await arena.pay(control)
    await arena.come_to_rest()
    for one, words in zip(attacked, ("0.99 less", "0.01 less", "0.01 more", "half"), strict=True):
        await stays_unpaid(arena, f"{words} pays nothing", one)
    await note_control(arena, control)


CASE = Case(
    "B02",
    "Amount compared with itself, or with slack",
    Severity.S0,
    does="notification and confirmation agree on a sum that is not the order's: 0.99 less, 0.01 less, 0.01 more, half",
    right="exact equality with the stored order",
    source="SSLCommerz Laravel sample: compares the request with itself, within 1 unit",
    judge=_judge,
)
