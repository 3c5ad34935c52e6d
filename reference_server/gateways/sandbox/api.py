"""What the sandbox answers. It keeps no book: an answer follows from its call alone, so that nothing is done twice."""

from collections.abc import Mapping
from datetime import timedelta

from reference_server.errors import GatewayNonsenseError, GatewayRefusedError
from reference_server.gateways.gateway import (
    Authorization,
    AuthorizationRequest,
    Decline,
    Forged,
    GatewayLine,
    GatewayNotification,
    GatewayReport,
    GatewayWord,
    OpenedSession,
    RefundReport,
    RefundRequest,
    RefundWord,
    SentRefund,
    SessionRequest,
    Verdict,
)
from reference_server.gateways.sandbox.states import (
    PAYMENT_SECONDS,
    REFUND_SECONDS,
    Draw,
    SandboxTerms,
    decide,
    delay_of,
)

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
        authorization = Authorization(f"sbx_{request.key}", request.reference, request.money)
        decline = decide(request.key, request.method, draw=self._draw, terms=self._terms)
        if decline is not None:
            return _report(GatewayWord.FAILED, authorization, reason=decline.description, decline=decline)
        word = GatewayWord.CAPTURED if request.captures else GatewayWord.AUTHORIZED
        return _report(word, authorization)

    async def capture(self, authorization: Authorization) -> GatewayReport:
        """Say that so much of it is captured."""
        return _report(GatewayWord.CAPTURED, authorization)

    async def void(self, authorization: Authorization) -> GatewayReport:
        """Say that it is released."""
        return _report(GatewayWord.CANCELLED, authorization, reason="the authorization is voided")

    async def refund(self, line: GatewayLine, request: RefundRequest) -> RefundReport:
        """Say that the money is back."""
        return _refunded(request.key)

    async def find_refund(self, line: GatewayLine, sent: SentRefund) -> RefundReport:
        """Say that the money is back."""
        return _refunded(sent.gateway_reference)

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
        return Forged("the sandbox sends no notifications")

    def read(self, fields: Mapping[str, str]) -> GatewayNotification:
        """Refuse to read what the sandbox cannot have sent."""
        raise GatewayNonsenseError("the sandbox sends no notifications")


def _report(
    word: GatewayWord, authorization: Authorization, *, reason: str = "", decline: Decline | None = None
) -> GatewayReport:
    return GatewayReport(
        word=word,
        reference=authorization.reference,
        gateway_reference=authorization.gateway_reference,
        claims=() if decline is not None else (authorization.money,),
        captured_at=None,
        reason=reason,
        evidence="",
        is_bound=True,
        money_reference=authorization.gateway_reference,
        decline=decline,
    )


def _refunded(key: str) -> RefundReport:
    return RefundReport(RefundWord.REFUNDED, key, "", "")
