"""Brings what was paid for: one key for an order, tried again on a schedule that ends with a person."""

from contracts.binding import Answer
from simulators.merchant.played import refunding
from simulators.merchant.played.jobs import DELIVER
from simulators.merchant.played.lifecycle import OrderState
from simulators.merchant.played.model import Cause, ShopOrder, Task
from simulators.merchant.played.seam import Unknown
from simulators.merchant.played.shop import PlayedShop


def owe(shop: PlayedShop, order: ShopOrder) -> None:
    """Owe the delivery of an order, at once."""
    shop.owe_in(0, DELIVER, subject=order.id, key=shop.decisions.delivery_key(order))


async def deliver(shop: PlayedShop, task: Task) -> None:
    """Call the delivery system once, and plan what follows from its answer."""
    order, decisions = shop.rows.orders[task.subject], shop.decisions
    if not decisions.wants_delivery(order):
        order.tell("is not to be delivered any more")
        return
    order.delivering = True
    order.delivery_tries += 1
    key = decisions.key_of_try(task.key, task.tries)
    try:
        answer = await shop.provision(order.id, key, body=_render(order, key))
        is_done, why = answer.status == 200, f"the delivery system answered {answer.status}"
    except Unknown as lost:
        is_done, why = False, str(lost)
    order.delivering = False
    if is_done:
        order.delivered = True
        shop.move(order, OrderState.DELIVERED, "delivered")
        return
    order.tell(f"not delivered yet: {why}")
    _follow_failure(shop, order, task)


def _follow_failure(shop: PlayedShop, order: ShopOrder, task: Task) -> None:
    decisions, kept = shop.decisions, order.kept
    if decisions.refunds_failed_delivery() and task.tries == 0 and kept is not None:
        refunding.give_back(shop, kept, cause=Cause.NOT_DELIVERED)
    if decisions.delivers_again() and not shop.owe_next(shop.floor.settings.delivery_seconds, task):
        shop.move(order, OrderState.NEEDS_REVIEW, "it could not be delivered for long")
        shop.flag(order, "it was paid and could not be delivered")


def _render(order: ShopOrder, key: str) -> bytes:
    told = {
        "key": key,
        "order": order.id,
        "amount": str(order.price),
        "currency": order.price.currency,
        "customer": dict(order.shopper),
        "items": [{"name": order.item, "quantity": order.quantity}],
    }
    return Answer.json(200, told).body
