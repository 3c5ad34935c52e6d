"""Money on its way back, as the gateway saw it asked for: probe P-OUT for refunds."""

from scenarios.conformance.adversary import Purchase, Refunding
from scenarios.conformance.arena import Arena
from scenarios.conformance.claims import claim, demand
from scenarios.conformance.model import Met
from scenarios.conformance.words import counted


async def refund_together(arena: Arena, purchase: Purchase, *, shares: list[int]) -> None:
    """Ask for several refunds at one instant, in tenths of what was paid, each under a key of its own."""
    order = purchase.order or purchase.reference
    tasks = [
        arena.clock.begin(
            arena.merchant.refund(order, purchase.amount_minor * share // 10, key=f"{purchase.reference}-{number}")
        )
        for number, share in enumerate(shares)
    ]
    for task in tasks:
        await arena.clock.finish(task)
    await arena.clock.quiesce()


async def refunds_asked(arena: Arena, purchase: Purchase) -> list[Refunding]:
    """Return every refund call for an order that reached the gateway."""
    payment = arena.adversary.payment_of(await arena.genuine(purchase))
    calls = await arena.journal(operation=arena.adversary.operations.refund)
    found = [arena.adversary.read_refund(one["request"]["url"], one["request"]["body"]) for one in calls]
    return [one for one in found if one is not None and one.payment == payment]


async def gives_back_at_most(arena: Arena, words: str, purchase: Purchase) -> None:
    """Claim that the distinct refunds asked of the gateway never exceed what was captured."""
    asked = {one.reference: one.amount_minor for one in await refunds_asked(arena, purchase)}
    total, whole = sum(asked.values()), purchase.amount_minor
    claim(
        arena,
        f"{words}: accepted and in flight never exceed what was paid",
        holds=total <= whole,
        expected=f"at most {whole} minor units asked back",
        seen=f"{total} in {counted(len(asked), 'refund')}",
    )


async def gives_back_once(arena: Arena, words: str, purchase: Purchase, *, amount_minor: int) -> None:
    """Claim that all calls for one refund carried one reference, and that the gateway gave it back once."""
    references = {one.reference for one in await refunds_asked(arena, purchase)}
    orders = (await arena.simulators.get("/_control/orders"))["orders"]
    back = sum(
        one.get("refunded_minor", 0) + one.get("refunds_pending_minor", 0)
        for one in orders
        if one["session"] == purchase.session
    )
    too_much = len(references) > 1 or back > amount_minor
    done = len(references) == 1 and back == amount_minor
    demand(
        arena,
        words,
        met=Met.DONE if done else Met.WRONG if too_much else Met.LACKING,
        expected=f"1 reference, {amount_minor} minor units given back",
        seen=f"{counted(len(references), 'reference')}, {back} given back",
    )
