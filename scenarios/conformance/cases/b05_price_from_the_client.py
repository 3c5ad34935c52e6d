"""B05: price not fixed on the server."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import claim, note_control
from scenarios.conformance.merchant import Can, Wanted
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    arena.needs(Can.NAME_A_PRICE)
    control = await arena.buy()
    _, opened = await arena.try_to_buy(Wanted(price="10.00"))
    asked = [one.amount_minor for one in opened]
    seen = ", ".join(f"{one // 100}.{one % 100:02}" for one in asked) or "nothing, the order was refused"
    whole = control.amount_minor
    fair = all(one == whole for one in asked)
    claim(
        arena,
        "the gateway is asked for the price of the catalogue",
        holds=fair,
        expected=f"{whole // 100}.{whole % 100:02}",
        seen=seen,
    )
    await arena.pay(control)
    await arena.come_to_rest()
    await note_control(arena, control)


CASE = Case(
    "B05",
    "Price not fixed on the server",
    Severity.S0,
    does="a shopper places the order with a price of 1",
    right="the sum is computed on the server, or the order is refused",
    source="CVE-2026-4987, GHSA-hxg4-65p5-9w37, CVE-2023-23941",
    judge=_judge,
)
