"""Every table, so that whoever makes or empties them leaves none out."""

from sqlmodel import Session, SQLModel, col, delete, select

from reference_server.audit import AuditLine
from reference_server.fulfilment.model import Fulfilment
from reference_server.ids import MerchantId
from reference_server.incarnation import Incarnation
from reference_server.jobs.model import Job
from reference_server.merchants.model import GatewayAccount, Merchant
from reference_server.notifications.inbox import InboxNotification
from reference_server.orders.model import Order
from reference_server.payments.model import GatewayAnswer, GatewayOrder, Payment, PaymentAttempt
from reference_server.refunds.model import Refund

ALL: tuple[type[SQLModel], ...] = (
    AuditLine,
    Fulfilment,
    GatewayAccount,
    GatewayAnswer,
    GatewayOrder,
    InboxNotification,
    Incarnation,
    Job,
    Merchant,
    Order,
    Payment,
    PaymentAttempt,
    Refund,
)


def forget_orders(session: Session, merchant_id: MerchantId | None) -> None:
    """Delete orders with all that hangs on them and all that is owed for them; for tests, through the control plane."""
    orders, payments = select(Order.id), select(Payment.id)
    if merchant_id is not None:
        orders = orders.where(Order.merchant_id == merchant_id)
        payments = payments.where(Payment.merchant_id == merchant_id)
    inbox = select(InboxNotification.id).where(col(InboxNotification.payment_id).in_(payments))
    refunds = select(Refund.id).where(col(Refund.payment_id).in_(payments))
    # Ids are never alike between kinds, so that one list serves for whatever a job is about.
    for about in (orders, payments, inbox, refunds):
        session.exec(delete(Job).where(col(Job.about).in_(about)))
    session.exec(delete(InboxNotification).where(col(InboxNotification.payment_id).in_(payments)))
    session.exec(delete(GatewayAnswer).where(col(GatewayAnswer.payment_id).in_(payments)))
    session.exec(delete(GatewayOrder).where(col(GatewayOrder.payment_id).in_(payments)))
    session.exec(delete(Refund).where(col(Refund.payment_id).in_(payments)))
    session.exec(delete(PaymentAttempt).where(col(PaymentAttempt.payment_id).in_(payments)))
    session.exec(delete(AuditLine).where(col(AuditLine.order_id).in_(orders)))
    session.exec(delete(Fulfilment).where(col(Fulfilment.order_id).in_(orders)))
    session.exec(delete(Payment).where(col(Payment.id).in_(payments)))
    session.exec(delete(Order).where(col(Order.id).in_(orders)))
