"""The `webhook_url` of a merchant: its first endpoint, made with the registration and read with the merchant."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from reference_server.ids import MerchantId
from reference_server.merchants.model import Merchant
from reference_server.webhooks.apply import NewEndpoint, set_endpoint
from reference_server.webhooks.guard import Guard
from reference_server.webhooks.model import CheckedUrl, EndpointId
from reference_server.webhooks.store import list_endpoints


class FirstEndpoint:
    """`guard` says whom webhooks may be sent to; ids and secrets are drawn for the account of that name."""

    def __init__(self, guard: Guard, *, draw_id: Callable[[str], str], draw_secret: Callable[[str], str]) -> None:
        self._guard = guard
        self._draw_id = draw_id
        self._draw_secret = draw_secret

    async def check(self, url: str) -> CheckedUrl:
        """Return the address as it may be kept. Raises `InvalidError` for one that nothing is ever sent to."""
        return await self._guard.check(url, pointer="/webhook_url")

    def draw_secret(self, account: str) -> str:
        """Draw what webhooks are signed with."""
        return self._draw_secret(account)

    def make(self, session: Session, merchant: Merchant, url: CheckedUrl, *, secret: str, at: datetime) -> None:
        """Register the endpoint in the transaction of the merchant."""
        new = NewEndpoint(EndpointId(self._draw_id(merchant.name)), url, secret)
        set_endpoint(session, merchant.id, new, at=at)

    def find_url(self, session: Session, merchant_id: MerchantId) -> str | None:
        """Return where the merchant's first endpoint leads."""
        return next((endpoint.url for endpoint in list_endpoints(session, merchant_id)), None)
