"""A01: missing, forged or altered signature."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    attacked, control = await arena.buy(), await arena.buy()
    forgeries = arena.adversary.forgeries(attacked, await arena.address(attacked))
    taken = [one.words for one in forgeries if (await arena.bring(one.message) or 500) < 300]
    arena.notes += [f"answered 2xx, which is no more than untidy: {words}" for words in taken]
    await arena.pay(control)
    await arena.come_to_rest()
    await stays_unpaid(arena, "forged news changes nothing", attacked)
    await note_control(arena, control)


CASE = Case(
    "A01",
    "Missing, forged or altered signature",
    Severity.S0,
    does=(
        "perfect news of a payment that never was: without proof, with an empty one, one of another key, and "
        "with what it covers changed afterwards"
    ),
    right="nothing changes",
    source="CVE-2026-1305, CVE-2026-0656, CVE-2026-93511",
    judge=_judge,
)
