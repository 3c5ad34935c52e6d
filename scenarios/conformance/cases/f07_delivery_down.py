"""F07: provisioning target down, slow, or 500 after success."""

from datetime import timedelta

from scenarios.conformance.arena import SINK, Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import has_not_ended, is_paid_once, is_settled, note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:
    arena.needs(Can.COUNT_DELIVERIES)
    lost, down = await arena.buy(), await arena.buy()
    await arena.break_({"reset_after_work": {}}, gateway=SINK, operation="provision", first=1)
    await arena.pay(lost)
    await arena.break_({"reset_before_work": {}}, gateway=SINK, operation="provision")
    await arena.pay(down)
    await arena.clock.advance(timedelta(minutes=30))
    await has_not_ended(arena, "a delivery that is down ends nothing", down)
    control = await arena.buy()
    await arena.heal()
    await arena.pay(control)
    await arena.come_to_rest()
    await is_settled(arena, "delivered or given back when healed", down)
    await is_paid_once(arena, "a lost answer delivers once", lost)
    await note_control(arena, control)


CASE = Case(
    "F07",
    "Provisioning target down, slow, or 500 after success",
    Severity.S1,
    does="the delivery system is down for half an hour; for another order it does the work and its answer is lost",
    right="tried again with the same key, then done, once",
    source="the customer's own design; Yuan et al. 2014",
    judge=_judge,
)
