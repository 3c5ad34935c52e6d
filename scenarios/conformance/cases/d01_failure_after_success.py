"""D01: failure after success."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    bought, control = await arena.buy(), await arena.buy()
    await arena.pay(bought)
    await arena.pay(control)
    url = await arena.address(bought)
    await arena.bring(arena.adversary.failure(bought, url))
    await arena.bring(arena.adversary.cancellation(bought, url))
    await arena.come_to_rest()
    await is_paid_once(arena, "later failures undo nothing", bought)
    await note_control(arena, control)


CASE = Case(
    "D01",
    "Failure after success",
    Severity.S1,
    does="success is taken; then proven news of a failure and of a cancel",
    right="it stays paid, nothing is revoked",
    source="Razorpay (an order never moves back from paid), CVE-2026-92428",
    judge=_judge,
)
