"""C05: duplicate after a half-failed first try."""

from scenarios.conformance.arena import SINK, Arena, Fault
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control
from scenarios.conformance.model import Severity

_FAILS: Fault = {"status": {"code": 503, "work": "skipped"}}


async def _judge(arena: Arena) -> None:
    unasked, undelivered, control = await arena.buy(), await arena.buy(), await arena.buy()
    confirm = arena.adversary.operations.confirm
    await arena.break_(_FAILS, operation=confirm, order=unasked.reference, first=1)
    await arena.break_(_FAILS, gateway=SINK, operation="provision", first=1)
    await arena.pay(undelivered)
    await arena.pay(unasked)
    await arena.pay(control)
    for one in (unasked, undelivered):
        await arena.bring(await arena.genuine(one))
    await arena.come_to_rest()
    await is_paid_once(arena, "done once although the first try could not ask", unasked)
    await is_paid_once(arena, "done once although the first delivery failed", undelivered)
    await note_control(arena, control)


CASE = Case(
    "C05",
    "Duplicate after a half-failed first try",
    Severity.S1,
    does="the first try fails half-way (the gateway cannot be asked; the delivery fails), the second finds all healthy",
    right="the second does the work, once",
    source="SignatureAPI guide; Brandur Leach on idempotency keys",
    judge=_judge,
)
