"""E05: refund against delivery."""

from datetime import timedelta

from scenarios.conformance.arena import SINK, Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_settled, note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    refunded = await arena.buy() if Can.REFUND in arena.merchant.can else None
    failing, control = await arena.buy(), await arena.buy()
    await arena.break_({"reset_before_work": {}}, gateway=SINK, operation="provision")
    await arena.pay(failing)
    if refunded is not None:
        await arena.pay(refunded)
        whole = refunded.amount_minor
        await arena.call(arena.merchant.refund(refunded.order or refunded.reference, whole, key="while-delivering"))
    await arena.clock.advance(timedelta(seconds=2))
    await arena.heal()
    await arena.pay(control)
    await arena.come_to_rest()
    await is_settled(arena, "a delivery that failed once is made or given back, not both", failing)
    if refunded is not None:
        await is_settled(arena, "what is given back is not delivered", refunded)
    await note_control(arena, control)


CASE = Case(
    "E05",
    "Refund against delivery",
    Severity.S1,
    does="a full refund while the delivery is under way and cannot be done yet; and a delivery that fails once",
    right="never delivered and given back at once",
    source="medusa#13301 (good orders refunded in production), medusa discussion 15550",
    judge=_judge,
)
