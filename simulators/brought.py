"""Tells whoever waits for it that a notification of an order was brought."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from simulators.activity import Activity


class Brought:
    """Watchers by order."""

    def __init__(self) -> None:
        self._watchers: dict[str, list[Callable[[], None]]] = {}

    def watch(self, order: str, heard: Callable[[], None]) -> None:
        """Call `heard` whenever a notification of the order was brought."""
        self._watchers.setdefault(order, []).append(heard)

    def unwatch(self, order: str, heard: Callable[[], None]) -> None:
        """Call `heard` no longer."""
        left = [one for one in self._watchers[order] if one is not heard]
        if left:
            self._watchers[order] = left
        else:
            del self._watchers[order]

    def tell(self, order: str) -> None:
        """Tell every watcher."""
        for heard in tuple(self._watchers.get(order, ())):
            heard()

    async def await_one(self, order: str, *, limit: AbstractAsyncContextManager[None], activity: Activity) -> bool:
        """Stand still until one was brought or the limit is over; say whether one was.

        Whoever brings it counts this activity as running before it wakes: no gap may show.
        """
        heard = asyncio.Event()

        def wake() -> None:
            if not heard.is_set():
                activity.resume()
                heard.set()

        self.watch(order, wake)
        try:
            async with limit:
                await _stand_still(heard, activity)
        except TimeoutError:
            return heard.is_set()
        finally:
            self.unwatch(order, wake)
        return True


async def _stand_still(heard: asyncio.Event, activity: Activity) -> None:
    activity.park()
    try:
        await heard.wait()
    finally:
        if not heard.is_set():
            activity.resume()
