"""The shopper's browser on its way back, where cases need more than the checkout page's own form."""

from dataclasses import replace
from urllib.parse import urlencode

from scenarios.conformance.adversary import Message
from scenarios.conformance.arena import Arena


async def come_back_by_get(arena: Arena, message: Message) -> None:
    """Open the address with the fields as its query, as a link does."""
    joint = "&" if "?" in message.url else "?"
    url = f"{message.url}{joint}{urlencode(message.fields)}"
    await arena.note_post(replace(message, url=url), arena.ground.calls.get(url), method="GET")
    await arena.clock.quiesce()
