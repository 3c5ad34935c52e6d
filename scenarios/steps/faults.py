"""`inject_fault` and `clear_faults`: arm and disarm misbehaviour of the gateway."""

from dataclasses import asdict
from datetime import datetime

from scenarios.model import ClearFaults, InjectFault
from scenarios.story import Story


async def inject_fault(story: Story, wanted: InjectFault, *, line: int) -> None:
    """Arm one rule; a payment's name in `when.order` becomes the order's id."""
    del line
    when = {name: _on_wire(value) for name, value in asdict(wanted.when).items() if value is not None}
    if wanted.when.order is not None:
        when["order"] = story.order(wanted.when.order).order
    faults = [{fault.name: dict(fault.settings)} for fault in wanted.faults]
    await story.world.simulators.post("/_control/faults", {"when": when, "faults": faults})


async def clear_faults(story: Story, wanted: ClearFaults, *, line: int) -> None:
    """Disarm every rule."""
    del wanted, line
    await story.world.simulators.delete("/_control/faults")


def _on_wire(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
