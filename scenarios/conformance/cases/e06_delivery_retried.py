"""E06: retry against late success in provisioning."""

from scenarios.conformance.arena import SINK, Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import demand, is_paid_once, look, note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Met, Severity


async def _judge(arena: Arena) -> None:
    arena.needs(Can.COUNT_DELIVERIES)
    bought = await arena.buy()
    await arena.break_({"delay": {"by_seconds": 60}}, gateway=SINK, operation="provision", first=1)
    await arena.pay(bought)
    control = await arena.buy()
    await arena.pay(control)
    await arena.come_to_rest()
    facts = await look(arena, bought)
    met = (Met.LACKING, Met.DONE)[facts.keys] if facts.keys < 2 else Met.WRONG
    demand(arena, "every try has the same key", met=met, expected="1 provisioning key", seen=facts.words)
    await is_paid_once(arena, "a late answer delivers once", bought)
    await note_control(arena, control)


CASE = Case(
    "E06",
    "Retry against late success in provisioning",
    Severity.S1,
    does="the delivery system does the work and answers a minute later, after the merchant has given up waiting",
    right="one key on every try; one effect",
    source="Brandur Leach on foreign state; the customer's own design",
    judge=_judge,
)
