"""B03: currency swapped."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control, stays_unpaid
from scenarios.conformance.merchant import Can, Wanted
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    control = await arena.buy()
    if Can.OTHER_CURRENCIES in arena.merchant.can:
        attacked, paid = await arena.buy(Wanted(amount_minor=10_000, currency="USD")), "BDT"
    else:
        attacked, paid = await arena.buy(), "INR"
    whole = attacked.amount_minor
    await arena.pay(attacked, amount=f"{whole // 100}.{whole % 100:02}", currency=paid)
    await arena.pay(control)
    await arena.come_to_rest()
    await stays_unpaid(arena, f"the number in {paid} pays nothing", attacked)
    await note_control(arena, control)


CASE = Case(
    "B03",
    "Currency swapped",
    Severity.S0,
    does="the number is right and the currency is not",
    right="amount and currency match as a pair",
    source="GHSA-wm63-7627-ch33, Sun et al. 2014",
    judge=_judge,
)
