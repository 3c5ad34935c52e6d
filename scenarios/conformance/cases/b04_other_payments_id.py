"""B04: another transaction's id: swap and reuse."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control, stays_unpaid
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    paid, first, second = await arena.buy(), await arena.buy(), await arena.buy()
    control = await arena.buy()
    await arena.keep_back_news(paid)
    await arena.pay(paid)
    genuine = await arena.genuine(paid)
    await arena.bring(arena.adversary.about(first, genuine))
    await arena.bring(genuine)
    await arena.bring(arena.adversary.about(second, genuine))
    await arena.bring(genuine)
    await arena.pay(control)
    await arena.come_to_rest()
    await stays_unpaid(arena, "another order's payment settles nothing", first)
    await stays_unpaid(arena, "nor does one that is used up", second)
    await is_paid_once(arena, "the payment settles its own order, once", paid)
    await note_control(arena, control)


CASE = Case(
    "B04",
    "Another transaction's id: swap and reuse",
    Severity.S0,
    does="an order of the same sum is claimed with the id of another one's payment, before and after that one is done",
    right="one payment settles one order, ever",
    source="CVE-2026-3124, CVE-2026-2890, CVE-2026-80342, WooCommerce plugin 6.2.0",
    judge=_judge,
)
