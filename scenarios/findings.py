"""An expectation found broken, as a value; reports word it, nobody prints it on the way."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What was expected, what was seen, where the story says so, and the command that shows it again.

    `at` is the virtual instant of the look; `place` lies on the scale of `Exchange.order` and puts the finding
    between two exchanges. Without them reports put it at the story's end.
    """

    title: str
    expected: str
    seen: str
    line: int
    repeat: str
    at: datetime | None = None
    place: int | None = None
