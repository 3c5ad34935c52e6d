"""The shopper's browser on its way back, where cases need more than the checkout page's own form."""

from urllib.parse import urlencode

from scenarios.calls import CallLost
from scenarios.conformance.adversary import Message
from scenarios.conformance.arena import Arena


async def come_back_by_get(arena: Arena, message: Message) -> None:
    """Open the address with the fields as its query, as a link does."""
    joint = "&" if "?" in message.url else "?"
    try:
        await arena.call(arena.ground.calls.get(f"{message.url}{joint}{urlencode(message.fields)}"))
    except CallLost:
        return
    await arena.clock.quiesce()
