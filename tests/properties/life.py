"""A server that can be killed after any commit or call and goes on from what it left, with all that outlives it.

Asked from outside alone, one thing at a time; the merchant's end for webhooks and provisioning is played here.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import msgspec

from contracts.checks.asking import Asked, Told, object_of
from contracts.checks.webhooks_are_proven import Received
from reference_server.changes import Aftermath
from reference_server.settings import Settings
from tests.reference_server.booked import BookedAcquirer
from tests.reference_server.engine import outlast_leases
from tests.reference_server.scripted import Killed, ProvisioningSink, ScriptedGateway
from tests.reference_server.stage import API_KEY, API_SECRET, SETTINGS, Stage, staged

T = TypeVar("T")
CREDENTIALS = {"x-api-key": API_KEY, "x-api-secret": API_SECRET}
WEBHOOK_HOST, WEBHOOK_URL = "hooks.test", "http://hooks.test/webhooks"
KEY_IN_USE = "urn:gatewright:problem:idempotency-key-in-use"
# Named as ours, so that its limit runs on the virtual clock; nothing ever connects.
OURS = {**SETTINGS.peers, "http://hooks.test": "127.0.0.1:1"}


@dataclass
class MerchantEnd(ProvisioningSink):
    """The merchant's systems: provisioning, and a receiver of webhooks that is down while `is_down`."""

    received: list[Received] = field(default_factory=list[Received])
    is_down: bool = False

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Take a webhook, or a call for provisioning."""
        if request.url.host != WEBHOOK_HOST:
            return await super().answer(request)
        self.on_call("before webhook")
        status = 503 if self.is_down else 200
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(headers, request.content, status))
        self.on_call("after webhook")
        return httpx.Response(status)


@dataclass
class Killer:
    """Kills the process after so many more commits and calls, and everything that it would have gone on with."""

    left: int | None = None
    has_killed: bool = False

    def reach(self, point: str) -> None:
        if self.left is not None and not self.has_killed:
            self.left -= 1
            self.has_killed = self.left < 0
        if self.has_killed:
            raise Killed(point)


class Life:
    """One server after the other on one database. Every method returns when the server has nothing to do at once."""

    def __init__(self, settings: Settings, *, acquirer: BookedAcquirer | None = None) -> None:
        self._settings = settings.model_copy(update={"peers": OURS})
        self._acquirer = acquirer
        self._runner = asyncio.Runner()
        self.gateway, self.end = ScriptedGateway(), MerchantEnd()
        self.lives = 0
        self._begin()

    def ask(self, asked: Asked) -> Told:
        """Ask while nobody is being killed."""
        told = self.try_ask(asked)
        assert told is not None
        return told

    def try_ask(self, asked: Asked) -> Told | None:
        """Ask; None where the server died over it."""
        return self.play(lambda stage: send(stage, asked))

    def ask_after_death(self, asked: Asked) -> Told:
        """Ask again what a server may have died over.

        Where others could be at it, that is refused until the dead one's lease has lapsed; here that is at once.
        """
        told = self.ask(asked)
        database = self._stage.server.database
        if not database.is_shared or (object_of(told.body) or {}).get("type") != KEY_IN_USE:
            return told
        outlast_leases(database)
        return self.ask(asked)

    def play(self, story: Callable[[Stage], Coroutine[Any, Any, T]]) -> T | None:
        """Play a story against the server; None where it died over it. A dead one is followed by another."""
        result: T | None = None
        try:
            result = self._runner.run(story(self._stage))
        except Killed:
            assert self._killer.has_killed
        if self._killer.has_killed:
            self.restart()
        return result

    def kill_after(self, points: int) -> None:
        """Let the server die after so many more commits and calls."""
        self._killer.left = points

    def spare(self) -> None:
        """Kill nobody, whatever was said before."""
        self._killer.left = None

    def restart(self) -> None:
        """End the process as a kill does, and start another on what it left."""
        self._end_stage()
        self._begin()

    def close(self) -> None:
        """End it all."""
        self._end_stage()
        self._runner.close()

    def _begin(self) -> None:
        self.lives += 1
        self._killer = Killer()
        self._staged = staged(self._settings, gateway=self.gateway, sink=self.end, acquirer=self._acquirer)
        self._stage = self._runner.run(self._enter())
        database, killer = self._stage.server.database, self._killer
        tell = database.tell

        def tell_unless_killed(aftermath: Aftermath) -> None:
            killer.reach("commit")
            tell(aftermath)

        database.tell = tell_unless_killed
        self._call_at(killer.reach)

    def _end_stage(self) -> None:
        self._call_at(lambda _: None)
        self._runner.run(self._leave())

    def _call_at(self, reach: Callable[[str], None]) -> None:
        self.gateway.on_call = self.end.on_call = reach
        if self._acquirer is not None:
            self._acquirer.on_call = reach

    async def _enter(self) -> Stage:
        return await self._staged.__aenter__()

    async def _leave(self) -> None:
        await self._staged.__aexit__(None, None, None)


async def send(stage: Stage, asked: Asked) -> Told:
    """Ask one thing."""
    answer = await stage.client.request(
        asked.method, asked.url, headers=dict(asked.headers), content=asked.body or None
    )
    return Told(answer.status_code, answer.content)


def post(path: str, body: Mapping[str, object], *, key: str = "") -> Asked:
    """Return a merchant's POST."""
    headers = {**CREDENTIALS, "content-type": "application/json", **({"idempotency-key": key} if key else {})}
    return Asked("POST", path, headers, msgspec.json.encode(body))


def get(path: str) -> Asked:
    """Return a merchant's GET."""
    return Asked("GET", path, CREDENTIALS)
