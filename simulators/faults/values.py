"""What settings a fault takes, and the values that a rule gives them. `parameters.py` reads and refuses them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from simulators.faults.plan import Holding

Value = float | bool | str
# Ten years: longer than any schedule of a merchant, and far from the end of the calendar.
LATEST_SECONDS = 10 * 365 * 86_400
LEAST_SECONDS = 0.000001


class SettingKind(Enum):
    """What a setting's value is, in the words of `listFaultKinds`."""

    WHOLE = "integer"
    NUMBER = "number"
    FLAG = "boolean"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Setting:
    """One parameter of a fault. Numbers have bounds, texts a greatest length and perhaps a pattern.

    Without a default it is needed, unless it `may_be_absent`.
    """

    name: str
    kind: SettingKind
    about: str
    least: float = 0
    most: float = 0
    options: tuple[int | str, ...] = ()
    pattern: str = ""
    # What a text is, for people: "a currency such as USD".
    called: str = ""
    default: Value | None = None
    may_be_absent: bool = False


def seconds(
    name: str, about: str, *, least: float = LEAST_SECONDS, most: float = LATEST_SECONDS, default: float | None = None
) -> Setting:
    """Take a stretch of the account's time; scenarios write it as a duration."""
    return Setting(f"{name}_seconds", SettingKind.NUMBER, about, least=least, most=most, default=default)


@dataclass(slots=True)
class Tally:
    """What a fault has seen under its rule: how often, since when, and what it holds back."""

    times: int = 0
    since: datetime | None = None
    holding: "Holding | None" = None


@dataclass(frozen=True, slots=True)
class Values:
    """A fault's settings as one rule gives them, defaults filled in; `tally` is what it has counted there."""

    given: Mapping[str, Value]
    tally: Tally = field(default_factory=Tally)

    def number(self, name: str) -> float:
        return cast("float", self.given[name])

    def whole(self, name: str) -> int:
        return int(cast("int", self.given[name]))

    def flag(self, name: str) -> bool:
        return self.given[name] is True

    def word(self, name: str) -> str:
        return str(self.given[name])

    def find_word(self, name: str) -> str | None:
        return self.word(name) if name in self.given else None

    def find_whole(self, name: str) -> int | None:
        return self.whole(name) if name in self.given else None
