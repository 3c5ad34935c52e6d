"""B06: unit and net-of-fee confusion."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    right, wrong = await arena.buy(), await arena.buy()
    paid = arena.adversary.net_equal(wrong.amount_minor)
    async with arena.nobody_to_poll():
        await arena.pay(right)
        await arena.pay(wrong, amount=f"{paid // 100}.{paid % 100:02}")
    await arena.come_to_rest()
    await is_paid_once(arena, "the right sum is taken, whatever the fee", right)
    await stays_unpaid(arena, "a sum that is right only net of the fee pays nothing", wrong)
    await note_control(arena, right)


CASE = Case(
    "B06",
    "Unit and net-of-fee confusion",
    Severity.S1,
    does="a payment of the right sum, whose net is less; then one whose net is the order's sum and whose gross is not",
    right="the gross is compared",
    source="SSLCommerz-Python PR 1 (amount 69, store_amount 67.28); woocommerce-gateway-stripe#883",
    judge=_judge,
)
