"""The types of ASGI 3, spelled as Starlette spells them, so that the kit needs no framework to be typed."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

# ASGI leaves the members of scopes and messages open; each reader narrows what it takes out.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
