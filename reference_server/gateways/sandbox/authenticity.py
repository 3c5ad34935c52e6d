"""Whom to believe who speaks as the sandbox: nobody. It answers calls of this process and sends nothing."""

from reference_server.gateways.gateway import Forged


def refuse_proof() -> Forged:
    """Return the verdict on whatever claims to be the sandbox's notification."""
    return Forged("the sandbox sends no notifications")
