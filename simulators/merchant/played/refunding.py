"""Gives money back: never more than came, each refund under one reference however often it is asked for."""

from simulators.errors import NotPossible
from simulators.merchant.played.jobs import FOLLOW_REFUND, SEND_REFUND
from simulators.merchant.played.lifecycle import OrderState, PaymentState, RefundState
from simulators.merchant.played.model import REFUNDS_OF_AN_ORDER_MAX, Cause, ShopOrder, ShopPayment, ShopRefund, Task
from simulators.merchant.played.seam import RefundAnswer, RefundWanted, RefundWord, Unknown
from simulators.merchant.played.shop import PlayedShop
from simulators.money import Money


def ask_for(shop: PlayedShop, order: ShopOrder, *, amount: Money, key: str) -> ShopRefund:
    """Take on a refund that the merchant's people ask for. Raises `NotPossible`."""
    known = next((one for one in order.refunds if key and one.key == key), None)
    if known is not None:
        if known.amount_minor != amount.amount_minor:
            raise NotPossible(f"the key {key!r} names a refund of another amount")
        return known
    payment = order.kept or next((one for one in order.payments if one.state is PaymentState.HELD), None)
    if payment is None or payment.paid is None:
        raise NotPossible(f"the order is {order.state.value} and nothing of it was paid")
    left = shop.decisions.refundable_minor(order, payment)
    if not 0 < amount.amount_minor <= left:
        raise NotPossible(f"{Money(max(left, 0), amount.currency)} {amount.currency} can be refunded at most")
    in_full = amount.amount_minor == left
    if not shop.decisions.may_refund(order, in_full=in_full):
        raise NotPossible(f"the order is {order.state.value}, and what is being delivered is not refunded in full")
    if len(order.refunds) >= REFUNDS_OF_AN_ORDER_MAX:
        raise NotPossible(f"an order has at most {REFUNDS_OF_AN_ORDER_MAX} refunds")
    if in_full:
        shop.move(order, OrderState.REFUNDED, "all of it goes back")
    return _begin(shop, payment, amount_minor=amount.amount_minor, cause=Cause.ASKED, key=key)


def give_back(shop: PlayedShop, payment: ShopPayment, *, cause: Cause) -> None:
    """Give back all that is left of a payment."""
    left = shop.decisions.refundable_minor(shop.rows.order_of(payment), payment)
    if left > 0:
        _begin(shop, payment, amount_minor=left, cause=cause)


def _begin(shop: PlayedShop, payment: ShopPayment, *, amount_minor: int, cause: Cause, key: str = "") -> ShopRefund:
    order = shop.rows.order_of(payment)
    reference = f"R{shop.floor.draw('refund')}"
    sent = _as_settled(order, payment, amount_minor)
    refund = ShopRefund(reference, payment, amount_minor, sent, reference, cause, key)
    order.refunds.append(refund)
    shop.rows.refunds[refund.id] = refund
    order.tell(f"{refund.id}: {Money(amount_minor, order.price.currency)} goes back ({cause.value})")
    shop.owe_in(0, SEND_REFUND, subject=refund.id)
    return refund


def _as_settled(order: ShopOrder, payment: ShopPayment, amount_minor: int) -> Money:
    """Return a part of a payment in the gateway's currency; the parts of a payment add up to the whole of it."""
    paid, settled = payment.paid, payment.settled
    if paid is None or settled is None or paid.currency == settled.currency:
        return Money(amount_minor, order.price.currency)
    earlier = sum(one.amount_minor for one in order.refunds if one.payment is payment)
    before, after = (settled.scaled(part, paid.amount_minor) for part in (earlier, earlier + amount_minor))
    return Money(after.amount_minor - before.amount_minor, settled.currency)


async def send(shop: PlayedShop, task: Task) -> None:
    """Ask the gateway for a refund; without an answer ask the same again, by the same reference."""
    refund = shop.rows.refunds[task.subject]
    order = shop.rows.order_of(refund.payment)
    reference, refund.tries = shop.decisions.refund_reference(refund), refund.tries + 1
    wanted = RefundWanted(reference, refund.payment.bank_reference, refund.sent, f"order {order.id}")
    try:
        answer = await shop.floor.adapter.refund(shop, shop.floor.keys, wanted)
    except Unknown as silence:
        order.tell(f"{refund.id}: no answer ({silence})")
        if not shop.owe_next(shop.floor.settings.refund_seconds, task):
            shop.flag(order, f"nobody knows what became of the refund {refund.id}")
        return
    _learn(shop, refund, answer)
    if refund.state is RefundState.ACCEPTED:
        shop.owe_next(shop.floor.settings.refund_seconds, Task(FOLLOW_REFUND, refund.id, shop.floor.now()))


async def follow(shop: PlayedShop, task: Task) -> None:
    """Ask what became of a refund that the gateway has taken on."""
    refund = shop.rows.refunds[task.subject]
    if refund.state is not RefundState.ACCEPTED:
        return
    try:
        answer = await shop.floor.adapter.query_refund(shop, shop.floor.keys, refund.gateway_reference)
    except Unknown:
        answer = RefundAnswer(RefundWord.ACCEPTED, refund.gateway_reference)
    _learn(shop, refund, answer)
    if refund.state is RefundState.ACCEPTED and not shop.owe_next(shop.floor.settings.refund_seconds, task):
        shop.flag(shop.rows.order_of(refund.payment), f"the refund {refund.id} takes too long")


def _learn(shop: PlayedShop, refund: ShopRefund, answer: RefundAnswer) -> None:
    order = shop.rows.order_of(refund.payment)
    refund.gateway_reference = answer.gateway_reference or refund.gateway_reference
    after = {
        RefundWord.ACCEPTED: RefundState.ACCEPTED,
        RefundWord.DONE: RefundState.DONE,
        RefundWord.REFUSED: RefundState.FAILED,
    }[answer.word]
    if after is not refund.state:
        order.tell(f"{refund.id}: {after.value} {answer.reason}".rstrip())
    refund.state = after
    if after is RefundState.FAILED:
        shop.flag(order, f"the gateway refused the refund {refund.id}")
