"""Refunds over the API: asking for them under either path, and reading them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server import journal
from reference_server.apis.door import authenticated_merchant
from reference_server.apis.payments.instants import render_if, render_instant
from reference_server.apis.payments.reading import refuse_card_numbers, refuse_cards_as_names
from reference_server.apis.payments.words import word_refund
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import MissingError
from reference_server.idempotency import Idempotency
from reference_server.ids import MerchantId, PaymentId
from reference_server.models import NewPaymentRefund, NewRefundOfPayment, PaymentRefund, PaymentRefundList
from reference_server.orders.store import get_order
from reference_server.payments.store import get_payment
from reference_server.refunds.apply import Waits
from reference_server.refunds.lifecycle import RefundState
from reference_server.refunds.model import Refund
from reference_server.refunds.request import AskedRefund, request_refund
from reference_server.refunds.store import RefundFilter, count_refunds, find_by_reference, find_own, list_newest

NO_REASON = "the merchant asked for it"


class Refunds:
    """`handlers` joins the document's operations to these functions; `waits` says how long gateways take."""

    def __init__(self, database: Database, clock: Clock, *, idempotency: Idempotency, waits: Waits) -> None:
        self._database = database
        self._clock = clock
        self._idempotency = idempotency
        self._waits = waits

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of this part of the document with what answers it."""
        return {
            "createPaymentRefund": self.create_payment_refund,
            "createRefund": self.create_refund,
            "listMerchantRefunds": self.list_refunds,
            "readRefund": self.read_refund,
        }

    async def create_payment_refund(self, call: Call) -> Answer:
        """Owe a refund of the payment that the path names."""
        return await self._create(PaymentId(call.path["paymentId"]), cast("NewPaymentRefund", call.body))

    async def create_refund(self, call: Call) -> Answer:
        """Owe a refund of the payment that the body names."""
        body = cast("NewRefundOfPayment", call.body)
        return await self._create(PaymentId(body["payment_id"]), body)

    async def read_refund(self, call: Call) -> Answer:
        """Say how it stands; another merchant's is none."""
        refund_id, merchant_id = str(call.path["refundId"]), authenticated_merchant().id
        refund = await self._database.read(lambda session: find_own(session, merchant_id, refund_id))
        if refund is None:
            raise MissingError("there is no such refund")
        return Answer.json(200, render_refund(refund))

    async def list_refunds(self, call: Call) -> Answer:
        """List the merchant's refunds, newest first."""
        merchant_id, wanted = authenticated_merchant().id, _read_filter(call)
        limit, offset = int(call.query.get("limit", 10)), int(call.query.get("offset", 0))

        def look(session: Session) -> PaymentRefundList:
            found = list_newest(session, merchant_id, wanted, limit=limit, offset=offset)
            total = count_refunds(session, merchant_id, wanted)
            return {"items": [render_refund(one) for one in found], "limit": limit, "offset": offset, "total": total}

        return Answer.json(200, await self._database.read(look))

    async def _create(self, payment_id: PaymentId, body: NewPaymentRefund | NewRefundOfPayment) -> Answer:
        merchant_id, at, amount = authenticated_merchant().id, self._clock.now(), body.get("amount")
        refuse_card_numbers(body, ("reason",))
        refuse_cards_as_names(body, ("reference",))
        asked = AskedRefund(
            # JSON has one kind of number: 100, 100.0 and 1e2 are the same integer.
            amount_minor=None if amount is None else int(amount),
            reason=body.get("reason", NO_REASON),
            reference=body.get("reference", ""),
            waits=self._waits,
        )

        subjects: list[str] = []

        def create(session: Session) -> Answer:
            _require_own(session, payment_id, merchant_id)
            is_known = bool(asked.reference) and find_by_reference(session, payment_id, asked.reference) is not None
            refund = request_refund(session, payment_id, asked, at=at)
            subjects.append(get_order(session, refund.order_id).reference)
            return Answer.json(200 if is_known else 201, render_refund(refund))

        answer = await self._idempotency.once(create)
        journal.annotate(subject="".join(subjects[-1:]))
        return answer


def render_refund(refund: Refund) -> PaymentRefund:
    """Write one refund."""
    return {
        "id": refund.id,
        "payment_id": refund.payment_id,
        "amount": refund.amount_minor,
        "currency": refund.currency,
        "reason": refund.reason,
        "reference": refund.reference,
        "cause": refund.cause.value,
        "status": word_refund(refund.state),
        "state": refund.state.value,
        "error_description": refund.failure or None,
        "created_at": render_instant(refund.created_at),
        "updated_at": render_instant(refund.updated_at),
        "processed_at": render_if(refund.processed_at),
    }


def _require_own(session: Session, payment_id: PaymentId, merchant_id: MerchantId) -> None:
    """Lock the payment, so that what is left of it is so until this unit ends. Another merchant's is none."""
    if get_payment(session, payment_id).merchant_id != merchant_id:
        raise MissingError("there is no such payment")


def _read_filter(call: Call) -> RefundFilter:
    word = call.query.get("status")
    states = () if word is None else tuple(state for state in RefundState if word_refund(state) == word)
    return RefundFilter(call.query.get("payment_id"), states)
