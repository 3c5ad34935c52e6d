"""F06: notification never comes."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_paid_once, note_control, stays_unpaid
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import CannotTell, Severity


async def _judge(arena: Arena) -> None:
    paid, declined, control = await arena.buy(), await arena.buy(), await arena.buy()
    for one in (paid, declined):
        await arena.keep_back_news(one)
    await arena.pay(paid)
    await arena.visit("decline", declined)
    await arena.pay(control)
    await arena.come_to_rest()
    if Can.RECONCILE in arena.merchant.can:
        await is_paid_once(arena, "found by asking", paid)
    else:
        arena.notes.append("whether it asks by itself was not seen: its clock is real, and no reconcile route is given")
        raise CannotTell("the harness cannot wait as long as this merchant may take to ask by itself")
    await stays_unpaid(arena, "a declined payment stays so", declined)
    await note_control(arena, control)


CASE = Case(
    "F06",
    "Notification never comes",
    Severity.S1,
    does="every notification is swallowed, of a payment that was captured and of one that was declined",
    right="asking finds the one, in a stated time; the other never becomes paid",
    source="Razorpay (reconcile after 15 min), CVE-2024-41670",
    judge=_judge,
)
