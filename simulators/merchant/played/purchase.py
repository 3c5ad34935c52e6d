"""An order and the sessions that it is paid in."""

from dataclasses import dataclass, field
from typing import Final

from simulators.errors import NoSuchThing, NotPossible
from simulators.merchant.played import polling
from simulators.merchant.played.catalogue import ITEMS, make_up_shopper
from simulators.merchant.played.decisions import LostSession
from simulators.merchant.played.jobs import POLL
from simulators.merchant.played.lifecycle import OrderState, PaymentState
from simulators.merchant.played.model import PAYMENTS_OF_AN_ORDER_MAX, ShopOrder, ShopPayment
from simulators.merchant.played.seam import OpenedSession, Refused, Says, SessionWanted, Unknown
from simulators.merchant.played.settling import fail
from simulators.merchant.played.shop import PlayedShop
from simulators.money import Money

_PAYABLE: Final = frozenset({OrderState.PENDING, OrderState.FAILED, OrderState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client asks to buy; `asked` is the price that it would like."""

    item: str = "licence"
    quantity: int = 1
    asked: Money | None = None
    note: str = ""
    shopper: dict[str, str] = field(default_factory=dict[str, str])


class NoSession(Exception):
    """The order is there and cannot be paid yet: the gateway refused, or its answer was lost."""

    def __init__(self, order: ShopOrder, reason: str) -> None:
        super().__init__(reason)
        self.order = order


async def place(shop: PlayedShop, wanted: Wanted) -> ShopPayment:
    """Write an order down and open a session for it. Raises `NoSuchThing`, `NotPossible`, `NoSession`."""
    if not shop.decisions.is_ready():
        raise NotPossible("the shop does not have its gateway's secret, so it takes no orders")
    item = ITEMS.get(wanted.item)
    if item is None:
        raise NoSuchThing(f"the shop does not sell {wanted.item!r}; it has {', '.join(ITEMS)}")
    floor = shop.floor
    order = ShopOrder(
        id=f"S{floor.draw('order')}",
        item=item.name,
        quantity=wanted.quantity,
        price=shop.decisions.price(item.price, wanted.quantity, wanted.asked),
        note=wanted.note,
        shopper=make_up_shopper(floor) | wanted.shopper,
        at=floor.now(),
        delivery_key=f"K{floor.draw('delivery key')}",
    )
    shop.rows.add_order(order)
    return await _open(shop, order, ShopPayment(f"{order.id}-1", order.id))


async def pay_again(shop: PlayedShop, order: ShopOrder) -> ShopPayment:
    """Open one more session. Raises `NotPossible` for an order that waits for no money, `NoSession`."""
    if order.state not in _PAYABLE:
        raise NotPossible(f"the order is {order.state.value}: there is nothing to pay")
    if len(order.payments) >= PAYMENTS_OF_AN_ORDER_MAX:
        raise NotPossible(f"an order has at most {PAYMENTS_OF_AN_ORDER_MAX} payments")
    lost = next((one for one in order.payments if one.state is PaymentState.OPEN and not one.session), None)
    payment = lost or ShopPayment(f"{order.id}-{len(order.payments) + 1}", order.id)
    return await _open(shop, order, payment)


async def _open(shop: PlayedShop, order: ShopOrder, payment: ShopPayment) -> ShopPayment:
    is_first_time = payment not in order.payments
    if is_first_time and shop.decisions.stores_before_asking():
        _store(shop, payment)
    try:
        opened = await _ask(shop, order, payment)
    except Unknown as lost:
        return await _bear_loss(shop, order, payment, reason=str(lost))
    except Refused as refused:
        if payment in order.payments:
            fail(shop, payment, Says.FAILED, why=f"the gateway opened no session: {refused}")
        raise NoSession(order, f"the gateway opened no session: {refused}") from refused
    payment.session, payment.checkout_url = opened.session, opened.checkout_url
    if payment not in order.payments:
        _store(shop, payment)
    return payment


def _store(shop: PlayedShop, payment: ShopPayment) -> None:
    shop.rows.add_payment(payment)
    polling.owe(shop, payment)


async def _bear_loss(shop: PlayedShop, order: ShopOrder, payment: ShopPayment, *, reason: str) -> ShopPayment:
    if shop.decisions.on_lost_session() is LostSession.KEEP or payment not in order.payments:
        order.tell(f"the answer about {payment.reference} was lost: {reason}")
        raise NoSession(order, f"the gateway's answer was lost ({reason}); the order is kept and looked after")
    shop.rows.forget_payment(payment)
    shop.let_off(POLL, payment.reference)
    another = ShopPayment(f"{order.id}-{shop.floor.draw('reference', length=6)}", order.id)
    _store(shop, another)
    try:
        opened = await _ask(shop, order, another)
    except (Unknown, Refused) as again:
        raise NoSession(order, f"the gateway opened no session: {again}") from again
    another.session, another.checkout_url = opened.session, opened.checkout_url
    return another


async def _ask(shop: PlayedShop, order: ShopOrder, payment: ShopPayment) -> OpenedSession:
    base = f"{shop.floor.own_address}/shop"
    wanted = SessionWanted(
        reference=payment.reference,
        price=order.price,
        title=order.item,
        quantity=order.quantity,
        order=order.id,
        note=order.note,
        shopper=order.shopper,
        notify_url=f"{base}/ipn",
        return_url=f"{base}/return",
    )
    return await shop.floor.adapter.open_session(shop, shop.floor.keys, wanted)
