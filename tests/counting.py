"""An event loop that counts: for clocks that must arm no more timers than they need."""

import asyncio
from typing import Any


class CountingLoop(asyncio.SelectorEventLoop):
    """An event loop that says how many timers were armed on it."""

    armed = 0

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        self.armed += 1
        return super().call_later(delay, callback, *args, context=context)
