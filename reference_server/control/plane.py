"""What the control plane does, as methods: the operations of contracts/control.yaml, same names, values as its schemas.

The harness calls these in process; `wire.py` joins them to the wire.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session

from reference_server import tables
from reference_server.activity import Activity
from reference_server.chance import Chance
from reference_server.clock import Clock, ClockError, ClockMode
from reference_server.control.accounts import Accounts
from reference_server.control.orders import list_order_rows
from reference_server.database import Database
from reference_server.errors import ConflictError
from reference_server.incarnation import remember_instant
from reference_server.journal import EVERYTHING, Journal, Selection
from reference_server.merchants.store import get_by_name
from reference_server.timekeeper import Due, Timekeeper

VERSION = "0.1.0"
# More things than this at one instant are one thing that owes itself again.
TURNS_AT_ONE_INSTANT_MAX = 1_000
# So much real time without anybody moving is taken for a peer that will not answer before our clock ends the call: one
# of ours that keeps the same clock answers at once, or when time moves.
PARKED_SECONDS = 1.0

Members = dict[str, object]


@dataclass(frozen=True, slots=True)
class Controlled:
    """The parts that the control plane turns."""

    clock: Clock
    activity: Activity
    timekeeper: Timekeeper
    journal: Journal
    database: Database
    chance: Chance
    accounts: Accounts
    # Makes whatever lies outside of the database strange to what the database holds from then on.
    forget_elsewhere: Callable[[], Awaitable[None]]
    address: str
    advance_seconds_max: float


class Control:
    """Every method answers what the document says; errors are those of `errors.py`."""

    def __init__(self, parts: Controlled) -> None:
        self._clock = parts.clock
        self._activity = parts.activity
        self._timekeeper = parts.timekeeper
        self._journal = parts.journal
        self._database = parts.database
        self._chance = parts.chance
        self._forget_elsewhere = parts.forget_elsewhere
        self._address = parts.address
        self._advance_seconds_max = parts.advance_seconds_max
        self.accounts = parts.accounts

    def read_health(self) -> Members:
        """Say whether units of work can run."""
        is_ready = self._database.is_open
        return {"side": "server", "ready": is_ready, "version": VERSION, "listeners": {"server": self._address}}

    def read_clock(self) -> Members:
        """Say where the clock stands, what is going on, and what is due first."""
        return {
            "mode": self._clock.mode.value,
            "now": render_instant(self._clock.now()),
            "activity": self._render_activity(),
            "due": _render_due(self._timekeeper.next_due()),
        }

    def set_clock(self, *, mode: Literal["system", "virtual"] | None = None, now: datetime | None = None) -> Members:
        """Set the clock and run nothing. Raises `ConflictError` for an instant that is over."""
        if mode == "system":
            if now is not None:
                raise ConflictError("the machine's time cannot be set: leave out mode or now")
            self._clock.release()
        else:
            self._stand_at(now or self._clock.now())
        return self.read_clock()

    def run_next_due(self) -> Members:
        """Start what is due first, if its instant has come."""
        if self._clock.mode is ClockMode.SYSTEM:
            raise ConflictError("on the system clock the server runs by itself what is due")
        ran = self._timekeeper.run_next()
        return {
            "now": render_instant(self._clock.now()),
            "ran": _render_due(ran),
            "activity": self._render_activity(),
            "failed": self._timekeeper.take_failures(),
            "due": _render_due(self._timekeeper.next_due()),
        }

    async def advance_clock(self, *, by_seconds: float | None = None, to: datetime | None = None) -> Members:
        """Move from due thing to due thing, running each to its end."""
        if self._clock.mode is ClockMode.SYSTEM:
            raise ConflictError("only a virtual clock is moved: set mode virtual first")
        target = to or self._clock.now() + timedelta(seconds=by_seconds or 0)
        if target < self._clock.now():
            raise ConflictError("a virtual clock never goes back")
        ran: list[Due] = []
        because = await self._advance_to(target, ran)
        told: Members = {"ran": [_render_due(due) for due in ran], "quiet": because == ""}
        if because:
            told["because"] = because
        return told | {"now": render_instant(self._clock.now()), "due": _render_due(self._timekeeper.next_due())}

    def list_due(self, *, limit: int = 1000) -> Members:
        """Return what is owed and when."""
        return {"due": [_render_due(due) for due in self._timekeeper.list_due(limit)]}

    async def read_journal(self, selection: Selection = EVERYTHING, *, wait: int = 0) -> Members:
        """Return what went over the wire; with `wait`, hold the answer until there is something newer."""
        if wait:
            await self._journal.wait_for_newer(selection.after, seconds=wait)
        return {"exchanges": self._journal.read(selection), "dropped": self._journal.dropped}

    def clear_journal(self, *, account: str = "") -> None:
        """Forget the exchanges; with `account`, those that are known to be its own."""
        self._journal.clear(account)

    async def list_orders(self, *, account: str | None = None, limit: int = 1000) -> Members:
        """Return this side's truth about orders."""
        return {"orders": await self._database.read(lambda session: list_order_rows(session, account, limit=limit))}

    async def reset(self, *, account: str | None = None) -> None:
        """Forget orders, what is owed, and the journal; merchants and the clock stay."""

        def unit(session: Session) -> None:
            tables.forget_orders(session, None if account is None else get_by_name(session, account).id)

        await self._database.run(unit)
        await self._forget_elsewhere()
        self._chance.forget(account=account)
        self._journal.clear(account or "")

    def set_seed(self, seed: int, *, account: str | None = None) -> None:
        """Draw from this seed from now on."""
        self._chance.reseed(seed, account=account)

    def _stand_at(self, instant: datetime) -> None:
        try:
            self._clock.set(instant)
        except ClockError as error:
            raise ConflictError(str(error)) from None
        self._database.run_now(lambda session: remember_instant(session, self._clock.now()))

    async def _advance_to(self, target: datetime, ran: list[Due]) -> str:
        """Run everything up to `target`; return why it is not quiet, or nothing."""
        gives_up_at, turns = self._clock.wall() + timedelta(seconds=self._advance_seconds_max), 0
        while True:
            if not await self._is_quiet(gives_up_at):
                return "something is still running, or a peer has not answered"
            due = self._timekeeper.next_due()
            if due is None or due.at > target:
                self._stand_at(target)
                return ""
            turns += 1
            if due.at > self._clock.now():
                self._stand_at(due.at)
                turns = 0
            if turns > TURNS_AT_ONE_INSTANT_MAX:
                return f"{due.name} of {due.subject} is due again and again at {render_instant(due.at)}"
            self._timekeeper.run_next()
            ran.append(due)

    async def _is_quiet(self, gives_up_at: datetime) -> bool:
        seen, since = self._activity.snapshot(), self._clock.wall()
        while not self._looks_quiet():
            if self._clock.wall() > gives_up_at:
                return False
            await self._clock.idle(None, wake=self._timekeeper.ended)
            before, seen = seen, self._activity.snapshot()
            since = since if seen == before else self._clock.wall()
            if self._is_parked() and self._clock.wall() - since > timedelta(seconds=PARKED_SECONDS):
                return True
        return True

    def _looks_quiet(self) -> bool:
        seen = self._activity.snapshot()
        return seen.running == 0 and seen.calls_made == seen.calls_ended and not self._timekeeper.is_working

    def _is_parked(self) -> bool:
        """Say whether nobody runs and each open call has a timer of ours that ends it."""
        seen = self._activity.snapshot()
        calls = seen.calls_made - seen.calls_ended
        return seen.running == 0 and len(self._clock.list_due(calls)) == calls > 0

    def _render_activity(self) -> Members:
        seen = self._activity.snapshot()
        return {
            "running": seen.running,
            "calls_made": seen.calls_made,
            "calls_ended": seen.calls_ended,
            "requests_taken": seen.requests_taken,
            "requests_ended": seen.requests_ended,
        }


def render_instant(instant: datetime) -> str:
    """Write RFC 3339 in UTC with microseconds and Z."""
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _render_due(due: Due | None) -> Members | None:
    if due is None:
        return None
    told: Members = {"at": render_instant(due.at), "kind": due.kind, "name": due.name}
    return told | ({"subject": due.subject} if due.subject else {})
