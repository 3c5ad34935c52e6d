"""The control plane's client: JSON in, JSON out, over a socket or straight into an app of this process."""

from collections.abc import Mapping
from typing import Any

import httpx

from scenarios.calls import NO_TLS


class ControlError(Exception):
    """The control plane refused a call, or did not answer; the text is its problem document, in words."""


class Control:
    """Speaks `/_control` of one side. `account` is added to every call that names none."""

    def __init__(self, client: httpx.AsyncClient, *, account: str | None = None) -> None:
        self._client = client
        self._account = account

    def of_account(self, account: str) -> "Control":
        """Return the same control plane, speaking of `account`."""
        return Control(self._client, account=account)

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
        await self._client.aclose()

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Any:
        account = {} if self._account is None else {"account": self._account}
        try:
            answer = await self._client.request(method, path, params={**account, **(query or {})}, json=body)
        except httpx.TransportError as lost:
            raise ControlError(f"{method} {path}: no answer ({type(lost).__name__}); is that side up?") from lost
        if answer.status_code >= 400:
            raise ControlError(f"{method} {path}: {answer.status_code} {_words(answer)}")
        return answer.json() if answer.content else None


def _words(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return answer.text[:200]
    places = [f"{found['pointer']}: {found['message']}" for found in problem.get("violations", [])]
    return "; ".join([problem.get("detail") or problem.get("title", ""), *places])


def control_here(app: Any) -> Control:
    """Speak to an ASGI app of this process without a socket."""
    transport = httpx.ASGITransport(app=app)
    timeout = httpx.Timeout(None)
    return Control(
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=timeout, trust_env=False)
    )


def control_at(url: str) -> Control:
    """Speak to the control plane at `url`; a side that does not answer within 30 s of real time is given up."""
    return Control(httpx.AsyncClient(base_url=url, verify=NO_TLS, timeout=30, trust_env=False))
