"""Document 000's operations: checked values → the gateway if needed → `apply` → an answer. No rule lives here."""

from collections.abc import Awaitable, Callable, Mapping

from sqlmodel import Session

from contracts.binding import Answer, Call
from reference_server import journal
from reference_server.apis.door import find_merchant, header_of
from reference_server.apis.hosted_page.opening import Opening
from reference_server.apis.hosted_page.standing import read_standing, render_order, render_status
from reference_server.apis.hosted_page.terms import Terms
from reference_server.database import Database
from reference_server.errors import UnauthenticatedError
from reference_server.ids import SessionId
from reference_server.merchants.frontends import origin_of
from reference_server.models import PaymentStatus
from reference_server.notifications.receiver import Arrival, Received, Receiver
from reference_server.payments.store import PaymentContext, get_by_session

TOKEN_HEADER = b"x-tracking-token"


class HostedPage:
    """`handlers` joins the document's operations to these functions."""

    def __init__(self, database: Database, *, opening: Opening, receiver: Receiver, terms: Terms) -> None:
        self._database = database
        self._opening = opening
        self._receiver = receiver
        self._terms = terms

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of the document with what answers it."""
        return {
            "initPayment": self._opening.init_payment,
            "returnSuccess": self.return_shopper,
            "returnFail": self.return_shopper,
            "returnCancel": self.return_shopper,
            "receiveIpn": self.receive_ipn,
            "readStatus": self.read_status,
        }

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
