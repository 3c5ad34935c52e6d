"""`look`, `pay`, `decline`, `cancel`, `leave`: the shopper at the checkout page, and the browser's way back."""

from scenarios.model import ShopperVisit
from scenarios.story import Story


async def visit(story: Story, wanted: ShopperVisit, *, line: int) -> None:
    """Act as the shopper; then, unless `returns` is off, post the form that the checkout page gave the browser."""
    del line
    given = {
        "method": wanted.method,
        "reason": wanted.reason,
        "amount": wanted.amount,
        "currency": wanted.currency,
        "risk_level": wanted.risk_level,
    }
    order = story.order(wanted.order)
    action = {"action": wanted.action.value, **story.gateway_order(order)}
    action |= {name: value for name, value in given.items() if value is not None}
    outcome = await story.world.simulators.post("/_control/shopper", action)
    await story.world.conductor.quiesce()
    back = outcome["return"]
    if back is not None:
        story.shown[order.name] = back["fields"]
    if back is None or not wanted.returns:
        return
    calls = story.world.calls
    await story.call(
        calls.post_form(back["url"], back["fields"]) if back["method"] == "POST" else calls.get(back["url"])
    )
