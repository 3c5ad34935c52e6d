"""E02: contradictory news at once."""

from scenarios.conformance.adversary import Purchase
from scenarios.conformance.arena import Arena
from scenarios.conformance.case import Case
from scenarios.conformance.claims import is_settled, note_control
from scenarios.conformance.merchant import Can
from scenarios.conformance.model import Severity
from scenarios.conformance.trials import try_races


async def _judge(arena: Arena) -> None:
    async def contradict(bought: Purchase, stagger: float) -> None:
        genuine = await arena.genuine(bought)
        await arena.race([genuine, arena.adversary.failure(bought, genuine.url)], stagger=stagger)

    await try_races(arena, "success wins over a failure at the same instant", contradict)
    control = await arena.buy()
    await arena.pay(control)
    if Can.CANCEL in arena.merchant.can:
        bought = await arena.buy()
        await arena.break_({"delay": {"by_seconds": 3}}, operation=arena.adversary.operations.poll)
        task = arena.clock.begin(arena.merchant.cancel(bought.order or bought.reference))
        await arena.clock.quiesce()
        await arena.pay(bought)
        await arena.clock.finish(task)
        await arena.come_to_rest()
        await is_settled(arena, "a cancel that was asked before and written after loses no money", bought)
    await arena.come_to_rest()
    await note_control(arena, control)


CASE = Case(
    "E02",
    "Contradictory news at once",
    Severity.S1,
    does=(
        "success and failure at one instant; then a cancel at the shop whose question to the gateway is still"
        " open while the success comes in"
    ),
    right="the end is the gateway's truth; no stale write wins",
    source="statamic-cargo PR 195 (a stale save overwrote the webhook's state), ACIDRain",
    judge=_judge,
)
