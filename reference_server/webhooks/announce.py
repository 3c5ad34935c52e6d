"""Turns what a unit of work changed into events and owed deliveries, in the transaction of the change itself."""

from datetime import datetime

from sqlmodel import Session

from reference_server.apis.payments.words import word_payment, word_refund
from reference_server.changes import Aftermath, Change
from reference_server.ids import MerchantId, OrderId, PaymentId, RefundId
from reference_server.money import Money
from reference_server.orders.store import get_order
from reference_server.payments.lifecycle import PaymentState
from reference_server.payments.store import get_payment
from reference_server.refunds.lifecycle import RefundState
from reference_server.refunds.store import get_refund
from reference_server.webhooks.apply import list_receivers, owe_deliveries
from reference_server.webhooks.draws import Draws
from reference_server.webhooks.events import Told, kind_of_payment, kind_of_refund, render_body
from reference_server.webhooks.lifecycle import EndpointState
from reference_server.webhooks.model import DeliveryId, EndpointId, EventKind, WebhookEvent
from reference_server.webhooks.store import last_sequence


class Announcer:
    """`announce_changes` is the last part of each unit that changed an order."""

    def __init__(self, draws: Draws) -> None:
        self._draws = draws

    def announce_changes(self, session: Session, aftermath: Aftermath) -> None:
        """Owe what merchants are to be told of the changes so far."""
        for change in tuple(aftermath.changes):
            if change.resource == "payment":
                self._announce_payment(session, change)
            elif change.resource == "refund":
                self._announce_refund(session, change)

    def send_test(self, session: Session, merchant_id: MerchantId, receiver: EndpointId, *, at: datetime) -> DeliveryId:
        """Owe one endpoint an event that nothing happened for."""
        told = Told(
            at=at,
            money=Money(100, "INR"),
            status=word_payment(PaymentState.CAPTURED).status,
            state=PaymentState.CAPTURED.value,
            sequence=1,
            payment_id="pay_test",
            order_id="order_test",
            reference="test",
            captured_minor=100,
            is_test=True,
        )
        receivers = [(receiver, EndpointState.ENABLED)]
        return self._owe(session, merchant_id, (EventKind.PAYMENT_SUCCESS, told), receivers=receivers)[0]

    def _announce_payment(self, session: Session, change: Change) -> None:
        state = PaymentState(change.after)
        kind = kind_of_payment(state)
        if kind is None:
            return
        payment = get_payment(session, PaymentId(change.payment_id))
        receivers = list_receivers(session, payment.merchant_id, kind)
        if not receivers:
            return
        order, words = get_order(session, payment.order_id), word_payment(state)
        # Money that came after all: of the decline before it stays what is stored, and nothing is told.
        is_failed = words.status == "failed"
        told = Told(
            at=payment.updated_at,
            money=order.money,
            status=words.status,
            state=state.value,
            sequence=last_sequence(session, payment.id) + 1,
            payment_id=payment.id,
            order_id=order.reference,
            reference=order.reference,
            captured_minor=payment.captured_minor,
            error_code=(payment.error_code or words.error_code) if is_failed else None,
            error_description=(payment.error_description or words.error_description) if is_failed else None,
        )
        self._owe(session, payment.merchant_id, (kind, told), receivers=receivers)

    def _announce_refund(self, session: Session, change: Change) -> None:
        state = RefundState(change.after)
        kind = kind_of_refund(state)
        if kind is None:
            return
        refund = get_refund(session, RefundId(change.id))
        receivers = list_receivers(session, refund.merchant_id, kind)
        if not receivers:
            return
        order = get_order(session, OrderId(refund.order_id))
        told = Told(
            at=refund.updated_at,
            money=refund.money,
            status=word_refund(state),
            state=state.value,
            sequence=last_sequence(session, refund.payment_id) + 1,
            payment_id=refund.payment_id,
            order_id=order.reference,
            reference=order.reference,
            refund_id=refund.id,
            error_description=refund.failure or None,
        )
        self._owe(session, refund.merchant_id, (kind, told), receivers=receivers)

    def _owe(
        self,
        session: Session,
        merchant_id: MerchantId,
        news: tuple[EventKind, Told],
        *,
        receivers: list[tuple[EndpointId, EndpointState]],
    ) -> list[DeliveryId]:
        kind, told = news
        event_id = self._draws.event_id()
        event = WebhookEvent(
            id=event_id,
            merchant_id=merchant_id,
            kind=kind.value,
            payment_id="" if told.is_test else told.payment_id,
            refund_id=told.refund_id or "",
            subject=told.reference,
            sequence=told.sequence,
            at=told.at,
            body=render_body(event_id, kind, told),
        )
        drawn = [self._draws.delivery_id() for _ in receivers]
        owed = [(delivery_id, *receiver) for delivery_id, receiver in zip(drawn, receivers, strict=True)]
        owe_deliveries(session, event, owed)
        return drawn
