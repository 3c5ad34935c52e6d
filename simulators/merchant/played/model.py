"""The rows of the played shop: orders, payments, refunds and tasks. They outlive a restart of the shop."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from simulators.errors import NotPossible
from simulators.merchant.played.lifecycle import OrderState, PaymentState, RefundState
from simulators.money import Money

ORDERS_MAX: Final = 10_000
PAYMENTS_OF_AN_ORDER_MAX: Final = 50
REFUNDS_OF_AN_ORDER_MAX: Final = 200
HISTORY_MAX: Final = 200


class Cause(Enum):
    """Why money goes back."""

    ASKED = "asked"
    SECOND_PAYMENT = "second_payment"
    LATE_PAYMENT = "late_payment"
    NOT_DELIVERED = "not_delivered"


@dataclass(slots=True)
class ShopPayment:
    """One try at collecting an order's price. `reference` is the gateway's name for it, ours to choose."""

    reference: str
    order: str
    state: PaymentState = PaymentState.OPEN
    session: str = ""
    checkout_url: str = ""
    # The gateway's ids of the money, once there is any.
    settlement: str = ""
    bank_reference: str = ""
    paid: Money | None = None
    settled: Money | None = None


@dataclass(slots=True)
class ShopRefund:
    """Money on its way back. `reference` is drawn once: the gateway knows a second call with it for the same refund."""

    id: str
    payment: ShopPayment
    amount_minor: int
    # The same as the gateway is asked for it, in the currency that it settles in.
    sent: Money
    reference: str
    cause: Cause
    key: str
    state: RefundState = RefundState.PENDING
    gateway_reference: str = ""
    tries: int = 0


@dataclass(slots=True)
class ShopOrder:
    """What was bought, for how much: a snapshot that no later price changes."""

    id: str
    item: str
    quantity: int
    price: Money
    note: str
    shopper: Mapping[str, str]
    at: datetime
    delivery_key: str
    state: OrderState = OrderState.PENDING
    flagged: bool = False
    cancelled_by_shopper: bool = False
    delivered: bool = False
    delivering: bool = False
    delivery_tries: int = 0
    payments: list[ShopPayment] = field(default_factory=list[ShopPayment])
    refunds: list[ShopRefund] = field(default_factory=list[ShopRefund])
    history: list[str] = field(default_factory=list[str])

    def tell(self, words: str) -> None:
        """Add a line to the order's story."""
        if len(self.history) < HISTORY_MAX:
            self.history.append(words)

    @property
    def paid_minor(self) -> int:
        """What was captured over all payments, in minor units of the order's currency."""
        same = (one.paid for one in self.payments if one.paid and one.paid.currency == self.price.currency)
        return sum(money.amount_minor for money in same)

    @property
    def kept(self) -> ShopPayment | None:
        """The payment that the order was settled by."""
        return next((one for one in self.payments if one.state is PaymentState.CAPTURED), None)


@dataclass(frozen=True, slots=True)
class Task:
    """A job as a row, so that a shop that starts again owes it still."""

    name: str
    subject: str
    at: datetime
    key: str = ""
    tries: int = 0


@dataclass(slots=True)
class Rows:
    """All rows of one shop."""

    orders: dict[str, ShopOrder] = field(default_factory=dict[str, ShopOrder])
    payments: dict[str, ShopPayment] = field(default_factory=dict[str, ShopPayment])
    refunds: dict[str, ShopRefund] = field(default_factory=dict[str, ShopRefund])
    # The gateway's id of the money, to the one reference that it settles, for ever.
    settled: dict[str, str] = field(default_factory=dict[str, str])
    # What a flawed shop marks as seen, where the right one looks at its orders.
    seen: set[str] = field(default_factory=set[str])
    tasks: dict[int, Task] = field(default_factory=dict[int, Task])

    def add_order(self, order: ShopOrder) -> None:
        """Keep an order. Raises `NotPossible` for one too many."""
        if len(self.orders) >= ORDERS_MAX:
            raise NotPossible(f"a shop holds at most {ORDERS_MAX} orders; reset the account")
        self.orders[order.id] = order

    def add_payment(self, payment: ShopPayment) -> None:
        """Keep a payment under its reference and with its order."""
        self.payments.setdefault(payment.reference, payment)
        self.orders[payment.order].payments.append(payment)

    def forget_payment(self, payment: ShopPayment) -> None:
        """Lose every trace of a payment, as only a flawed shop does."""
        self.payments.pop(payment.reference, None)
        self.orders[payment.order].payments.remove(payment)

    def order_of(self, payment: ShopPayment) -> ShopOrder:
        """Return the order that a payment is for."""
        return self.orders[payment.order]

    def unfinished_refunds(self) -> Iterator[ShopRefund]:
        """Yield the refunds that are neither done nor refused."""
        ended = {RefundState.DONE, RefundState.FAILED}
        return (refund for refund in self.refunds.values() if refund.state not in ended)
