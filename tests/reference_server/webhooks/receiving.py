"""A merchant's receiver of webhooks that does what a test tells it, and a stage with some of them."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from reference_server.clock import Clock
from reference_server.settings import Settings
from tests.reference_server.stage import SETTINGS, Stage, staged

HOOK_URL, OTHER_URL = "http://hooks.test/take", "http://other.test/take"
HOOKS = SETTINGS.model_copy(
    update={"peers": {**SETTINGS.peers, "http://hooks.test": "127.0.0.1:1", "http://other.test": "127.0.0.1:1"}}
)


@dataclass(frozen=True, slots=True)
class Taken:
    """One POST as it arrived."""

    at: datetime
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(slots=True)
class Receiver:
    """`script` is what it answers, each entry once and the last one for ever: a code, headers, or `hang`."""

    script: list[int | str | tuple[int, dict[str, str]]] = field(default_factory=lambda: [200])
    taken: list[Taken] = field(default_factory=list[Taken])
    clock: Clock | None = None

    async def answer(self, request: httpx.Request) -> httpx.Response:
        assert self.clock is not None
        self.taken.append(Taken(self.clock.now(), request.headers, request.content))
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(said, str):
            await asyncio.Event().wait()
        code, headers = said if isinstance(said, tuple) else (said, {})
        return httpx.Response(int(code), headers=headers, text=f"code {code}")

    @property
    def seconds(self) -> list[float]:
        """When each arrived, counted from the first."""
        return [(one.at - self.taken[0].at).total_seconds() for one in self.taken]


@dataclass(slots=True)
class Hooked:
    """A stage with two receivers, and endpoints that lead to them."""

    stage: Stage
    hook: Receiver
    other: Receiver

    async def endpoint(self, url: str = HOOK_URL, **more: Any) -> dict[str, Any]:
        """Register an endpoint."""
        answer = await self.stage.ask("/api/v1/endpoints", {"url": url, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def deliveries(self, query: str = "") -> list[dict[str, Any]]:
        """List what was sent, newest first."""
        answer = await self.stage.ask(f"/api/v1/webhooks{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def delivery(self) -> dict[str, Any]:
        """Read the one delivery that there is, with its attempts."""
        (listed,) = await self.deliveries()
        return (await self.stage.ask(f"/api/v1/webhooks/{listed['id']}")).json()

    async def change(self, endpoint: Mapping[str, Any], **body: Any) -> httpx.Response:
        """Change an endpoint."""
        headers = {"x-api-key": "key_test", "x-api-secret": "sec_test"}
        return await self.stage.client.patch(f"/api/v1/endpoints/{endpoint['id']}", json=body, headers=headers)


@asynccontextmanager
async def hooked(settings: Settings = HOOKS) -> AsyncGenerator[Hooked]:
    """Start a server between its gateway and two receivers of webhooks."""
    hook, other = Receiver(), Receiver()
    async with staged(settings, hooks={"hooks.test": hook.answer, "other.test": other.answer}) as stage:
        hook.clock = other.clock = stage.server.timekeeper.clock
        yield Hooked(stage, hook, other)
