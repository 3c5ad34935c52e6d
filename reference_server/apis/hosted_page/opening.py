"""`initPayment`: the order is stored, then the gateway is asked for a page, its answer kept. Once for one key."""

from typing import cast

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server import journal
from reference_server.apis.door import authenticated_merchant
from reference_server.apis.hosted_page.reading import read_money, read_shopper, session_request
from reference_server.apis.hosted_page.terms import Terms
from reference_server.apis.hosted_page.words import word_status
from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import ConflictError, GatewayError, GatewayRefusedError, GatewayUnreachableError
from reference_server.fastpath import SessionFacts
from reference_server.fulfilment.store import find_fulfilment
from reference_server.gateways.gateway import OpenedSession
from reference_server.gateways.registry import Registry
from reference_server.idempotency import Begun, Conclusion, Idempotency
from reference_server.ids import PaymentId
from reference_server.merchants.model import Merchant
from reference_server.models import NewPayment as NewPaymentBody
from reference_server.models import OpenedPayment
from reference_server.payments.lifecycle import PaymentState
from reference_server.payments.opening import (
    NewPayment,
    draw_ids,
    open_payment,
    record_opened,
    record_refused,
    renew_tracking,
)
from reference_server.payments.reconcile import Reconciler
from reference_server.payments.store import PaymentContext, get_context, line_of

GATEWAY = "sslcommerz"
# No vowels and nothing that looks like something else, since people read these to each other; at most 30 characters.
_REFERENCE_ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXZ"
_REFERENCE_LENGTH = 14


class Opening:
    """Answers initPayment."""

    def __init__(
        self, database: Database, clock: Clock, *, registry: Registry, terms: Terms, idempotency: Idempotency
    ) -> None:
        self._database = database
        self._clock = clock
        self._registry = registry
        self._terms = terms
        self._idempotency = idempotency
        self._reconciler = Reconciler(database, clock, registry=registry, rules=terms.rules)

    async def init_payment(self, call: Call) -> Answer:
        """Store the order first, then ask the gateway for a page."""
        new = self._read_new_payment(authenticated_merchant(), cast("NewPaymentBody", call.body))

        def begin(session: Session) -> str:
            open_payment(session, new, now=self._clock.now(), life=self._terms.session_life)
            return new.ids.payment

        async def go_on(begun: Begun) -> Conclusion:
            return await self._open(begun, new.ids.tracking_token)

        return await self._idempotency.spanning(begin, go_on)

    async def _open(self, begun: Begun, token: str) -> Conclusion:
        payment_id = PaymentId(begun.point)
        if not begun.is_first_try:
            await self._find_truth(payment_id)
        context = await self._database.read(lambda session: get_context(session, payment_id))
        journal.annotate(subject=context.order.reference)
        opened = await self._open_at_gateway(context)
        await self._remember(context, opened)

        def record(session: Session) -> Answer:
            # Money may have come while the gateway was still answering.
            state = record_opened(session, payment_id, opened)
            if not begun.is_first_try:
                renew_tracking(session, payment_id, token)
            fulfilment = find_fulfilment(session, context.order.id)
            answer: OpenedPayment = {
                "sessionId": context.payment.session_id,
                "tran_id": context.order.reference,
                "GatewayPageURL": opened.page_url,
                "trackingToken": token,
                "status": word_status(state, fulfilment and fulfilment.state).status,
                "state": state.value,
            }
            return Answer.json(200, answer)

        return record

    async def _find_truth(self, payment_id: PaymentId) -> None:
        """Ask how a first try came out that nobody was told of.

        While no money came by it, its page was shown to nobody: opening the same payment again leaves one page that a
        shopper can know. Raises `GatewayUnreachableError` where the gateway cannot say, and `ConflictError` where
        the payment has come further.
        """
        context = await self._database.read(lambda session: get_context(session, payment_id))
        session_id = context.payment.session_id
        reports = await self._reconciler.ask(payment_id)
        if reports is None:
            told = "the gateway cannot be asked how the first try came out"
            raise GatewayUnreachableError(told, sessionId=session_id)

        def bring(session: Session) -> PaymentState:
            self._reconciler.bring(session, payment_id, reports, cause="asked before a session was opened again")
            return get_context(session, payment_id).payment.state

        state = await self._database.run(bring)
        if state is not PaymentState.PENDING:
            raise ConflictError(f"the payment of the first try is {state.value} by now", sessionId=session_id)

    async def _remember(self, context: PaymentContext, opened: OpenedSession) -> None:
        if self._terms.fast is None:
            return
        payment, order = context.payment, context.order
        facts = SessionFacts(
            installation=self._terms.fast.installation,
            session_id=payment.session_id,
            tran_id=order.reference,
            merchant=context.merchant.name,
            amount=order.money.decimal_text,
            currency=order.currency,
            page_url=opened.page_url,
            expires_at=payment.expires_at.isoformat().replace("+00:00", "Z"),
        )
        await self._terms.fast.remember_session(facts, life=self._terms.session_life)

    async def _open_at_gateway(self, context: PaymentContext) -> OpenedSession:
        payment, line = context.payment, line_of(self._registry, context)
        try:
            request = session_request(context.order, payment.session_id, self._terms.public_url)
            return await line.gateway.open_session(line.line, request)
        except GatewayRefusedError as error:
            occasion = Occasion(self._clock.now(), f"the gateway refused: {error.message}")
            rules = self._terms.rules
            await self._database.run(
                lambda session: record_refused(session, payment.id, rules=rules, occasion=occasion)
            )
            error.extensions["sessionId"] = payment.session_id
            raise
        except GatewayError as error:
            error.extensions["sessionId"] = payment.session_id
            raise

    def _read_new_payment(self, merchant: Merchant, body: NewPaymentBody) -> NewPayment:
        return NewPayment(
            merchant_id=merchant.id,
            gateway=GATEWAY,
            reference=body.get("tran_id") or self._draw_reference(merchant.name),
            money=read_money(body),
            shopper=read_shopper(body),
            items=[dict(item) for item in body["items"]],
            chassis_no=body.get("chassisNo", ""),
            product_key=body.get("productKey", ""),
            ids=draw_ids(lambda purpose, length: self._terms.chance.token(merchant.name, purpose, length=length)),
        )

    def _draw_reference(self, account: str) -> str:
        drawn = self._terms.chance.token(account, "tran_id", length=_REFERENCE_LENGTH, alphabet=_REFERENCE_ALPHABET)
        return f"GW{drawn}"
