"""How a payment of document 000 stands at one moment: for the status answer, the page, and whoever follows it live."""

from dataclasses import dataclass
from decimal import Decimal
from hmac import compare_digest
from typing import cast

from sqlmodel import Session

from reference_server.apis.hosted_page.words import Wording, word_refunds, word_status
from reference_server.changes import Aftermath, StatusNews
from reference_server.columns import read_json
from reference_server.errors import MissingError
from reference_server.fulfilment.model import Fulfilment
from reference_server.fulfilment.store import find_fulfilment
from reference_server.ids import OrderId, SessionId
from reference_server.merchants.store import digest_of
from reference_server.models import GatewayAnswer, PaymentStatus
from reference_server.orders.store import get_order
from reference_server.payments.model import GatewayAnswer as GatewayAnswerRow
from reference_server.payments.model import Payment
from reference_server.payments.store import (
    PaymentContext,
    find_by_tracking,
    get_by_session,
    list_answers,
    list_payments_of_order,
)
from reference_server.redaction import Redaction
from reference_server.refunds.lifecycle import RefundState
from reference_server.refunds.store import list_refunds
from reference_server.tracking.rooms import Present, Wanted

ANSWERS_SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """A payment with its delivery, as of one moment."""

    context: PaymentContext
    fulfilment: Fulfilment | None
    refunds: tuple[RefundState, ...] = ()

    @property
    def wording(self) -> Wording:
        """The customer's word for it."""
        return _word(self.context.payment, self.fulfilment)

    def is_tracked_by(self, token: str) -> bool:
        """Say whether this is the payment's tracking token."""
        return compare_digest(self.context.payment.tracking_digest, digest_of(token))


def read_standing(session: Session, session_id: SessionId) -> Standing:
    """Return how it stands. Raises `MissingError`."""
    context = get_by_session(session, session_id)
    refunds = tuple(refund.state for refund in list_refunds(session, context.payment.id))
    return Standing(context, find_fulfilment(session, context.order.id), refunds)


def find_present(session: Session, wanted: Wanted) -> Present | None:
    """Return how the session stands that a socket wants to follow; nothing where it shows no right to."""
    token = wanted.token
    payment = None if token is None else find_by_tracking(session, digest_of(token))
    session_id = wanted.session_id or (payment and payment.session_id)
    try:
        standing = read_standing(session, SessionId(session_id or ""))
    except MissingError:
        return None
    if token is not None and not standing.is_tracked_by(token):
        return None
    found = standing.context
    state = found.payment.state.value
    return Present(found.payment.session_id, found.order.reference, standing.wording.status, state)


def tell_changes(session: Session, aftermath: Aftermath) -> None:
    """Leave to be told which status words are others now than what was last told; in the transaction of the change."""
    for order_id in map(OrderId, aftermath.orders):
        # Not locked: a payment of this order that somebody else is changing has its word told by them.
        # Nobody follows one that has no session.
        followed = [payment for payment in list_payments_of_order(session, order_id) if payment.session_id]
        if not followed:
            continue
        fulfilment, reference = find_fulfilment(session, order_id), get_order(session, order_id).reference
        for payment in followed:
            status = _word(payment, fulfilment).status
            if payment.told_status and payment.told_status != status:
                aftermath.news.append(StatusNews(payment.session_id, reference, status))
            payment.told_status = status
            session.add(payment)


def render_status(standing: Standing) -> PaymentStatus:
    """Write what whoever knows the session id may read."""
    payment, order, fulfilment = standing.context.payment, standing.context.order, standing.fulfilment
    words = standing.wording
    changed_at = payment.updated_at if fulfilment is None else max(payment.updated_at, fulfilment.updated_at)
    return {
        "sessionId": payment.session_id,
        "tran_id": order.reference,
        "status": words.status,
        "state": payment.state.value,
        "fulfilment": None if fulfilment is None else fulfilment.state.value,
        "amount": Decimal(order.money.decimal_text),
        "currency": order.currency,
        "held": words.held,
        "expired": words.expired,
        "refund": word_refunds(standing.refunds),
        "updatedAt": changed_at.isoformat().replace("+00:00", "Z"),
    }


def render_order(session: Session, standing: Standing, redaction: Redaction) -> PaymentStatus:
    """Write the whole order, as document 000 lists its fields."""
    payment, order, fulfilment = standing.context.payment, standing.context.order, standing.fulfilment
    answers = list_answers(session, payment.id, limit=ANSWERS_SHOWN_MAX)
    status = render_status(standing)
    status["val_id"] = payment.paid_by
    if order.erased_at is None:
        status["customer"] = order.shopper
    status["items"] = order.items  # pyright: ignore[reportGeneralTypeIssues]  # stored as they were checked
    status["chassisNo"] = order.chassis_no
    status["productKey"] = order.product_key
    status["payment_info"] = [_render_answer(kept, redaction) for kept in answers]
    status["externalApiResponse"] = redaction.blank_text(fulfilment.answer) if fulfilment and fulfilment.calls else None
    return status


def _render_answer(kept: GatewayAnswerRow, redaction: Redaction) -> GatewayAnswer:
    text = redaction.blank_text(kept.answer)
    try:
        answer = cast("dict[str, object]", read_json(text))
    except ValueError:
        # A secret of digits alone may have stood for a number.
        answer = {"text": text}
    return {"at": kept.at.isoformat().replace("+00:00", "Z"), "answer": answer}


def _word(payment: Payment, fulfilment: Fulfilment | None) -> Wording:
    return word_status(payment.state, None if fulfilment is None else fulfilment.state)
