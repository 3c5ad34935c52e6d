"""The tables of payments, of the tries at them, and of the gateway orders that tries hang on."""

from datetime import datetime

from sqlalchemy import BigInteger, String, Text
from sqlmodel import Field, UniqueConstraint

from reference_server.columns import Instant, Row, words_of
from reference_server.ids import AttemptId, MerchantId, OrderId, PaymentId, SessionId
from reference_server.payments.attempts import AttemptState
from reference_server.payments.lifecycle import PaymentState


class Payment(Row, table=True):
    """A merchant's intent to collect the sum of one order."""

    id: PaymentId = Field(primary_key=True, sa_type=String)
    order_id: OrderId = Field(foreign_key="orders.id", sa_type=String, index=True)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String)
    gateway: str
    session_id: SessionId = Field(unique=True, sa_type=String)
    state: PaymentState = Field(sa_column=words_of(PaymentState))
    captured_minor: int = Field(default=0, sa_type=BigInteger)
    # The gateway's id of the money that paid it (val_id); of whatever else comes, nothing counts.
    paid_by: str = ""
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class PaymentAttempt(Row, table=True):
    """One try. Money that a gateway names once can belong to one try only, whatever payment it is told for."""

    __table_args__ = (UniqueConstraint("merchant_id", "gateway", "gateway_reference"),)

    id: AttemptId = Field(primary_key=True, sa_type=String)
    payment_id: PaymentId = Field(foreign_key="payments.id", sa_type=String, index=True)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String)
    gateway: str
    # None until the gateway has named it.
    gateway_reference: str | None = None
    state: AttemptState = Field(sa_column=words_of(AttemptState))
    reason: str = ""
    # The gateway's last answer about it, as it came: kept for audits.
    evidence: str = Field(default="", sa_type=Text)
    updated_at: datetime = Field(sa_type=Instant)


class GatewayOrder(Row, table=True):
    """The gateway's own record that tries hang on. Without a key its opening was never answered."""

    payment_id: PaymentId = Field(primary_key=True, foreign_key="payments.id", sa_type=String)
    session_key: str = ""
    page_url: str = Field(default="", sa_type=Text)
