"""A13: a genuine notification is refused or ignored."""

from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import demand, is_paid_once, note_control
from scenarios.conformance.model import Met, Severity


async def _judge(arena: Arena) -> None:

    bought = await arena.buy()
    async with arena.nobody_to_poll():
        await arena.pay(bought)
        await is_paid_once(arena, "the notification alone settles the order", bought)
    sent = await arena.journal(operation=arena.adversary.operations.event, order=bought.reference)
    statuses = [one["answer"]["status"] for one in sent if one["answer"]]
    met = Met.DONE if any(one < 300 for one in statuses) else Met.LACKING
    demand(arena, "it is answered with 2xx", met=met, expected="2xx", seen=str(statuses))
    control = await arena.buy()
    await arena.pay(control, comes_back=True)
    await arena.come_to_rest()
    arena.notes.append("this case is the control of all others: a finding of its own")
    await note_control(arena, control)


CASE = Case(
    "A13",
    "A genuine notification is refused or ignored",
    Severity.S1,
    does="nothing wrong: the gateway's own message, while asking the gateway instead is kept from working",
    right="taken: one effect",
    source="thirteen of eighteen public integrations read for this catalogue",
    judge=_judge,
)
