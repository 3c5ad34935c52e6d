"""The sandbox's answers as reports. There is no wire: it is in this process."""

from reference_server.gateways.gateway import (
    Authorization,
    Decline,
    GatewayReport,
    GatewayWord,
    RefundReport,
    RefundWord,
)


def write_report(word: GatewayWord, authorization: Authorization, *, reason: str = "") -> GatewayReport:
    """Say that the money of this authorization stands so."""
    return GatewayReport(
        word=word,
        reference=authorization.reference,
        gateway_reference=authorization.gateway_reference,
        claims=(authorization.money,),
        captured_at=None,
        reason=reason,
        # It says nothing that the report does not, so that there is no answer to keep beside it.
        evidence="",
        is_bound=True,
        money_reference=authorization.gateway_reference,
    )


def write_decline(decline: Decline, *, gateway_reference: str, reference: str) -> GatewayReport:
    """Say that a try is declined, and why."""
    return GatewayReport(
        word=GatewayWord.FAILED,
        reference=reference,
        gateway_reference=gateway_reference,
        claims=(),
        captured_at=None,
        reason=decline.description,
        evidence="",
        is_bound=True,
        decline=decline,
    )


def write_closed(reference: str) -> GatewayReport:
    """Say that no money came, nor will, of a try that has no name."""
    return GatewayReport(
        word=GatewayWord.CANCELLED,
        reference=reference,
        gateway_reference="",
        claims=(),
        captured_at=None,
        reason="the acquirer holds nothing of it",
        evidence="",
        is_bound=True,
    )


def write_refund(key: str) -> RefundReport:
    """Say that the money of this refund is back."""
    return RefundReport(RefundWord.REFUNDED, key, "", "")
