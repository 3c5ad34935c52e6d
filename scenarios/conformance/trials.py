"""Races, tried several times: a race is reported as k of n trials, and 0 of n is not seen, never safe."""

from collections.abc import Awaitable, Callable

from scenarios.conformance.adversary import Purchase
from scenarios.conformance.arena import Arena
from scenarios.conformance.claims import Facts, demand, look
from scenarios.conformance.model import Met

COPIES = 8
# In step one seed gives one order of things, so trials repeat themselves; a foreign shop needs more to be caught.
_TRIALS_IN_STEP = 2
# Real seconds between the last bytes; catalogue, introduction to group E.
_STAGGERS = (0.0, 0.0, 0.001, 0.005, 0.05)


async def try_races(arena: Arena, words: str, race: Callable[[Purchase, float], Awaitable[None]]) -> None:
    """Pay afresh for each trial with the news kept back, run `race`, and count where it was not paid just once."""
    staggers = _STAGGERS[:_TRIALS_IN_STEP] if arena.clock.is_virtual else _STAGGERS
    tried: list[Purchase] = []
    for stagger in staggers:
        bought = await arena.buy()
        rule = await arena.keep_back_news(bought)
        await arena.pay(bought)
        await arena.mend(rule)
        await race(bought, stagger)
        tried.append(bought)
    await arena.come_to_rest()
    facts = [await look(arena, one) for one in tried]
    wrong = [one for one in facts if one.deliveries > 1 or one.captured_minor != _explained(one, tried[0])]
    seen = f"{len(wrong)} of {len(tried)} trials: {wrong[0].words}" if wrong else f"not seen in {len(tried)} trials"
    too_much = any(one.deliveries > 1 or one.captured_minor < _explained(one, tried[0]) for one in wrong)
    met = Met.DONE if not wrong else Met.WRONG if too_much else Met.LACKING
    demand(arena, words, met=met, expected="1 delivery in every trial", seen=seen)


def _explained(facts: Facts, bought: Purchase) -> int:
    return facts.deliveries * bought.amount_minor + facts.refunded_minor
