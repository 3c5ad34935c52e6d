"""What the kit raises: mistakes of whoever writes documents or handlers, never of whoever calls (that is a Refusal).

KitError
├── DocumentError   the document cannot be read, or says what the kit cannot keep
├── BindingError    operations and handlers do not cover each other
└── AnswerError     a handler's answer is not what the document allows
"""

from contracts.binding.violation import Violation


class KitError(Exception):
    """Any mistake that the kit finds on its own side of the wire."""


class DocumentError(KitError):
    """Names the document and the place in it: a line and column of YAML, or a JSON pointer."""


class BindingError(KitError):
    """Names every operation without a handler and every handler without an operation."""

    def __init__(self, message: str, *, unhandled: tuple[str, ...], unknown: tuple[str, ...]) -> None:
        super().__init__(message)
        self.unhandled = unhandled
        self.unknown = unknown


class AnswerError(KitError):
    """Names the operation, the HTTP status and every violation of the answer."""

    def __init__(self, operation_id: str, status: int, violations: tuple[Violation, ...]) -> None:
        broken = "; ".join(f"{violation.pointer or 'answer'}: {violation.message}" for violation in violations)
        super().__init__(f"{operation_id} answered {status}, which its document does not allow: {broken}")
        self.operation_id = operation_id
        self.status = status
        self.violations = violations
