"""E04: refund against refund."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Severity
from scenarios.conformance.returns import gives_back_at_most, refund_together


async def _judge(arena: Arena) -> None:
    arena.needs(Can.REFUND)
    two, ten, control = await arena.buy(), await arena.buy(), await arena.buy()
    for one in (two, ten, control):
        await arena.pay(one)
    await refund_together(arena, two, shares=[6, 6])
    await refund_together(arena, ten, shares=[2] * 10)
    await arena.come_to_rest()
    await gives_back_at_most(arena, "two refunds of six tenths", two)
    await gives_back_at_most(arena, "ten refunds of two tenths", ten)
    await note_control(arena, control)


CASE = Case(
    "E04",
    "Refund against refund",
    Severity.S1,
    does="one payment; two refunds of six tenths together, then ten of two tenths, under distinct keys",
    right="what is asked of the gateway never exceeds what was captured",
    source="hyperswitch#13182 and PR 11491, eventyay#1405, hellgate#189",
    judge=_judge,
)
