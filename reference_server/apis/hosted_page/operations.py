"""Document 000's operations: checked values → the gateway if needed → `apply` → an answer. No rule lives here."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server import journal
from reference_server.apis.door import authenticated_merchant, find_merchant, header_of
from reference_server.apis.hosted_page.reading import read_money, read_shopper, session_request
from reference_server.apis.hosted_page.standing import read_standing, render_order, render_status
from reference_server.apis.hosted_page.words import word_status
from reference_server.chance import Chance
from reference_server.changes import Occasion
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import GatewayError, GatewayRefusedError, UnauthenticatedError
from reference_server.fastpath import FastPath, SessionFacts
from reference_server.fulfilment.model import Fulfilment
from reference_server.fulfilment.store import find_fulfilment
from reference_server.gateways.gateway import OpenedSession
from reference_server.gateways.registry import Registry
from reference_server.ids import SessionId
from reference_server.merchants.frontends import Frontends, origin_of
from reference_server.merchants.model import Merchant
from reference_server.models import NewPayment as NewPaymentBody
from reference_server.models import OpenedPayment, PaymentStatus
from reference_server.notifications.receiver import Arrival, Received, Receiver
from reference_server.payments.apply import Rules
from reference_server.payments.lifecycle import PaymentState
from reference_server.payments.opening import NewPayment, draw_ids, open_payment, record_opened, record_refused
from reference_server.payments.store import PaymentContext, get_by_session, line_of
from reference_server.redaction import Redaction

GATEWAY = "sslcommerz"
TOKEN_HEADER = b"x-tracking-token"
# No vowels and nothing that looks like something else, since people read these to each other; at most 30 characters.
_REFERENCE_ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXZ"
_REFERENCE_LENGTH = 14


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings say about payments of this document, and what their ids are drawn from.

    `fast` is there only with a Redis; `redaction` takes secrets out of what gateways answered.
    """

    public_url: str
    session_life: timedelta
    rules: Rules
    chance: Chance
    frontends: Frontends
    redaction: Redaction
    fast: FastPath | None = None


class HostedPage:
    """`handlers` joins the document's operations to these functions."""

    def __init__(
        self, database: Database, clock: Clock, *, registry: Registry, receiver: Receiver, terms: Terms
    ) -> None:
        self._database = database
        self._clock = clock
        self._registry = registry
        self._receiver = receiver
        self._terms = terms

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of the document with what answers it."""
        return {
            "initPayment": self.init_payment,
            "returnSuccess": self.return_shopper,
            "returnFail": self.return_shopper,
            "returnCancel": self.return_shopper,
            "receiveIpn": self.receive_ipn,
            "readStatus": self.read_status,
        }

    async def init_payment(self, call: Call) -> Answer:
        """Store the order first, then ask the gateway for a page."""
        new = self._read_new_payment(authenticated_merchant(), cast("NewPaymentBody", call.body))
        journal.annotate(subject=new.reference)
        now, life = self._clock.now(), self._terms.session_life
        await self._database.run(lambda session: open_payment(session, new, now=now, life=life))
        context = await self._database.read(lambda session: get_by_session(session, new.ids.session))
        opened = await self._open_at_gateway(context)

        def record(session: Session) -> tuple[PaymentState, Fulfilment | None]:
            # Money may have come while the gateway was still answering.
            state = record_opened(session, new.ids.payment, opened)
            return state, find_fulfilment(session, new.ids.order)

        state, fulfilment = await self._database.run(record)
        await self._remember(context, opened)
        answer: OpenedPayment = {
            "sessionId": new.ids.session,
            "tran_id": new.reference,
            "GatewayPageURL": opened.page_url,
            "trackingToken": new.ids.tracking_token,
            "status": word_status(state, fulfilment and fulfilment.state).status,
            "state": state.value,
        }
        return Answer.json(200, answer)

    async def return_shopper(self, call: Call) -> Answer:
        """Send the browser on; nothing that it brings is looked at, and nothing is written."""
        session_id = SessionId(call.path["sessionId"])
        frontend_url = await self._recall_frontend(session_id)
        if frontend_url is None:
            frontend_url = (await self._read_context(session_id)).merchant.frontend_url
        return Answer.redirect(303, f"{frontend_url}/orders/{session_id}")

    async def receive_ipn(self, call: Call) -> Answer:
        """Hand the IPN to the receiver."""
        fields = {name: value for name, value in call.body.items() if isinstance(value, str)}
        arrival = Arrival(SessionId(call.path["sessionId"]), fields, call.raw_body, call.media_type or "")
        if not await self._is_settled(arrival):
            received = await self._receiver.receive(arrival)
            await self._remember_settled(arrival, received)
        return Answer.text(200, "recorded")

    async def read_status(self, call: Call) -> Answer:
        """Say how both machines stand; to whom the order is known or told, the whole order."""
        session_id, merchant, token = SessionId(call.path["sessionId"]), find_merchant(), header_of(call, TOKEN_HEADER)

        def look(session: Session) -> tuple[PaymentStatus, PaymentContext]:
            standing = read_standing(session, session_id)
            if token and not standing.is_tracked_by(token):
                raise UnauthenticatedError("X-Tracking-Token is not this payment's")
            is_owner = merchant is not None and merchant.id == standing.context.merchant.id
            if token or is_owner:
                return render_order(session, standing, self._terms.redaction), standing.context
            return render_status(standing), standing.context

        status, context = await self._database.read(look)
        journal.annotate(subject=context.order.reference, account=context.merchant.name)
        # The merchant's pages may read it; whoever asks, the answer is the same, so that caches cannot mix them up.
        return Answer.json(
            200, status, headers=(("access-control-allow-origin", origin_of(context.merchant.frontend_url)),)
        )

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

    async def _recall_frontend(self, session_id: SessionId) -> str | None:
        """Return where this session's shopper is sent, if that can be known without the store."""
        facts = await self._terms.fast.find_session(session_id) if self._terms.fast else None
        if facts is None:
            return None
        journal.annotate(subject=facts.tran_id, account=facts.merchant)
        return self._terms.frontends.find(facts.merchant)

    async def _is_settled(self, arrival: Arrival) -> bool:
        """Say whether exactly this has been recorded and settled; who cannot say so says no."""
        fast = self._terms.fast
        seen = await fast.find_settled(arrival.session_id, arrival.fields) if fast else None
        if seen is not None:
            journal.annotate(subject=seen.tran_id, account=seen.merchant, note="a duplicate of what is settled")
        return seen is not None

    async def _remember_settled(self, arrival: Arrival, received: Received) -> None:
        fast, told = self._terms.fast, received.context
        if fast is not None and await self._receiver.is_settled(received):
            merchant, tran_id = told.merchant.name, told.order.reference
            await fast.remember_settled(arrival.session_id, arrival.fields, merchant=merchant, tran_id=tran_id)

    async def _read_context(self, session_id: SessionId) -> PaymentContext:
        context = await self._database.read(lambda session: get_by_session(session, session_id))
        journal.annotate(subject=context.order.reference, account=context.merchant.name)
        return context

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
