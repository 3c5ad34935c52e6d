"""A request that does not reach its handler, as a value: each side words its own refusals from it."""

from dataclasses import dataclass
from enum import Enum

from contracts.binding.call import Call
from contracts.binding.violation import Violation


class RefusalKind(Enum):
    """What stood in the way. INVALID is a message that was read whole and breaks the document's rules."""

    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`allowed` names every method of the path (METHOD_NOT_ALLOWED only; the kit sets the Allow header itself).

    `call` is the request as far as it could be read: whole for INVALID, None for NOT_FOUND and METHOD_NOT_ALLOWED.
    """

    kind: RefusalKind
    violations: tuple[Violation, ...]
    allowed: tuple[str, ...]
    call: Call | None
