"""What an acquirer is told of a payment, and how its bare no is read: values out of rows, and nothing else."""

from dataclasses import replace

from reference_server.errors import GatewayRefusedError
from reference_server.gateways.gateway import (
    Authorization,
    AuthorizationRequest,
    GatewayReport,
    GatewayWord,
    Method,
)
from reference_server.orders.model import Order
from reference_server.payments.model import Payment, PaymentAttempt


def request_of(payment: Payment, attempt: PaymentAttempt, order: Order) -> AuthorizationRequest:
    """Return what names this try to the acquirer; the same whenever it is asked."""
    captures = not payment.is_captured_by_merchant
    return AuthorizationRequest(attempt.id, order.reference, order.money, Method(payment.method), captures)


def authorization_of(payment: Payment, attempt: PaymentAttempt, order: Order, *, is_part: bool) -> Authorization:
    """Return the money that is held, or so much of it as the merchant wants to capture."""
    money = order.money
    if is_part and payment.to_capture_minor:
        money = replace(money, amount_minor=payment.to_capture_minor)
    return Authorization(attempt.gateway_reference or "", order.reference, money)


def read_refusal(error: GatewayRefusedError, *, reference: str, name: str = "") -> GatewayReport:
    """Return a no that came without a report as one: it is about what was asked, and final."""
    return GatewayReport(
        word=GatewayWord.FAILED,
        reference=reference,
        gateway_reference=name,
        claims=(),
        captured_at=None,
        reason=error.message,
        evidence="",
        is_bound=True,
    )
