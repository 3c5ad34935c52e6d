"""A08: trusted source address."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    attacked, control = await arena.buy(), await arena.buy()
    invented = arena.adversary.success(attacked, await arena.address(attacked))
    bare = arena.adversary.unproven(invented)
    # The gateway's published addresses, sandbox and live; fact sheet section 1 (B).
    for address in ("103.26.139.81", "103.26.139.87", "127.0.0.1"):
        named = {"X-Forwarded-For": address, "X-Real-IP": address, "Forwarded": f"for={address}"}
        await arena.bring(bare.with_headers(named))
    await arena.pay(control)
    await arena.come_to_rest()
    await stays_unpaid(arena, "a claimed address proves nothing", attacked)
    await note_control(arena, control)


CASE = Case(
    "A08",
    "Trusted source address",
    Severity.S0,
    does="unproven news whose headers claim that it comes from an address of the gateway",
    right="a header proves nothing",
    source="CVE-2026-0692",
    judge=_judge,
)
