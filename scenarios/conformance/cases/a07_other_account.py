"""A07: genuine payment to somebody else's account."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    attacked, control = await arena.buy(), await arena.buy()
    attacker = await arena.another_account()
    his = await attacker.open_at_gateway(attacked, await arena.opened(attacked))
    await attacker.pay(his)
    await arena.pay(control)
    await arena.come_to_rest()
    await stays_unpaid(arena, "money in another account pays nothing", attacked)
    await note_control(arena, control)


CASE = Case(
    "A07",
    "Genuine payment to somebody else's account",
    Severity.S0,
    does=(
        "the attacker pays into an account of his own under the victim's order id, and has its genuine "
        "notification sent to the victim"
    ),
    right="refused",
    source="CVE-2026-104641, CVE-2026-92400; Sun et al. 2014",
    judge=_judge,
)
