"""Every id and secret of webhooks that is drawn."""

from reference_server.chance import Chance
from reference_server.webhooks.model import DeliveryId, EndpointId, WebhookEventId
from reference_server.webhooks.signing import SECRET_BYTES, render_secret

_ID_LENGTH = 20


class Draws:
    """Draws for the account of a name, or for none in particular."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    def endpoint_id(self, account: str) -> EndpointId:
        """Name an endpoint."""
        return EndpointId(f"ep_{self._chance.token(account, 'endpoint', length=_ID_LENGTH)}")

    def secret(self, account: str) -> str:
        """Draw what webhooks are signed with."""
        drawn = self._chance.integer(account, "webhook secret", below=256**SECRET_BYTES)
        return render_secret(drawn.to_bytes(SECRET_BYTES))

    def event_id(self) -> WebhookEventId:
        """Name an event."""
        return WebhookEventId(f"evt_{self._chance.token('', 'webhook event', length=_ID_LENGTH)}")

    def delivery_id(self) -> DeliveryId:
        """Name a delivery."""
        return DeliveryId(f"whd_{self._chance.token('', 'delivery', length=_ID_LENGTH)}")
