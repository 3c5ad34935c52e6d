"""C01: same notification again, in sequence."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    bought, control = await arena.buy(), await arena.buy()
    await arena.pay(bought)
    await arena.pay(control)
    genuine = await arena.genuine(bought)
    for _ in range(3):
        await arena.bring(genuine)
    await arena.come_to_rest()
    await is_paid_once(arena, "three duplicates deliver nothing more", bought)
    await note_control(arena, control)


CASE = Case(
    "C01",
    "Same notification again, in sequence",
    Severity.S1,
    does="genuine success, answered, then the same bytes three times more",
    right="one effect",
    source="razorpay-prestashop#64, anomalyco/opencode#28398",
    judge=_judge,
)
