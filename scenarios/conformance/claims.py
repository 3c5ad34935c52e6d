"""What cases claim of an order, judged by state and effects and never by status codes; catalogue, section 0."""

from dataclasses import dataclass

from scenarios.calls import CallLost
from scenarios.conformance.adversary import Purchase
from scenarios.conformance.arena import Arena
from scenarios.conformance.merchant import Can, Seen, Standing
from scenarios.conformance.model import Claim, Met
from scenarios.conformance.words import counted

ENDED = frozenset({Standing.FAILED, Standing.CANCELLED, Standing.REFUNDED})


@dataclass(frozen=True, slots=True)
class Facts:
    """All that can be seen of one order: the merchant's word, deliveries done, keys used, the gateway's money.

    `deliveries` counts effects where the harness owns the sink; else it is the merchant's word, 0 or 1.
    """

    seen: Seen
    deliveries: int
    keys: int
    captured_minor: int
    refunded_minor: int
    is_counted: bool

    @property
    def words(self) -> str:
        """Tell it on one line."""
        told = [
            f"{self.seen.standing.value}",
            counted(self.deliveries, "delivery", many="deliveries"),
            f"captured {_major(self.captured_minor)}",
        ]
        told += [f"refunded {_major(self.refunded_minor)}"] if self.refunded_minor else []
        told += [f"{self.keys} provisioning keys"] if self.keys > 1 else []
        told += [self.seen.words] if self.seen.words else []
        return ", ".join(told)


async def look(arena: Arena, *purchases: Purchase) -> Facts:
    """Look at one order, of which there may be several gateway orders."""
    first = purchases[0]
    names = frozenset(name for one in purchases for name in one.names)
    sessions = {one.session for one in purchases}
    try:
        seen = await arena.call(arena.merchant.look(first.order or first.reference))
    except CallLost as lost:
        seen = Seen(Standing.UNKNOWN, words=str(lost))
    orders = (await arena.simulators.get("/_control/orders"))["orders"]
    mine = [one for one in orders if one["session"] in sessions]
    captured = sum(one["captured_minor"] for one in mine)
    returned = sum(one.get("refunded_minor", 0) + one.get("refunds_pending_minor", 0) for one in mine)
    done, keys = await _delivered(arena, names, seen)
    counted = Can.COUNT_DELIVERIES in arena.merchant.can
    return Facts(seen, done, keys, captured, max(returned, seen.refunded_minor or 0), counted)


async def _delivered(arena: Arena, names: frozenset[str], seen: Seen) -> tuple[int, int]:
    if Can.COUNT_DELIVERIES not in arena.merchant.can:
        return int(bool(seen.delivered)), 0
    effects = (await arena.simulators.get("/_control/effects"))["effects"]
    mine = [one for one in effects if one["order"] in names]
    return sum(int(one.get("done", 1)) for one in mine), len(mine)


def claim(arena: Arena, words: str, *, holds: bool, expected: str, seen: str) -> None:
    """Note that something is so, or that something forbidden is not."""
    arena.claims.append(Claim(words, expected, seen, holds, arena.clock.now))


def demand(arena: Arena, words: str, *, met: Met, expected: str, seen: str) -> None:
    """Note that something which was due came about, is lacking, or is wrong."""
    lacking = met is Met.LACKING
    arena.claims.append(Claim(words, expected, seen, met is Met.DONE, arena.clock.now, is_lacking=lacking))


async def stays_unpaid(arena: Arena, words: str, *purchases: Purchase) -> None:
    """Claim that nothing was delivered and that the order does not stand as paid."""
    facts = await look(arena, *purchases)
    holds = facts.deliveries == 0 and facts.seen.standing is not Standing.PAID
    claim(arena, words, holds=holds, expected="not paid, 0 deliveries", seen=facts.words)


async def is_paid_once(arena: Arena, words: str, *purchases: Purchase) -> None:
    """Claim that the order is paid and delivered, once."""
    facts = await look(arena, *purchases)
    met = Met.DONE if _is_paid_once(facts) else _unmet(facts, wrong=facts.deliveries > 1)
    demand(arena, words, met=met, expected="paid, 1 delivery", seen=facts.words)


async def is_settled(arena: Arena, words: str, *purchases: Purchase) -> None:
    """Claim that no money is lost: what was captured was delivered for, went back, or waits for a person."""
    facts = await look(arena, *purchases)
    worth = purchases[0].amount_minor * facts.deliveries
    explained = facts.captured_minor == worth + facts.refunded_minor and facts.deliveries <= 1
    flagged = facts.seen.standing is Standing.REVIEW and facts.deliveries <= 1
    # An order that was delivered and stands as cancelled, or the other way round, misleads whoever reads it.
    nameless = purchases[0].order is None and facts.seen.standing is Standing.UNKNOWN
    agrees = nameless or (facts.deliveries == 1) == (facts.seen.standing is Standing.PAID)
    expected = "captured = delivered + refunded and the state says so, or a person is asked; at most 1 delivery"
    too_much = facts.deliveries > 1 or worth + facts.refunded_minor > facts.captured_minor
    met = Met.DONE if (explained and agrees) or flagged else _unmet(facts, wrong=too_much)
    demand(arena, words, met=met, expected=expected, seen=facts.words)


async def has_not_ended(arena: Arena, words: str, purchase: Purchase) -> None:
    """Claim that the order has not been given up."""
    facts = await look(arena, purchase)
    expected = "not failed, not cancelled, not refunded"
    claim(arena, words, holds=facts.seen.standing not in ENDED, expected=expected, seen=facts.words)


async def genuine_is_taken(arena: Arena, purchase: Purchase | None = None) -> None:
    """The control: the same thing unharmed succeeds in the same run. Without it no case passes."""
    bought = purchase or await arena.buy()
    await arena.pay(bought, comes_back=True)
    await arena.come_to_rest()
    await note_control(arena, bought)


async def note_control(arena: Arena, *purchases: Purchase) -> None:
    """Note whether an order that nobody harmed is paid and delivered once."""
    facts = await look(arena, *purchases)
    arena.controls |= {one.reference for one in purchases}
    arena.claims.append(
        Claim(
            "control: a genuine payment is taken",
            "paid, 1 delivery",
            facts.words,
            _is_paid_once(facts),
            arena.clock.now,
            is_control=True,
        )
    )


def _is_paid_once(facts: Facts) -> bool:
    delivered = facts.deliveries == 1 or (not facts.is_counted and facts.seen.delivered is None)
    return delivered and facts.seen.standing is Standing.PAID


def _unmet(facts: Facts, *, wrong: bool) -> Met:
    return Met.WRONG if wrong else Met.LACKING


def _major(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
