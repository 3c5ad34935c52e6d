"""B07: paid but risky."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import has_not_ended, is_settled, note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    risky, control = await arena.buy(), await arena.buy()
    await arena.pay(risky, risk_level=1)
    await arena.pay(control)
    await stays_unpaid(arena, "risky money is not delivered for", risky)
    await has_not_ended(arena, "nor is the order given up", risky)
    await arena.simulators.post("/_control/gateway", {"action": "release_risk", "session": risky.session})
    await arena.come_to_rest()
    await is_settled(arena, "after the release no money is lost", risky)
    await note_control(arena, control)


CASE = Case(
    "B07",
    "Paid but risky",
    Severity.S2,
    does="the gateway took the money and marks it as risky; later it releases it",
    right="held: neither delivered nor failed nor given back; delivered after the release",
    source="SSLCommerz developer pages; its WooCommerce and WHMCS modules do otherwise",
    judge=_judge,
)
