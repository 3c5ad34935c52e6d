"""The control plane's operations on fault rules."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from contracts.binding import Answer, Call
from simulators.control.side import Side
from simulators.faults.engine import Ask
from simulators.faults.kinds import list_kinds
from simulators.faults.rules import Rule, When


class FaultOperations:
    """Operations tagged `faults`."""

    def __init__(self, side: Side) -> None:
        self._side = side

    async def list_faults(self, call: Call) -> Answer:
        """Answer the rules in force, in order of arming."""
        rules = self._side.account_of(call).faults.rules
        return Answer.json(200, {"rules": [_render(rule) for rule in rules]})

    async def list_fault_kinds(self, call: Call) -> Answer:
        """Answer which faults there are."""
        return Answer.json(200, {"kinds": list_kinds(self._side.accounts.stages)})

    async def add_fault(self, call: Call) -> Answer:
        """Arm a rule."""
        asked: Mapping[str, Any] = call.body
        ask = Ask(_read_when(asked.get("when", {})), asked["faults"], asked)
        return Answer.json(201, _render(self._side.account_of(call).faults.arm(ask)))

    async def remove_fault(self, call: Call) -> Answer:
        """Disarm one rule."""
        self._side.account_of(call).faults.remove(str(call.path["rule"]))
        return Answer(204)

    async def clear_faults(self, call: Call) -> Answer:
        """Disarm every rule of the account."""
        self._side.account_of(call).faults.clear()
        return Answer(204)


def _read_when(asked: Mapping[str, Any]) -> When:
    """Read what the document has let through: members of the right type, or none."""
    return When(
        gateway=asked.get("gateway"),
        operation=asked.get("operation"),
        event=asked.get("event"),
        order=asked.get("order"),
        nth=_read(int, asked.get("nth")),
        first=_read(int, asked.get("first")),
        every=_read(int, asked.get("every")),
        probability=_read(float, asked.get("probability")),
        after=_read(datetime.fromisoformat, asked.get("after")),
        before=_read(datetime.fromisoformat, asked.get("before")),
    )


T = TypeVar("T")


def _read(reader: Callable[[Any], T], value: object) -> T | None:
    return None if value is None else reader(value)


def _render(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "when": rule.told.get("when", {}),
        "faults": rule.told.get("faults", []),
        "matched": rule.matched,
    }
