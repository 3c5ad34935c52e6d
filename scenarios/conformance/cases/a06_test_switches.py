"""A06: bypass switches."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    attacked, control = await arena.buy(), await arena.buy()
    invented = arena.adversary.success(attacked, await arena.address(attacked))
    for switch in ("verification_override", "test_ipn", "sandbox", "debug", "test"):
        forged = arena.adversary.signed_with("guessed@ssl", invented.having(**{switch: "1"}))
        await arena.bring(forged)
    await arena.bring(arena.adversary.signed_with("guessed@ssl", invented).with_headers({"X-Test-Mode": "1"}))
    await arena.pay(control)
    await arena.come_to_rest()
    await stays_unpaid(arena, "switches change nothing", attacked)
    await note_control(arena, control)


CASE = Case(
    "A06",
    "Bypass switches",
    Severity.S0,
    does=(
        "forged news with switches that some code honours: verification_override, test_ipn, sandbox, debug, X-Test-Mode"
    ),
    right="the caller chooses no realm and switches nothing off",
    source="CVE-2025-11271, CVE-2014-10067, Paid Memberships Pro 5c19c9b",
    judge=_judge,
)
