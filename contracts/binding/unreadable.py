"""How the readers of a message report what they cannot read, and where it is gathered."""

from dataclasses import dataclass, field

from contracts.binding.refusal import RefusalKind
from contracts.binding.violation import MOST_VIOLATIONS, Place, Violation

# The gravest decides how the request is refused: what was not read at all before what was read and found wrong.
_GRAVITY = (RefusalKind.INVALID, RefusalKind.MALFORMED, RefusalKind.UNSUPPORTED_MEDIA_TYPE, RefusalKind.TOO_LARGE)


class Unreadable(Exception):
    """A part of a message that yields no value. Whoever knows its place turns it into a violation."""

    def __init__(self, rule: str, message: str, *, kind: RefusalKind = RefusalKind.MALFORMED) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.kind = kind

    def at(self, place: Place, pointer: str) -> Violation:
        return Violation(place, pointer, self.rule, self.message)


@dataclass(slots=True)
class Findings:
    """What is wrong with one message so far: the first MOST_VIOLATIONS, and the gravest kind of them all."""

    violations: list[Violation] = field(default_factory=list[Violation])
    kind: RefusalKind | None = None

    def add(self, violation: Violation, kind: RefusalKind = RefusalKind.INVALID) -> None:
        if len(self.violations) < MOST_VIOLATIONS:
            self.violations.append(violation)
        if self.kind is None or _GRAVITY.index(kind) > _GRAVITY.index(self.kind):
            self.kind = kind

    def extend(self, other: "Findings") -> None:
        for violation in other.violations:
            self.add(violation, other.kind or RefusalKind.INVALID)

    def add_all(self, violations: tuple[Violation, ...]) -> None:
        for violation in violations:
            self.add(violation)
