"""The scripted receiver: keeps what comes, to the byte, and answers each delivery as its script says."""

import base64
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from contracts.binding import Answer, Call, NoAnswer
from simulators.accounts import Account
from simulators.answering import StruckAnswer
from simulators.arrivals import current_arrival
from simulators.journal import render_instant

RECEIVED_MAX: Final = 1_000
# Of all bodies of one account together; one alone is at most as long as the kit lets it be.
BYTES_MAX: Final = 16 * 1024 * 1024
_KEEP: Final = "receiver"


@dataclass(frozen=True, slots=True)
class Step:
    """What one delivery is answered. `body_bytes` fills the body up to so many bytes."""

    status: int = 200
    delay_seconds: float = 0
    silence: bool = False
    reset: bool = False
    redirect: str = ""
    body: str = ""
    body_bytes: int = 0
    media_type: str = "text/plain"


@dataclass(slots=True)
class Receiver:
    """One account's. Without a script everything is answered 200."""

    script: Sequence[Step] = ()
    # What deliveries get that the script no longer covers: its last step, or the script again from the first.
    then: str = "last"
    received: deque[dict[str, object]] = field(default_factory=deque[dict[str, object]])
    taken: int = 0
    dropped: int = 0
    _bytes: int = 0

    def clear(self) -> None:
        """Forget the script and what came."""
        self.play((), then="last")
        self.received.clear()
        self._bytes = self.dropped = 0

    def play(self, script: Sequence[Step], *, then: str) -> None:
        """Begin a script."""
        self.script, self.then, self.taken = script, then, 0

    def next_step(self) -> Step:
        """Return what the delivery at hand is answered."""
        place, self.taken = self.taken, self.taken + 1
        if not self.script:
            return Step()
        last = len(self.script) - 1
        return self.script[place % len(self.script) if self.then == "first" else min(place, last)]

    def keep(self, told: dict[str, object], size: int) -> None:
        """Keep a delivery; the oldest make room."""
        self.received.append(told)
        self._bytes += size
        while len(self.received) > RECEIVED_MAX or self._bytes > BYTES_MAX:
            self._bytes -= cast("int", self.received.popleft()["size"])
            self.dropped += 1


def receiver_of(account: Account) -> Receiver:
    """Return an account's receiver."""
    return cast("Receiver", account.keeps.setdefault(_KEEP, Receiver()))


def read_step(told: Mapping[str, Any]) -> Step:
    """Read a step that the control plane's document has let through."""
    return Step(**told)


async def receive(account: Account, call: Call) -> Answer | NoAnswer:
    """Take a delivery and do what the script says."""
    receiver = receiver_of(account)
    step = receiver.next_step()
    receiver.keep(_render(account, call, step), len(call.raw_body))
    struck = StruckAnswer(current_arrival(), account, call)
    if step.delay_seconds:
        await account.clock.sleep(step.delay_seconds, purpose="the receiver's delay")
    if step.silence:
        await struck.stay_silent()
        return NoAnswer()
    if step.reset:
        await struck.reset()
        return NoAnswer()
    headers = (("location", step.redirect),) if step.redirect else ()
    body = step.body.encode().ljust(step.body_bytes, b".")
    return Answer(step.status, body, step.media_type, headers)


def _render(account: Account, call: Call, step: Step) -> dict[str, object]:
    query = f"?{call.raw_query.decode('latin-1')}" if call.raw_query else ""
    return {
        "at": render_instant(account.clock.now()),
        "method": call.operation.method,
        "url": f"{call.scheme}://{call.host}{call.raw_path}{query}",
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in call.raw_headers],
        "body": base64.b64encode(call.raw_body).decode("ascii"),
        "size": len(call.raw_body),
        "answered": "silence" if step.silence else "reset" if step.reset else str(step.status),
    }
