"""C02: n copies at one instant."""

from scenarios.conformance.adversary import Purchase
from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control
from scenarios.conformance.model import Severity
from scenarios.conformance.trials import COPIES, try_races


async def _judge(arena: Arena) -> None:
    async def copies(bought: Purchase, stagger: float) -> None:
        await arena.race([await arena.genuine(bought)] * COPIES, stagger=stagger)

    await try_races(arena, f"{COPIES} copies at one instant deliver once", copies)
    control = await arena.buy()
    await arena.pay(control)
    await arena.come_to_rest()
    await note_control(arena, control)


CASE = Case(
    "C02",
    "N copies at one instant",
    Severity.S1,
    does="identical messages on connections of their own, the last byte of each let go on one tick",
    right="one effect in every trial",
    source="ACIDRain (22 attacks in 12 shops), CVE-2026-32398, ps_checkout discussion 1464",
    judge=_judge,
)
