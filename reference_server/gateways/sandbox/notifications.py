"""Notifications of the sandbox: there are none."""

from reference_server.errors import GatewayNonsenseError
from reference_server.gateways.gateway import GatewayNotification


def read_nothing() -> GatewayNotification:
    """Raise `GatewayNonsenseError`, whatever was sent."""
    raise GatewayNonsenseError("the sandbox sends no notifications")
