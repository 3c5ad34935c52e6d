"""D03: success after a cancel."""

from datetime import timedelta

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_settled, note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    told, control = await arena.buy(), await arena.buy()
    await arena.bring(arena.adversary.cancellation(told, await arena.address(told)))
    cancelled = [told]
    if Can.CANCEL in arena.merchant.can:
        at_shop = await arena.buy()
        await arena.call(arena.merchant.cancel(at_shop.order or at_shop.reference))
        cancelled.append(at_shop)
    await arena.clock.advance(timedelta(minutes=5))
    for one in cancelled:
        await arena.pay(one)
    await arena.pay(control)
    await arena.come_to_rest()
    for one in cancelled:
        await is_settled(arena, "money after a cancel is not lost", one)
    await note_control(arena, control)


CASE = Case(
    "D03",
    "Success after a cancel",
    Severity.S1,
    does=(
        "the order is cancelled, at the shop where it takes a cancel, and 5 minutes later the shopper pays all the same"
    ),
    right="reopened and delivered, or given back",
    source="woocommerce#20928, razorpay-woocommerce#157, woocommerce-gateway-stripe#5759",
    judge=_judge,
)
