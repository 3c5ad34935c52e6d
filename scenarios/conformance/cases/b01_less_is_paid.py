"""B01: genuine payment of less."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    attacked, control = await arena.buy(), await arena.buy()
    await arena.pay(attacked, amount="10.00")
    await arena.pay(control)
    await arena.come_to_rest()
    await stays_unpaid(arena, "less money pays nothing", attacked)
    await note_control(arena, control)


CASE = Case(
    "B01",
    "Genuine payment of less",
    Severity.S0,
    does="the gateway takes a fraction of the sum for the order; its notification is genuine",
    right="not paid; the money is recorded and flagged or refunded",
    source="CVE-2026-9189, CVE-2019-14978, Wang et al. 2011",
    judge=_judge,
)
