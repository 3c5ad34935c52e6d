"""How long an outgoing call may take, and on which clock that is measured."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from simulators.clock import Clock, ClockMode
from simulators.network import Network


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """Where a call goes and how many seconds it may take; `purpose` names its timer."""

    url: str
    limit_seconds: float
    purpose: str


@asynccontextmanager
async def limited(clock: Clock, network: Network, *, call: OutgoingCall) -> AsyncGenerator[None]:
    """Cut a call off with `TimeoutError`.

    Our own sides keep the same clock as we; a foreign peer answers in real time, whatever a virtual clock shows.
    """
    if clock.mode is ClockMode.SYSTEM or network.is_ours(call.url):
        async with clock.limit(call.limit_seconds, purpose=call.purpose):
            yield
    else:
        async with clock.real_limit(call.limit_seconds):
            yield
