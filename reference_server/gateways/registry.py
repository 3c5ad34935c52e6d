"""Which gateways there are, and a line to one of them for a merchant's account."""

from collections.abc import Mapping
from dataclasses import dataclass

from reference_server.gateways.gateway import Caller, Gateway, GatewayLine, Limits


@dataclass(frozen=True, slots=True)
class Line:
    """A gateway with the line to it."""

    gateway: Gateway
    line: GatewayLine


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

    def line(self, gateway: str, *, account: str, credentials: Mapping[str, str], base_url: str) -> Line:
        """Return the line of one gateway account."""
        line = GatewayLine(account, credentials, base_url, self._caller, self._limits)
        return Line(self._gateways[gateway], line)
