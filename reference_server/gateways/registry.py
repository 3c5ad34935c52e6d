"""Which gateways there are, and a line to one of them for a merchant's account."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from reference_server.gateways.gateway import Caller, Gateway, GatewayLine, Limits
from reference_server.outgoing import OutgoingCall, PeerAnswer


@dataclass(frozen=True, slots=True)
class Line:
    """A gateway with the line to it."""

    gateway: Gateway
    line: GatewayLine


@dataclass(frozen=True, slots=True)
class _Named:
    """Says of each call which gateway it is for; no gateway folder has to."""

    caller: Caller
    gateway: str

    async def call(self, call: OutgoingCall) -> PeerAnswer:
        return await self.caller.call(replace(call, gateway=self.gateway))


class Registry:
    """The gateways by name; `app.py` says which."""

    def __init__(self, gateways: Mapping[str, Gateway], *, caller: Caller, limits: Limits) -> None:
        self._gateways = gateways
        self._caller = caller
        self._limits = limits

    @property
    def names(self) -> tuple[str, ...]:
        """Every gateway's name."""
        return tuple(sorted(self._gateways))

    def credential_names(self, gateway: str) -> tuple[str, ...]:
        """Return what an account with that gateway has to hold."""
        return self._gateways[gateway].credential_names

    def refunds_after(self, gateway: str, key: str) -> timedelta:
        """Return how long the refund of that key waits before it is sent; not at all to a gateway that is unknown."""
        known = self._gateways.get(gateway)
        return timedelta() if known is None else known.refunds_after(key)

    def line(self, gateway: str, *, account: str, credentials: Mapping[str, str], base_url: str) -> Line:
        """Return the line of one gateway account."""
        line = GatewayLine(account, credentials, base_url, _Named(self._caller, gateway), self._limits)
        return Line(self._gateways[gateway], line)
