"""The control plane's client: JSON in, JSON out, over a socket or straight into an app of this process."""

from collections.abc import Mapping
from typing import Any, Protocol

import httpx
import msgspec
from starlette.types import ASGIApp

from scenarios.app_here import AppHere
from scenarios.calls import NO_TLS


class ControlError(Exception):
    """The control plane refused a call, or did not answer; the text is its problem document, in words."""


class _Way(Protocol):
    async def ask(
        self, method: str, path: str, *, query: Mapping[str, str | int], body: Mapping[str, Any] | None
    ) -> tuple[int, bytes]: ...
    async def close(self) -> None: ...


class _OverHttp:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def ask(
        self, method: str, path: str, *, query: Mapping[str, str | int], body: Mapping[str, Any] | None
    ) -> tuple[int, bytes]:
        try:
            answer = await self._client.request(method, path, params=query, json=body)
        except httpx.TransportError as lost:
            raise ControlError(f"{method} {path}: no answer ({type(lost).__name__}); is that side up?") from lost
        return answer.status_code, answer.content

    async def close(self) -> None:
        await self._client.aclose()


class Control:
    """Speaks `/_control` of one side. `account` is added to every call that names none."""

    def __init__(self, way: _Way, *, account: str | None = None) -> None:
        self._way = way
        self._account = account

    def of_account(self, account: str) -> "Control":
        """Return the same control plane, speaking of `account`."""
        return Control(self._way, account=account)

    async def get(self, path: str, **query: str | int) -> Any:
        """Read; the keywords are query parameters."""
        return await self._ask("GET", path, query=query)

    async def post(self, path: str, body: Mapping[str, Any] | None) -> Any:
        """Post a JSON body, or none."""
        return await self._ask("POST", path, body=body)

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Put a JSON body."""
        return await self._ask("PUT", path, body=body)

    async def delete(self, path: str) -> None:
        """Delete."""
        await self._ask("DELETE", path)

    async def close(self) -> None:
        """Close the connections."""
        await self._way.close()

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Any:
        account = {} if self._account is None else {"account": self._account}
        status, told = await self._way.ask(method, path, query={**account, **(query or {})}, body=body)
        if status >= 400:
            raise ControlError(f"{method} {path}: {status} {_words(told)}")
        return msgspec.json.decode(told) if told else None


def _words(told: bytes) -> str:
    try:
        problem: Any = msgspec.json.decode(told)
    except msgspec.DecodeError:
        return told.decode(errors="replace")[:200]
    places = [f"{found['pointer']}: {found['message']}" for found in problem.get("violations", [])]
    return "; ".join([problem.get("detail") or problem.get("title", ""), *places])


def control_here(app: ASGIApp) -> Control:
    """Speak to an ASGI app of this process without a socket."""
    return Control(AppHere(app))


def control_at(url: str) -> Control:
    """Speak to the control plane at `url`; a side that does not answer within 30 s of real time is given up."""
    return Control(_OverHttp(httpx.AsyncClient(base_url=url, verify=NO_TLS, timeout=30, trust_env=False)))
