"""A02: empty or default secret."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import claim, genuine_is_taken, stays_unpaid
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    arena.needs(Can.UNSECURED)
    await genuine_is_taken(arena)
    attacked = await arena.buy()
    url = await arena.address(attacked)
    ready = await arena.merchant.without_secret()
    claim(
        arena,
        "without a secret it is not ready",
        holds=not ready,
        expected="not ready",
        seen="ready" if ready else "not ready",
    )
    for secret in ("", "None", "null", "undefined", "changeme"):
        await arena.bring(arena.adversary.signed_with(secret, arena.adversary.success(attacked, url)))
    await arena.clock.quiesce()
    await stays_unpaid(arena, "news signed with a blank or usual secret changes nothing", attacked)


CASE = Case(
    "A02",
    "Empty or default secret",
    Severity.S0,
    does=(
        "the merchant is started with a blank gateway secret, then news comes that is signed with blank and "
        "with usual words"
    ),
    right="it refuses to start or says that it is not ready, and believes nothing",
    source="CVE-2026-103308, CVE-2026-103298, CVE-2026-103324",
    judge=_judge,
)
