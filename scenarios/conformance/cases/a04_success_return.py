"""A04: trusting the success return."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import claim, look, note_control, stays_unpaid
from scenarios.conformance.model import Severity
from scenarios.conformance.visits import come_back_by_get


async def _judge(arena: Arena) -> None:

    attacked, control = await arena.buy(), await arena.buy()
    urls = await arena.opened(attacked)
    invented = arena.adversary.success(attacked, urls.success)
    await arena.bring(invented)
    await arena.bring(arena.adversary.signed_with("guessed@ssl", invented))
    await come_back_by_get(arena, invented)
    await stays_unpaid(arena, "an invented return changes nothing", attacked)
    rule = await arena.keep_back_news(control)
    await arena.pay(control, comes_back=True)
    early = await look(arena, control)
    claim(
        arena,
        "the return delivers at most once",
        holds=early.deliveries <= 1,
        expected="at most 1 delivery",
        seen=early.words,
    )
    await arena.mend(rule)
    await arena.bring(await arena.genuine(control))
    await arena.come_to_rest()
    await stays_unpaid(arena, "an invented return changes nothing, later either", attacked)
    await note_control(arena, control)


CASE = Case(
    "A04",
    "Trusting the success return",
    Severity.S0,
    does=(
        "a browser comes back to the success address by GET and POST with invented fields and nothing paid; "
        "then a payment whose return comes before its notification"
    ),
    right="the return writes nothing; the notification then settles",
    source="CVE-2025-12883, CVE-2026-87843; SSLCommerz' own Laravel sample",
    judge=_judge,
)
