"""Asks the running server as a merchant does: one call, its HTTP status and what its JSON says."""

from dataclasses import dataclass, field
from typing import cast

import msgspec

from reference_server.activity import Activity
from reference_server.clock import Clock, machine_ordinal
from reference_server.errors import GatewayError
from reference_server.journal import Journal
from reference_server.network import Network
from reference_server.outgoing import Outgoing, OutgoingCall, Transport

LIMIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Said:
    """What the server answered; status 0 is no answer."""

    status: int
    members: dict[str, object] = field(default_factory=dict[str, object])

    def text(self, name: str) -> str:
        """Return a member as text; empty where there is none."""
        value = self.members.get(name)
        return "" if value is None else str(value)

    @property
    def problem(self) -> str:
        """What a refusal says of itself."""
        if not self.status:
            return "it does not answer"
        return f"{self.status} {self.text('title') or self.text('status')}".strip()


class Caller:
    """`key` and `secret` are a merchant's; `transport` carries the calls in place of sockets."""

    def __init__(self, server: str, *, key: str = "", secret: str = "", transport: Transport | None = None) -> None:
        self.server = server.rstrip("/")
        self.clock = Clock(Activity())
        self._headers = {"x-api-key": key, "x-api-secret": secret} if key else {}
        network, journal = Network({}), Journal(self.clock, machine_ordinal)
        self._outgoing = Outgoing(self.clock, Activity(), journal=journal, network=network, transport=transport)

    @property
    def is_merchant(self) -> bool:
        """Whether there is a key to show."""
        return bool(self._headers)

    async def get(self, path: str) -> Said:
        """Read."""
        return await self._call(OutgoingCall("doctor", "GET", self.server + path, LIMIT_SECONDS, headers=self._headers))

    async def post(self, path: str, body: dict[str, object]) -> Said:
        """Ask for something to be done."""
        headers = self._headers | {"content-type": "application/json"}
        told = msgspec.json.encode(body)
        call = OutgoingCall("doctor", "POST", self.server + path, LIMIT_SECONDS, body=told, headers=headers)
        return await self._call(call)

    async def close(self) -> None:
        """Close the connections."""
        await self._outgoing.close()

    async def _call(self, call: OutgoingCall) -> Said:
        try:
            answer = await self._outgoing.call(call)
        except GatewayError:
            return Said(0)
        try:
            read: object = msgspec.json.decode(answer.body)
        except msgspec.MsgspecError:
            read = None
        return Said(answer.status, cast("dict[str, object]", read) if isinstance(read, dict) else {})
