"""A11: ambiguous signed string."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    attacked, control = await arena.buy(), await arena.buy()
    for forgery in arena.adversary.ambiguous(attacked, await arena.address(attacked)):
        await arena.bring(forgery.message)
    await arena.pay(control)
    await arena.come_to_rest()
    await stays_unpaid(arena, "a proof that covers too little changes nothing", attacked)
    await note_control(arena, control)


CASE = Case(
    "A11",
    "Ambiguous signed string",
    Severity.S0,
    does="news whose proof leaves out status and amount, or that says a signed field twice",
    right="every field that counts is covered, or nothing changes",
    source="Valve and Smart2Pay; SSLCommerz' sample builds the string from the sender's own list",
    judge=_judge,
)
