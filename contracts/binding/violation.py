"""One broken rule of a document, with its place. Worded for whoever has to mend the message."""

from dataclasses import dataclass
from enum import Enum


class Place(Enum):
    """Where in a message the rule was broken."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"
    BODY = "body"
    ANSWER = "answer"


# A megabyte can break half a million rules, which would take seconds to list and a gigabyte to hold. Whoever mends the
# first hundred is told of the next.
MOST_VIOLATIONS = 100


@dataclass(frozen=True, slots=True)
class Violation:
    """`pointer` is a parameter's name or a JSON pointer; a missing required member is pointed at itself.

    `rule` is a JSON Schema keyword or a rule of the kit: charset, content-length, depth, duplicate, encoding,
    field-length, fields, malformed, media-type, nul, number, query-length, repeated, undeclared.
    `message` never quotes the value found: it may be a card number or a secret on its way to a log.
    A NUL in a member's name is pointed at as U+FFFD, since the answer that tells of it may not hold one either.
    """

    place: Place
    pointer: str
    rule: str
    message: str

    def __post_init__(self) -> None:
        if "\x00" in self.pointer:
            object.__setattr__(self, "pointer", self.pointer.replace("\x00", "\ufffd"))
