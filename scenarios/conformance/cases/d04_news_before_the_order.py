"""D04: notification earlier than the order."""

from dataclasses import replace

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    control = await arena.buy()
    create = arena.adversary.operations.create
    rule = await arena.break_({"delay": {"by_seconds": 3}}, operation=create)
    task = arena.clock.begin(arena.merchant.buy(arena.wanted))
    await arena.clock.quiesce()
    early = await arena.opened_since([control])
    for one in early:
        await arena.pay(one)
    placed = await arena.clock.finish(task)
    await arena.mend(rule)
    nobody = replace(control, order=None, reference="NEVER-WAS-1")
    await arena.bring(arena.adversary.success(nobody, await arena.address(control)))
    await arena.pay(control)
    for one in early:
        await arena.bring_unless_taken(one)
    await arena.come_to_rest()
    for one in early:
        await is_paid_once(arena, "early news is not lost", replace(one, order=placed.order))
    await note_control(arena, control)


CASE = Case(
    "D04",
    "Notification earlier than the order",
    Severity.S1,
    does=(
        "the shopper has paid and the news is there before the answer to the create call; and news of an "
        "order that never was"
    ),
    right="not lost: refused so that it comes again, or applied later",
    source="statamic-cargo#190; woocommerce-paypal-payments#4489 (news 2.7 to 3.5 s early); cashier-mollie#117",
    judge=_judge,
)
