"""What the sandbox answers. It keeps no book: an answer follows from its call alone, so that nothing is done twice."""

from collections.abc import Mapping
from datetime import timedelta

from reference_server.errors import GatewayRefusedError
from reference_server.gateways.gateway import (
    Authorization,
    AuthorizationRequest,
    GatewayLine,
    GatewayNotification,
    GatewayReport,
    GatewayWord,
    OpenedSession,
    RefundReport,
    RefundRequest,
    SentRefund,
    SessionRequest,
    Verdict,
)
from reference_server.gateways.sandbox.authenticity import refuse_proof
from reference_server.gateways.sandbox.notifications import read_nothing
from reference_server.gateways.sandbox.states import (
    PAYMENT_SECONDS,
    REFUND_SECONDS,
    Draw,
    SandboxTerms,
    decide,
    delay_of,
)
from reference_server.gateways.sandbox.wire import write_closed, write_decline, write_refund, write_report

NAME = "sandbox"


class Sandbox:
    """A gateway and an acquirer. The delays are for whoever owes the call: no call here waits."""

    name = NAME
    credential_names: tuple[str, ...] = ()

    def __init__(self, terms: SandboxTerms, draw: Draw) -> None:
        self._terms = terms
        self._draw = draw

    def answers_after(self, key: str) -> timedelta:
        """5 to 10 seconds."""
        return delay_of(key, PAYMENT_SECONDS, draw=self._draw, terms=self._terms)

    def refunds_after(self, key: str) -> timedelta:
        """3 to 5 seconds."""
        return delay_of(key, REFUND_SECONDS, draw=self._draw, terms=self._terms)

    async def authorize(self, request: AuthorizationRequest) -> GatewayReport:
        """Agree or decline by the draw of this try's key."""
        name = f"sbx_{request.key}"
        decline = decide(request.key, request.method, draw=self._draw, terms=self._terms)
        if decline is not None:
            return write_decline(decline, gateway_reference=name, reference=request.reference)
        word = GatewayWord.CAPTURED if request.captures else GatewayWord.AUTHORIZED
        return write_report(word, Authorization(name, request.reference, request.money))

    async def close(self, request: AuthorizationRequest) -> GatewayReport:
        """Say that nothing is held: what it answered was stored with the answer, and it keeps no book of the rest."""
        return write_closed(request.reference)

    async def capture(self, authorization: Authorization) -> GatewayReport:
        """Say that so much of it is captured."""
        return write_report(GatewayWord.CAPTURED, authorization)

    async def void(self, authorization: Authorization) -> GatewayReport:
        """Say that it is released."""
        return write_report(GatewayWord.CANCELLED, authorization, reason="the authorization is voided")

    async def refund(self, line: GatewayLine, request: RefundRequest) -> RefundReport:
        """Say that the money is back."""
        return write_refund(request.key)

    async def find_refund(self, line: GatewayLine, sent: SentRefund) -> RefundReport:
        """Say that the money is back."""
        return write_refund(sent.gateway_reference)

    async def query(self, line: GatewayLine, reference: str, *, session_key: str) -> tuple[GatewayReport, ...]:
        """Know nothing: whatever was answered here was stored with the answer."""
        return ()

    async def confirm(
        self, line: GatewayLine, notification: GatewayNotification, *, session_key: str
    ) -> tuple[GatewayReport, ...]:
        """Know nothing: the sandbox sends no notifications."""
        return ()

    async def open_session(self, line: GatewayLine, request: SessionRequest) -> OpenedSession:
        """Refuse: it is told of the instrument by us."""
        raise GatewayRefusedError("the sandbox has no checkout page")

    def verify(self, line: GatewayLine, fields: Mapping[str, str]) -> Verdict:
        """Believe nobody."""
        return refuse_proof()

    def read(self, fields: Mapping[str, str]) -> GatewayNotification:
        """Refuse to read what the sandbox cannot have sent."""
        return read_nothing()
