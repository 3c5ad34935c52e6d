"""A05: unauthenticated fail or cancel return ends the order."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import has_not_ended, is_paid_once, note_control
from scenarios.conformance.model import Severity


async def _judge(arena: Arena) -> None:

    attacked, control = await arena.buy(), await arena.buy()
    urls = await arena.opened(attacked)
    for message in (
        arena.adversary.unproven(arena.adversary.failure(attacked, urls.fail)),
        arena.adversary.unproven(arena.adversary.cancellation(attacked, urls.cancel)),
    ):
        await arena.bring(message)
    await has_not_ended(arena, "a stranger's return ends nothing", attacked)
    await arena.pay(attacked)
    await arena.pay(control)
    await arena.come_to_rest()
    await is_paid_once(arena, "the payment that followed is taken", attacked)
    await note_control(arena, control)


CASE = Case(
    "A05",
    "Unauthenticated fail or cancel return ends the order",
    Severity.S1,
    does="while the shopper pays, anybody posts to the fail and the cancel address; then the genuine success",
    right="the order stays open, and is paid",
    source="SSLCommerz Laravel sample: fail() and cancel() flip an order unchecked; CVE-2026-91076, CVE-2026-92429",
    judge=_judge,
)
