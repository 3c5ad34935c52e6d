"""The control plane's operations on time: read and set an account's clock, run what is due, advance."""

from datetime import timedelta

from contracts.binding import Answer, Call
from simulators.accounts import Account
from simulators.clock import ClockMode
from simulators.control.side import Side, read_instant, within_calendar
from simulators.errors import SettingsError
from simulators.journal import render_instant
from simulators.outbox import Due


class ClockOperations:
    """Operations tagged `time`."""

    def __init__(self, side: Side) -> None:
        self._side = side

    async def read_clock(self, call: Call) -> Answer:
        """Answer the clock, what goes on, and what is due first."""
        return Answer.json(200, _clock(self._side.account_of(call)))

    async def set_clock(self, call: Call) -> Answer:
        """Set the clock; run nothing."""
        account = self._side.account_of(call)
        mode, now = call.body.get("mode"), call.body.get("now")
        if mode == ClockMode.SYSTEM.value and now is not None:
            raise SettingsError("the machine's clock cannot be set: leave `now` away, or the mode")
        if mode == ClockMode.SYSTEM.value:
            account.clock.release()
        else:
            account.clock.set(read_instant(now) if now else account.clock.now())
        account.outbox.wake.set()
        return Answer.json(200, _clock(account))

    async def run_next_due(self, call: Call) -> Answer:
        """Start the one thing that is due first, if its time has come."""
        account = self._side.account_of(call)
        ran = account.timekeeper.run_next()
        failed = account.timekeeper.take_failures()
        return Answer.json(200, _standing(account) | {"ran": ran and render_due(ran), "failed": failed})

    async def advance_clock(self, call: Call) -> Answer:
        """Move from due thing to due thing, running each to rest."""
        account = self._side.account_of(call)
        if "to" in call.body:
            target = read_instant(call.body["to"])
        else:
            target = within_calendar(account.clock.now() + timedelta(seconds=float(call.body["by_seconds"])))
        advanced = await account.timekeeper.advance(target)
        told = {
            "ran": [render_due(due) for due in advanced.ran],
            "quiet": advanced.because is None,
            **_standing(account),
        }
        del told["activity"]
        return Answer.json(200, told | ({"because": advanced.because} if advanced.because else {}))

    async def list_due(self, call: Call) -> Answer:
        """Answer what is owed, earliest first."""
        due = self._side.account_of(call).timekeeper.list_due(int(call.query.get("limit", 1_000)))
        return Answer.json(200, {"due": [render_due(one) for one in due]})


def render_due(due: Due) -> dict[str, object]:
    """Word a due thing as control.yaml does."""
    told: dict[str, object] = {"at": render_instant(due.at), "kind": due.kind.value, "name": due.name}
    return told | ({"subject": due.subject} if due.subject else {})


def _clock(account: Account) -> dict[str, object]:
    return {"mode": account.clock.mode.value, **_standing(account)}


def _standing(account: Account) -> dict[str, object]:
    due, seen = account.timekeeper.next_due(), account.activity.snapshot()
    return {
        "now": render_instant(account.clock.now()),
        "activity": {
            "running": seen.running,
            "calls_made": seen.calls_made,
            "calls_ended": seen.calls_ended,
            "requests_taken": seen.requests_taken,
            "requests_ended": seen.requests_ended,
        },
        "due": due and render_due(due),
    }
