"""Orders, payments and refunds in the words of `contracts/merchant.yaml`."""

from simulators.journal import render_instant
from simulators.merchant.played.lifecycle import RefundState
from simulators.merchant.played.model import ShopOrder, ShopPayment, ShopRefund
from simulators.money import Money


def render_order(order: ShopOrder) -> dict[str, object]:
    """Word an order."""
    currency = order.price.currency
    accepted = {RefundState.ACCEPTED, RefundState.DONE}
    refunded = sum(one.amount_minor for one in order.refunds if one.state in accepted)
    return {
        "order": order.id,
        "state": order.state.value,
        "amount": str(order.price),
        "currency": currency,
        "paid": str(Money(order.paid_minor, currency)),
        "refunded": str(Money(refunded, currency)),
        "delivered": order.delivered,
        "flagged": order.flagged,
        "item": order.item,
        "quantity": order.quantity,
        "at": render_instant(order.at),
        "payments": [_render_payment(one, currency) for one in order.payments],
        "refunds": [render_refund(one, currency) for one in order.refunds],
        "history": order.history,
    }


def _render_payment(payment: ShopPayment, currency: str) -> dict[str, object]:
    return {
        "reference": payment.reference,
        "session": payment.session,
        "state": payment.state.value,
        "paid": str(payment.paid or Money(0, currency)),
        "settlement": payment.settlement,
    }


def render_refund(refund: ShopRefund, currency: str) -> dict[str, object]:
    """Word a refund."""
    return {
        "refund": refund.id,
        "amount": str(Money(refund.amount_minor, currency)),
        "state": refund.state.value,
        "reference": refund.reference,
        "cause": refund.cause.value,
    }


def render_placed(order: ShopOrder, payment: ShopPayment) -> dict[str, object]:
    """Word an order that waits for its money."""
    return {
        "order": order.id,
        "reference": payment.reference,
        "session": payment.session,
        "checkout_url": payment.checkout_url,
        "amount": str(order.price),
        "currency": order.price.currency,
        "state": order.state.value,
    }
