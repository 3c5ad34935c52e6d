"""The table of refunds: each gives back what one try brought, or a part of it."""

from datetime import datetime
from enum import Enum

from sqlalchemy import BigInteger, Index, String, Text
from sqlmodel import Field, UniqueConstraint

from reference_server.columns import Instant, Row, words_of
from reference_server.ids import AttemptId, MerchantId, OrderId, PaymentId, RefundId
from reference_server.money import Money
from reference_server.refunds.lifecycle import RefundState


class RefundCause(Enum):
    """Why money goes back. All but the first are owed by this server itself."""

    MERCHANT = "merchant"
    SECOND_MONEY = "second_money"
    LATE_MONEY = "late_money"
    RETURNED = "returned"
    WAIVED = "waived"


class Refund(Row, table=True):
    """The return of captured money. `gateway_key` goes out with every call about it, so that it is done once."""

    # The index serves a merchant's list, newest first.
    __table_args__ = (
        UniqueConstraint("payment_id", "reference"),
        Index("ix_refunds_merchant_newest", "merchant_id", "created_at", "id"),
    )

    id: RefundId = Field(primary_key=True, sa_type=String)
    order_id: OrderId = Field(foreign_key="orders.id", sa_type=String, index=True)
    payment_id: PaymentId = Field(foreign_key="payments.id", sa_type=String, index=True)
    attempt_id: AttemptId = Field(foreign_key="payment_attempts.id", sa_type=String, index=True)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String)
    gateway: str
    # The merchant's name for it, one for each payment; our id where they gave none.
    reference: str
    cause: RefundCause = Field(sa_column=words_of(RefundCause))
    reason: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    # The same sum in the currency in which the gateway keeps the money.
    settled_minor: int = Field(sa_type=BigInteger)
    settled_currency: str
    state: RefundState = Field(sa_column=words_of(RefundState))
    gateway_key: str = Field(unique=True)
    # The gateway's name for it; empty until an answer told it.
    gateway_reference: str = ""
    # Calls that came to an end, answered or not: after the first, a refusal does not mean that nothing was done.
    sends: int = 0
    # What the gateway last said, as it came: kept for audits.
    evidence: str = Field(default="", sa_type=Text)
    # Why nothing came back, or why a person has to look; empty while all is well.
    failure: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    # When the gateway had said that the money is back.
    processed_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def money(self) -> Money:
        """What the shopper gets back."""
        return Money(self.amount_minor, self.currency)

    @property
    def settled(self) -> Money:
        """What the gateway is asked to give back."""
        return Money(self.settled_minor, self.settled_currency)
