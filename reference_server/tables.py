"""Every table, so that whoever makes or empties them leaves none out."""

from sqlmodel import Session, SQLModel, col, delete, select

from reference_server.audit import AuditLine
from reference_server.fulfilment.model import Fulfilment
from reference_server.idempotency.model import IdempotencyKey
from reference_server.idempotency.store import forget_merchant
from reference_server.ids import MerchantId
from reference_server.incarnation import Incarnation
from reference_server.jobs.model import Job, JobCount, JobWorker
from reference_server.merchants.model import GatewayAccount, Merchant, RetiredCredential
from reference_server.notifications.inbox import InboxNotification
from reference_server.orders.model import Order
from reference_server.payments.model import GatewayAnswer, GatewayOrder, Payment, PaymentAttempt
from reference_server.refunds.model import Refund
from reference_server.webhooks.model import Delivery, DeliveryAttempt, Endpoint, EndpointSecret, WebhookEvent
from reference_server.webhooks.store import endpoints_of, forget_webhooks

ALL: tuple[type[SQLModel], ...] = (
    AuditLine,
    Delivery,
    DeliveryAttempt,
    Endpoint,
    EndpointSecret,
    Fulfilment,
    GatewayAccount,
    GatewayAnswer,
    GatewayOrder,
    IdempotencyKey,
    InboxNotification,
    Incarnation,
    Job,
    JobCount,
    JobWorker,
    Merchant,
    Order,
    Payment,
    PaymentAttempt,
    Refund,
    RetiredCredential,
    WebhookEvent,
)


def forget_orders(session: Session, merchant_id: MerchantId | None) -> None:
    """Delete orders with all that hangs on them and all that is owed for them; for tests, through the control plane."""
    # What is answered again under a key must be there.
    forget_merchant(session, merchant_id)
    orders, payments = select(Order.id), select(Payment.id)
    if merchant_id is not None:
        orders = orders.where(Order.merchant_id == merchant_id)
        payments = payments.where(Payment.merchant_id == merchant_id)
    inbox = select(InboxNotification.id).where(col(InboxNotification.payment_id).in_(payments))
    refunds = select(Refund.id).where(col(Refund.payment_id).in_(payments))
    # Ids are never alike between kinds, so that one list serves for whatever a job is about.
    for about in (orders, payments, inbox, refunds, endpoints_of(merchant_id)):
        session.exec(delete(Job).where(col(Job.about).in_(about)))
    forget_webhooks(session, merchant_id)
    session.exec(delete(InboxNotification).where(col(InboxNotification.payment_id).in_(payments)))
    session.exec(delete(GatewayAnswer).where(col(GatewayAnswer.payment_id).in_(payments)))
    session.exec(delete(GatewayOrder).where(col(GatewayOrder.payment_id).in_(payments)))
    session.exec(delete(Refund).where(col(Refund.payment_id).in_(payments)))
    session.exec(delete(PaymentAttempt).where(col(PaymentAttempt.payment_id).in_(payments)))
    session.exec(delete(AuditLine).where(col(AuditLine.order_id).in_(orders)))
    session.exec(delete(Fulfilment).where(col(Fulfilment.order_id).in_(orders)))
    session.exec(delete(Payment).where(col(Payment.id).in_(payments)))
    session.exec(delete(Order).where(col(Order.id).in_(orders)))
