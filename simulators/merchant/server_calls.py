"""The shop backend's calls to the reference server: with the merchant's key, within a limit, written down."""

from collections.abc import Callable

import msgspec

from simulators.accounts import Account
from simulators.journal import Actor
from simulators.merchant.outgoing import Outgoing, Outlet, Response
from simulators.settings import Settings

# The server itself waits up to 10 s for a gateway's session.
LIMIT_SECONDS = 15


class ServerCalls:
    """Asks the reference server as the merchant whose key the settings hold."""

    def __init__(self, settings: Settings, outlet: Outlet, *, account: Callable[[], Account]) -> None:
        self._base = settings.server_url
        self._key = settings.merchant_api_key
        self._secret = settings.merchant_api_secret.get_secret_value()
        self._outlet = outlet
        self._account = account

    async def ask(self, method: str, path: str, *, operation: str, body: object = None) -> Response:
        """Call the server. Raises `CallLost`."""
        headers = {"X-Api-Key": self._key, "X-Api-Secret": self._secret}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        sent = b"" if body is None else msgspec.json.encode(body)
        call = Outgoing(
            method, f"{self._base}{path}", operation, Actor.SERVER, LIMIT_SECONDS, headers=headers, body=sent
        )
        return await self._outlet.ask(self._account(), call)
