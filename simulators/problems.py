"""Refusals in our own voice, as problem documents (RFC 9457): the control plane's and the played merchant's."""

from contracts.binding import Answer, Refusal, RefusalKind

_MEDIA_TYPE = "application/problem+json"
_STATUSES = {
    RefusalKind.NOT_FOUND: (404, "There is no such path"),
    RefusalKind.METHOD_NOT_ALLOWED: (405, "The path has no such method"),
    RefusalKind.UNSUPPORTED_MEDIA_TYPE: (415, "The body is of a type that is not read here"),
    RefusalKind.TOO_LARGE: (413, "The request is too large"),
    RefusalKind.MALFORMED: (400, "The request cannot be read"),
    RefusalKind.INVALID: (422, "The request breaks the document"),
}


def problem(status: int, title: str, *, detail: str | None = None, violations: object = None) -> Answer:
    """Answer with a problem document."""
    told: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    told |= {name: value for name, value in (("detail", detail), ("violations", violations)) if value}
    return Answer(status, Answer.json(status, told).body, _MEDIA_TYPE)


def refuse(refusal: Refusal) -> Answer:
    """Word what the binding kit would not let through, with the place of every mistake."""
    status, title = _STATUSES[refusal.kind]
    broken = [
        {"place": one.place.value, "pointer": one.pointer, "rule": one.rule, "message": one.message}
        for one in refusal.violations
    ]
    allowed = f"it has {', '.join(refusal.allowed)}" if refusal.allowed else None
    return problem(status, title, detail=allowed, violations=broken)
