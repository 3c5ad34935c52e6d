"""Document 001's deployment checklist: its lines, what was found at each, and how that is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Item(Enum):
    """The lines, in the document's words and order."""

    MIGRATIONS = "Database migrations applied"
    SETTINGS = "All environment variables configured"
    REDIS = "Redis connection working"
    POSTGRESQL = "PostgreSQL connection working"
    HEALTH = "API server health check passing"
    WORKER = "Worker service running"
    PAYMENT = "Test payment creation works"
    WEBHOOK = "Webhook delivery working"
    REFUND = "Refund processing working"
    DASHBOARD = "Dashboard accessible"
    SDK = "Embeddable SDK loading"


class Mark(Enum):
    """What was found. Only `failed` makes the whole list fail."""

    OK = "ok"
    FAILED = "failed"
    NOT_USED = "not used"
    NOT_TRIED = "not tried"
    NOT_THERE_YET = "not there yet"


_BOXES = {Mark.OK: "[x]", Mark.FAILED: "[!]"}
_OPEN_BOX = "[-]"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list with what was found."""

    item: Item
    mark: Mark
    told: str


# Said plainly: nobody shall look for them.
OF_A_LATER_RELEASE = (
    Line(Item.DASHBOARD, Mark.NOT_THERE_YET, "this release has no dashboard"),
    Line(Item.SDK, Mark.NOT_THERE_YET, "this release has no embeddable SDK"),
)


def is_well(lines: Sequence[Line]) -> bool:
    """Say whether nothing failed."""
    return all(line.mark is not Mark.FAILED for line in lines)


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Return one line for each item, in the document's order."""
    found = {line.item: line for line in lines}
    return [found.get(item, Line(item, Mark.NOT_TRIED, "nothing was found out")) for item in Item]


def render_text(lines: Sequence[Line], server: str) -> str:
    """Write the list for people."""
    width = max(len(item.value) for item in Item)
    told = [f"{_BOXES.get(line.mark, _OPEN_BOX)} {line.item.value:{width}}  {_said(line)}" for line in lines]
    failed = sum(line.mark is Mark.FAILED for line in lines)
    end = "nothing failed" if not failed else f"{failed} of {len(lines)} failed"
    return "\n".join([f"Deployment checklist of {server}", *told, end])


def render_json(lines: Sequence[Line], server: str) -> dict[str, object]:
    """Return the list for programs."""
    told = [{"item": line.item.value, "mark": line.mark.value, "told": line.told} for line in lines]
    return {"server": server, "ok": is_well(lines), "checklist": told}


def _said(line: Line) -> str:
    return line.told if line.mark in {Mark.OK, Mark.FAILED} else f"{line.mark.value}: {line.told}"
