"""The tables of payments, of the tries at them, and of the gateway orders that tries hang on."""

from datetime import datetime
from enum import Enum

from sqlalchemy import JSON, BigInteger, Index, String, Text, text
from sqlmodel import Field, UniqueConstraint

from reference_server.columns import COUNTED, Instant, Row, words_of
from reference_server.ids import AttemptId, MerchantId, OrderId, PaymentId, SessionId
from reference_server.payments.attempts import AttemptState
from reference_server.payments.lifecycle import PaymentState


class Asked(Enum):
    """What a gateway was asked to do with an authorization; until its answer is stored nothing else is asked."""

    NOTHING = "nothing"
    CAPTURE = "capture"
    VOID = "void"
    LAPSE = "lapse"


class Payment(Row, table=True):
    """A merchant's intent to collect the sum of one order."""

    # Sessions are unique where there is one; the other index serves a merchant's list, newest first.
    __table_args__ = (
        Index(
            "ix_payments_session_id",
            "session_id",
            unique=True,
            sqlite_where=text("session_id <> ''"),
            postgresql_where=text("session_id <> ''"),
        ),
        Index("ix_payments_merchant_newest", "merchant_id", "created_at", "id"),
    )

    id: PaymentId = Field(primary_key=True, sa_type=String)
    order_id: OrderId = Field(foreign_key="orders.id", sa_type=String, index=True)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String)
    gateway: str
    # What document 000 knows it by; empty for a payment whose instrument the merchant told us.
    session_id: SessionId = Field(default=SessionId(""), sa_type=String)
    # upi, card, wallet or netbanking, and what may be kept of the instrument; empty where the gateway's page asks.
    method: str = ""
    instrument: dict[str, str] = Field(default_factory=dict, sa_type=JSON, repr=False)
    notes: dict[str, str] = Field(default_factory=dict, sa_type=JSON, repr=False)
    # The merchant captures what is authorized, and until then how much of it; 0 for all.
    is_captured_by_merchant: bool = False
    to_capture_minor: int = Field(default=0, sa_type=BigInteger)
    asked: Asked = Field(default=Asked.NOTHING, sa_column=words_of(Asked))
    # Of the try that ended the payment without money.
    error_code: str = ""
    error_description: str = Field(default="", sa_type=Text)
    state: PaymentState = Field(sa_column=words_of(PaymentState))
    # All that came and was counted, in the order's currency; what went back is in its refunds.
    captured_minor: int = Field(default=0, sa_type=BigInteger)
    # The gateway's id of the money that paid it (val_id); of whatever else comes, nothing counts.
    paid_by: str = ""
    # The merchant called it off: money that comes all the same goes back, whatever the policy on late money says.
    is_withdrawn: bool = False
    # What is stored of the tracking token, which initPayment shows once.
    tracking_digest: str = Field(default="", index=True, repr=False)
    # The status word that whoever follows the payment was last told.
    told_status: str = ""
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
    # What the shopper paid, and what the gateway keeps in its own currency: as last told before it was counted.
    taken_minor: int = Field(default=0, sa_type=BigInteger)
    taken_currency: str = ""
    settled_minor: int = Field(default=0, sa_type=BigInteger)
    settled_currency: str = ""
    # The gateway's name of the money itself, by which it is given back (bank_tran_id).
    money_reference: str = ""
    # It is part of what the payment captured, kept or given back: no later word about it moves anything.
    is_counted: bool = False
    # The gateway's last answer about it, as it came: kept for audits.
    evidence: str = Field(default="", sa_type=Text)
    updated_at: datetime = Field(sa_type=Instant)


class GatewayAnswer(Row, table=True):
    """What the gateway once answered about a payment, as it came. Never changed: all of them are kept for audits."""

    id: int | None = Field(default=None, primary_key=True, sa_type=COUNTED)
    payment_id: PaymentId = Field(foreign_key="payments.id", sa_type=String, index=True)
    at: datetime = Field(sa_type=Instant)
    # Why it was asked.
    cause: str
    answer: str = Field(sa_type=Text)


class GatewayOrder(Row, table=True):
    """The gateway's own record that tries hang on. Without a key its opening was never answered."""

    payment_id: PaymentId = Field(primary_key=True, foreign_key="payments.id", sa_type=String)
    session_key: str = ""
    page_url: str = Field(default="", sa_type=Text)
