"""Asks the gateway by itself about what nobody has told: on a schedule, and before a shopper's cancelling counts."""

from typing import Final

from simulators.errors import NotPossible
from simulators.merchant.played.jobs import POLL
from simulators.merchant.played.lifecycle import OrderState, PaymentState
from simulators.merchant.played.model import ShopOrder, ShopPayment, Task
from simulators.merchant.played.seam import ENDED_UNPAID, Claim, Says, Truth, Unknown
from simulators.merchant.played.settling import fail, settle
from simulators.merchant.played.shop import PlayedShop

_CHANNEL: Final = "poll"


def owe(shop: PlayedShop, payment: ShopPayment, *, tries: int = 0) -> bool:
    """Owe the next look at a payment; say whether its schedule has one."""
    plan = [0.0, *shop.decisions.poll_seconds()]
    if tries + 1 >= len(plan):
        return False
    shop.owe_in(max(0.0, plan[tries + 1] - plan[tries]), POLL, subject=payment.reference, tries=tries)
    return True


async def poll(shop: PlayedShop, task: Task) -> None:
    """Look at one payment, and plan the next look while there is anything to learn."""
    payment = shop.rows.payments.get(task.subject)
    if payment is None or not shop.decisions.is_polled(payment):
        return
    heard = await look(shop, payment)
    if shop.decisions.is_polled(payment) and not owe(shop, payment, tries=task.tries + 1):
        _give_up(shop, payment, heard=heard)


async def look(shop: PlayedShop, payment: ShopPayment) -> bool:
    """Ask the gateway about a payment and take what it says; say whether it said anything."""
    order = shop.rows.order_of(payment)
    read = order.state
    try:
        found = await shop.floor.adapter.query(shop, shop.floor.keys, payment.reference)
    except Unknown as silence:
        order.tell(f"the gateway could not be asked about {payment.reference}: {silence}")
        return False
    if not shop.decisions.leaves_state_alone(order, read):
        shop.write(order, read, "as it was read before the poll")
    await _learn(shop, payment, found)
    return True


def _give_up(shop: PlayedShop, payment: ShopPayment, *, heard: bool) -> None:
    order = shop.rows.order_of(payment)
    if payment.state is PaymentState.HELD:
        shop.move(order, OrderState.NEEDS_REVIEW, "it was held for too long")
        shop.flag(order, "the gateway holds the payment as risky")
    elif not heard and order.state is OrderState.PENDING:
        shop.move(order, OrderState.NEEDS_REVIEW, "the gateway could not be asked for long")
        shop.flag(order, f"nobody knows what became of {payment.reference}")
    elif payment.state is PaymentState.OPEN:
        fail(shop, payment, Says.ABANDONED, why="nobody has paid it")


async def _learn(shop: PlayedShop, payment: ShopPayment, found: tuple[Truth, ...]) -> None:
    """Settle what is told as paid; a failure counts only when every session of the reference has failed."""
    for truth in found:
        if truth.says is Says.PAID:
            await settle(shop, _claim_of(payment, truth), channel=_CHANNEL)
    if found and all(truth.says in ENDED_UNPAID for truth in found):
        _fail(shop, payment, found[-1].says)


def _fail(shop: PlayedShop, payment: ShopPayment, says: Says) -> None:
    if payment.state is PaymentState.HELD:
        # The gateway has refused what it held, and has given the money back itself.
        payment.state, payment.paid = PaymentState.FAILED, None
        shop.move(shop.rows.order_of(payment), OrderState.FAILED, "the gateway refused the risky payment")
        return
    fail(shop, payment, says, why="the gateway says so when asked")


def _claim_of(payment: ShopPayment, truth: Truth) -> Claim:
    return Claim(
        payment.reference, Says.PAID, truth.settlement, gross=truth.gross, net=truth.net, is_risky=truth.is_risky
    )


async def cancel(shop: PlayedShop, order: ShopOrder) -> None:
    """Cancel an order that nobody has paid; the gateway is asked first. Raises `NotPossible`, `Unknown`."""
    if order.state is OrderState.CANCELLED:
        return
    if order.state is not OrderState.PENDING:
        raise NotPossible(f"the order is {order.state.value}, so it cannot be cancelled; refund it")
    read = order.state
    for payment in tuple(order.payments):
        found = await shop.floor.adapter.query(shop, shop.floor.keys, payment.reference)
        await _learn(shop, payment, tuple(one for one in found if one.says is Says.PAID))
    if shop.decisions.is_as_read(order, read):
        order.cancelled_by_shopper = True
        shop.write(order, OrderState.CANCELLED, "the shopper cancelled")
