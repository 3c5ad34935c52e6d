"""A12: validation channel hijacked."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import claim, note_control, stays_unpaid
from scenarios.conformance.model import Severity
from scenarios.conformance.words import counted


async def _judge(arena: Arena) -> None:

    attacked, control = await arena.buy(), await arena.buy()
    attacker = await arena.another_account()
    for forgery in arena.adversary.hijackers(attacked, await arena.address(attacked)):
        await arena.bring(forgery.message)
    trap = f"{arena.ground.urls['merchant']}/attacker/receive"
    operation = arena.adversary.operations.confirm
    await arena.break_({"redirect": {"to": trap, "code": 302}}, operation=operation, order=control.reference, first=1)
    await arena.pay(control)
    caught = (await attacker.simulators.get("/_control/receiver"))["received"]
    claim(
        arena,
        "no call follows a redirect away",
        holds=not caught,
        expected="0 calls there",
        seen=f"{counted(len(caught), 'call')} there",
    )
    bent = [
        words
        for one in await arena.journal(operation=operation)
        if (words := arena.adversary.is_confirming(one["request"]["url"]))
    ]
    claim(
        arena,
        "no id bends the call",
        holds=not bent,
        expected="one id, the merchant's own account",
        seen="; ".join(bent) or "so it was",
    )
    await arena.come_to_rest()
    await stays_unpaid(arena, "a strange id pays nothing", attacked)
    await note_control(arena, control)


CASE = Case(
    "A12",
    "Validation channel hijacked",
    Severity.S0,
    does=(
        "ids shaped as paths and queries in news; then a confirming call that is answered with a redirect to "
        "the attacker (certificates are not tried)"
    ),
    right="the call goes to the gateway alone, as the merchant alone; nothing is believed from elsewhere",
    source="CVE-2026-16947, CVE-2022-45835, CVE-2022-45362",
    judge=_judge,
)
