"""F01: create call: done, but the answer lost."""

from dataclasses import replace

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_settled, note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import CannotTell, Severity


async def _judge(arena: Arena) -> None:
    control = await arena.buy()
    await arena.break_({"reset_after_work": {}}, operation=arena.adversary.operations.create, first=1)
    placed, opened = await arena.try_to_buy()
    if not opened:
        raise CannotTell(f"the merchant opened nothing: {placed.words}"[:400])
    orphan = replace(opened[0], order=placed.order)
    if placed.was_refused and placed.order and Can.PAY_AGAIN in arena.merchant.can:
        await arena.try_to_pay_again(orphan)
    await arena.pay(orphan)
    await arena.pay(control)
    await arena.come_to_rest()
    await is_settled(arena, "the one whose answer was lost is settled too", orphan)
    await note_control(arena, control)


CASE = Case(
    "F01",
    "Create call: done, but the answer lost",
    Severity.S1,
    does=(
        "the gateway opens its order and the answer is lost; the shopper tries again where the shop lets him;"
        " the first one is paid"
    ),
    right="every gateway order is known and settled",
    source="Razorpay BP-07 and retries page",
    judge=_judge,
)
