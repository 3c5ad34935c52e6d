"""The played shop's own small lifecycles: where an order, a payment and a refund may go from where they are."""

from collections.abc import Mapping
from enum import Enum


class OrderState(Enum):
    """Where an order stands; the words are those of `contracts/merchant.yaml`."""

    PENDING = "PENDING"
    HELD = "HELD"
    PAID = "PAID"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    REFUNDED = "REFUNDED"
    NEEDS_REVIEW = "NEEDS_REVIEW"


class PaymentState(Enum):
    """What became of one payment. SURPLUS: paid when nothing was owed. UNEQUAL: paid, but not what was asked."""

    OPEN = "OPEN"
    CAPTURED = "CAPTURED"
    HELD = "HELD"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    SURPLUS = "SURPLUS"
    UNEQUAL = "UNEQUAL"


class RefundState(Enum):
    """PENDING: the gateway may not know of it yet. ACCEPTED: it does."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DONE = "DONE"
    FAILED = "FAILED"


_S = OrderState
# Late money is honoured or returned by the shop's policy, so what ended without money may still be paid.
_NEXT: Mapping[OrderState, frozenset[OrderState]] = {
    _S.PENDING: frozenset({_S.HELD, _S.PAID, _S.FAILED, _S.CANCELLED, _S.NEEDS_REVIEW}),
    _S.HELD: frozenset({_S.PAID, _S.FAILED, _S.REFUNDED, _S.NEEDS_REVIEW}),
    _S.PAID: frozenset({_S.DELIVERED, _S.REFUNDED, _S.NEEDS_REVIEW}),
    _S.DELIVERED: frozenset({_S.REFUNDED}),
    _S.FAILED: frozenset({_S.PAID, _S.HELD, _S.NEEDS_REVIEW}),
    _S.CANCELLED: frozenset({_S.PAID, _S.HELD, _S.NEEDS_REVIEW}),
    _S.REFUNDED: frozenset(),
    _S.NEEDS_REVIEW: frozenset({_S.PAID, _S.DELIVERED, _S.FAILED, _S.REFUNDED}),
}
PAID_FOR = frozenset({_S.PAID, _S.DELIVERED, _S.REFUNDED})
# Payments whose money has come; no poll can tell anything new of them.
TAKEN = frozenset({PaymentState.CAPTURED, PaymentState.SURPLUS, PaymentState.UNEQUAL})


def may_follow(before: OrderState, after: OrderState) -> bool:
    """Say whether an order may go from one state to another."""
    return after in _NEXT[before]
