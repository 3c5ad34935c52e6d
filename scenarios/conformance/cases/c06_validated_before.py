"""C06: confirmed, then confirmed before."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    bought, unknown, control = await arena.buy(), await arena.buy(), await arena.buy()
    confirm = arena.adversary.operations.confirm
    await arena.break_({"reset_after_work": {}}, operation=confirm, order=bought.reference, first=1)
    await arena.pay(bought)
    await arena.pay(control)
    await arena.bring(await arena.genuine(bought))
    await arena.bring(arena.adversary.success(unknown, await arena.address(unknown)))
    await arena.come_to_rest()
    await is_paid_once(arena, "confirmed before is success, once", bought)
    await stays_unpaid(arena, "an unknown id is none", unknown)
    await note_control(arena, control)


CASE = Case(
    "C06",
    "Confirmed, then confirmed before",
    Severity.S1,
    does=(
        "the answer to the first confirming call is lost, so the next one hears that it was confirmed before;"
        " and an id that nobody knows"
    ),
    right="the first is success, once; the second is not",
    source="SSLCommerz developer page (VALID, then VALIDATED)",
    judge=_judge,
)
