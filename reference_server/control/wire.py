"""The control plane on the wire: reads checked values, calls `plane.py`, answers JSON."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from contracts.binding import Answer, Call, Operation
from reference_server.control.accounts import GatewayTerms, NewAccount
from reference_server.control.plane import Control
from reference_server.errors import InvalidError
from reference_server.journal import Selection


def is_for_server(operation: Operation) -> bool:
    """Say whether the document asks this operation of the server."""
    sides = operation.extensions.get("x-sides")
    return isinstance(sides, list) and "server" in sides


class ControlOperations:
    """`handlers` joins the document's operations to these functions."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def handlers(self) -> Mapping[str, Callable[[Call], Awaitable[Answer]]]:
        """Return every operation of the server's part of the document with what answers it."""
        return {
            "readHealth": self.read_health,
            "readClock": self.read_clock,
            "setClock": self.set_clock,
            "runNextDue": self.run_next_due,
            "advanceClock": self.advance_clock,
            "listDue": self.list_due,
            "readJournal": self.read_journal,
            "clearJournal": self.clear_journal,
            "listAccounts": self.list_accounts,
            "openAccount": self.open_account,
            "listOrders": self.list_orders,
            "reset": self.reset,
            "setSeed": self.set_seed,
        }

    async def read_health(self, call: Call) -> Answer:
        return Answer.json(200, self._control.read_health())

    async def read_clock(self, call: Call) -> Answer:
        return Answer.json(200, self._control.read_clock())

    async def set_clock(self, call: Call) -> Answer:
        now = _read_instant(call.body.get("now"), "/now")
        return Answer.json(200, self._control.set_clock(mode=call.body.get("mode"), now=now))

    async def run_next_due(self, call: Call) -> Answer:
        return Answer.json(200, self._control.run_next_due())

    async def advance_clock(self, call: Call) -> Answer:
        seconds, to = call.body.get("by_seconds"), _read_instant(call.body.get("to"), "/to")
        by_seconds = None if seconds is None else float(seconds)
        return Answer.json(200, await self._control.advance_clock(by_seconds=by_seconds, to=to))

    async def list_due(self, call: Call) -> Answer:
        return Answer.json(200, self._control.list_due(**_given(call, "limit")))

    async def read_journal(self, call: Call) -> Answer:
        selection = Selection(**_given(call, "after", "limit", "operation", "order", "account"))
        return Answer.json(200, await self._control.read_journal(selection, **_given(call, "wait")))

    async def clear_journal(self, call: Call) -> Answer:
        self._control.clear_journal(**_given(call, "account"))
        return Answer(204)

    async def list_accounts(self, call: Call) -> Answer:
        return Answer.json(200, await self._control.accounts.list_accounts())

    async def open_account(self, call: Call) -> Answer:
        body: dict[str, Any] = call.body
        gateway = body.get("gateway")
        new = NewAccount(
            name=body["name"],
            gateway=None if gateway is None else GatewayTerms(**gateway),
            provisioning_url=body.get("provisioning_url"),
            frontend_url=body.get("frontend_url"),
            seed=body.get("seed"),
        )
        return Answer.json(201, await self._control.accounts.open_account(new))

    async def list_orders(self, call: Call) -> Answer:
        return Answer.json(200, await self._control.list_orders(**_given(call, "account", "limit")))

    async def reset(self, call: Call) -> Answer:
        await self._control.reset(**_given(call, "account"))
        return Answer(204)

    async def set_seed(self, call: Call) -> Answer:
        self._control.set_seed(call.body["seed"], **_given(call, "account"))
        return Answer(204)


def _given(call: Call, *names: str) -> dict[str, Any]:
    return {name: call.query[name] for name in names if call.query.get(name) is not None}


def _read_instant(text: object, pointer: str) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        # A leap second, or a year that no calendar here has.
        raise InvalidError("this instant cannot be kept here", pointer=pointer, rule="format") from None
