"""C04: duplicate after the memory has expired."""

from datetime import timedelta

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    bought, control = await arena.buy(), await arena.buy()
    await arena.pay(bought)
    await arena.pay(control)
    genuine = await arena.genuine(bought)
    await arena.clock.quiesce()
    for later in (timedelta(minutes=6), timedelta(hours=25), timedelta(days=7), timedelta(days=90)):
        await arena.clock.advance(later)
        await arena.bring(genuine)
    if Can.RESTART in arena.merchant.can:
        await arena.merchant.restart()
        await arena.bring(genuine)
    else:
        arena.notes.append("not tried after a restart: the harness cannot restart this merchant")
    if not arena.clock.is_virtual:
        arena.notes.append("this merchant's own clock cannot be moved: the times were the gateway's alone")
    await arena.come_to_rest()
    await is_paid_once(arena, "late duplicates deliver nothing more", bought)
    await note_control(arena, control)


CASE = Case(
    "C04",
    "Duplicate after the memory has expired",
    Severity.S1,
    does="the same bytes after 6 minutes, 25 hours, 7 days, 90 days, and after a restart where that can be done",
    right="the guard lives with the order and has no expiry",
    source="Razorpay replays for 7 days; Standard Webhooks gives 5 minutes as an example",
    judge=_judge,
)
