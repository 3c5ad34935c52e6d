"""The merchant's operations on money that is there: refunds, and a person's word on what is in review."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import cast

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server import journal
from reference_server.apis.door import authenticated_merchant
from reference_server.apis.hosted_page.reading import read_sum
from reference_server.apis.hosted_page.words import word_refund, word_refunds, word_status
from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import MissingError
from reference_server.fulfilment.decide import DeliveryDecision, decide_delivery
from reference_server.fulfilment.store import find_fulfilment
from reference_server.idempotency import Begun, Conclusion, Idempotency
from reference_server.ids import SessionId
from reference_server.merchants.model import Merchant
from reference_server.models import Decided, DecideDelivery, DecidePayment, NewRefund, RefundList
from reference_server.models import Refund as RefundBody
from reference_server.payments.apply import Rules
from reference_server.payments.reconcile import Reconciler
from reference_server.payments.review import Decision, decide_payment, word_decision
from reference_server.payments.store import PaymentContext, get_by_session
from reference_server.payments.withdrawal import withdraw_payment
from reference_server.refunds.model import Refund
from reference_server.refunds.request import AskedRefund, request_refund
from reference_server.refunds.store import list_refunds


class MoneyBack:
    """`handlers` joins the document's operations to these functions."""

    def __init__(
        self, database: Database, clock: Clock, *, reconciler: Reconciler, rules: Rules, idempotency: Idempotency
    ) -> None:
        self._database = database
        self._idempotency = idempotency
        self._clock = clock
        self._reconciler = reconciler
        self._rules = rules

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of this part of the document with what answers it."""
        return {
            "refundPayment": self.refund_payment,
            "listRefunds": self.list_refunds,
            "decidePayment": self.decide_payment,
            "decideDelivery": self.decide_delivery,
            "withdrawPayment": self.withdraw_payment,
        }

    async def refund_payment(self, call: Call) -> Answer:
        """Owe the refund; a job brings it to the gateway."""
        context, body = await self._read_own(call), cast("NewRefund", call.body)
        amount = body.get("amount")
        asked = AskedRefund(
            amount_minor=None if amount is None else read_sum(amount, context.order.currency).amount_minor,
            reason=body.get("reason", "the merchant asked for it"),
            reference=body.get("reference", ""),
        )
        at = self._clock.now()

        def owe(session: Session) -> Answer:
            return Answer.json(202, _render(context, request_refund(session, context.payment.id, asked, at=at)))

        return await self._idempotency.once(owe)

    async def list_refunds(self, call: Call) -> Answer:
        """Say how every refund of the payment stands, those that the server owes itself among them."""
        context = await self._read_own(call)
        refunds = await self._database.read(lambda session: list_refunds(session, context.payment.id))
        answer: RefundList = {"refunds": [_render(context, refund) for refund in refunds]}
        return Answer.json(200, answer)

    async def decide_payment(self, call: Call) -> Answer:
        """Ask the gateway first: it may know of the money by now. Then the person's word counts."""
        context, body = await self._read_own(call), cast("DecidePayment", call.body)

        def decide(session: Session) -> Answer:
            occasion = self._occasion(word_decision(body["decision"], body.get("note")))
            decision = Decision(body["decision"])
            decide_payment(session, context.payment.id, decision, rules=self._rules, occasion=occasion)
            return Answer.json(200, _look(session, context.payment.session_id))

        return await self._ask_then(context, decide)

    async def decide_delivery(self, call: Call) -> Answer:
        """Try the delivery again, or give it up and the money back."""
        context, body = await self._read_own(call), cast("DecideDelivery", call.body)
        occasion = Occasion(self._clock.now(), word_decision(body["decision"], body.get("note")))

        def decide(session: Session) -> Answer:
            decide_delivery(session, context.order, DeliveryDecision(body["decision"]), occasion=occasion)
            return Answer.json(200, _look(session, context.payment.session_id))

        return await self._idempotency.once(decide)

    async def withdraw_payment(self, call: Call) -> Answer:
        """Ask the gateway first: what is paid by now is not called off."""
        context = await self._read_own(call)

        def withdraw(session: Session) -> Answer:
            occasion = self._occasion("the merchant called it off")
            withdraw_payment(session, context.payment.id, rules=self._rules, occasion=occasion)
            return Answer.json(200, _look(session, context.payment.session_id))

        return await self._ask_then(context, withdraw)

    def _occasion(self, cause: str) -> Occasion:
        return Occasion(self._clock.now(), cause)

    async def _ask_then(self, context: PaymentContext, decide: Conclusion) -> Answer:
        """Decide once the gateway was asked. Nothing is stored first, and asking twice does no harm."""

        async def go_on(_: Begun) -> Conclusion:
            await self._reconciler.ask_before_decision(context.payment.id)
            return decide

        return await self._idempotency.spanning(lambda _: "", go_on)

    async def _read_own(self, call: Call) -> PaymentContext:
        """Return the merchant's payment; one of another merchant is none."""
        session_id, merchant = SessionId(call.path["sessionId"]), authenticated_merchant()
        context = await self._database.read(lambda session: _get_own(session, session_id, merchant))
        journal.annotate(subject=context.order.reference)
        return context


def _get_own(session: Session, session_id: SessionId, merchant: Merchant) -> PaymentContext:
    context = get_by_session(session, session_id)
    if context.merchant.id != merchant.id:
        raise MissingError("there is no such session")
    return context


def _look(session: Session, session_id: SessionId) -> Decided:
    context = get_by_session(session, session_id)
    fulfilment = find_fulfilment(session, context.order.id)
    state = None if fulfilment is None else fulfilment.state
    return {
        "sessionId": session_id,
        "tran_id": context.order.reference,
        "status": word_status(context.payment.state, state).status,
        "state": context.payment.state.value,
        "fulfilment": None if state is None else state.value,
        "refund": word_refunds([refund.state for refund in list_refunds(session, context.payment.id)]),
    }


def _render(context: PaymentContext, refund: Refund) -> RefundBody:
    return {
        "refundId": refund.id,
        "sessionId": context.payment.session_id,
        "tran_id": context.order.reference,
        "amount": Decimal(refund.money.decimal_text),
        "currency": refund.currency,
        "status": word_refund(refund.state),
        "state": refund.state.value,
        "cause": refund.cause.value,
        "reason": refund.reason,
        "reference": refund.reference,
        "createdAt": refund.created_at.isoformat().replace("+00:00", "Z"),
        "updatedAt": refund.updated_at.isoformat().replace("+00:00", "Z"),
    }
