"""F05: refund call: done, but the answer lost."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Severity
from scenarios.conformance.returns import gives_back_once


async def _judge(arena: Arena) -> None:
    arena.needs(Can.REFUND)
    bought, control = await arena.buy(), await arena.buy()
    await arena.pay(bought)
    await arena.pay(control)
    await arena.clock.quiesce()
    # Refunds go by the polling script at some gateways: the first two lost answers hit the refund whichever it is.
    await arena.break_(
        {"reset_after_work": {}}, operation=arena.adversary.operations.refund, order=bought.reference, first=1
    )
    half = bought.amount_minor // 2
    await arena.call(arena.merchant.refund(bought.order or bought.reference, half, key="answer-lost"))
    await arena.come_to_rest()
    await gives_back_once(arena, "one refund, however often it was asked for", bought, amount_minor=half)
    await note_control(arena, control)


CASE = Case(
    "F05",
    "Refund call: done, but the answer lost",
    Severity.S1,
    does="the gateway books the refund and its answer is lost",
    right="the same reference on a retry; one refund",
    source="Razorpay retries page",
    judge=_judge,
)
