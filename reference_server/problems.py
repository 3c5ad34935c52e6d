"""How refusals are worded: problem documents (RFC 9457) for what the kit turns away and for what is raised here."""

from dataclasses import dataclass, replace

import msgspec

from contracts.binding import Answer, Place, Refusal, RefusalKind, Violation
from reference_server import errors

_PROBLEM = "application/problem+json"
_TYPE = "urn:gatewright:problem:"


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    slug: str
    title: str


_REFUSALS = {
    RefusalKind.NOT_FOUND: _Kind(404, "not-found", "There is nothing here"),
    RefusalKind.METHOD_NOT_ALLOWED: _Kind(405, "method-not-allowed", "That is not asked by this method"),
    RefusalKind.UNSUPPORTED_MEDIA_TYPE: _Kind(415, "unsupported-media-type", "The body is in no form read here"),
    RefusalKind.TOO_LARGE: _Kind(413, "too-large", "The request is larger than anything that is read here"),
    RefusalKind.MALFORMED: _Kind(400, "malformed", "The request cannot be read"),
    RefusalKind.INVALID: _Kind(400, "invalid", "The request breaks the document's rules"),
}

# The first class that fits counts, so that a narrower one stands before its parent.
_ERRORS: tuple[tuple[type[errors.ServerError], _Kind], ...] = (
    (errors.UnauthenticatedError, _Kind(401, "unauthenticated", "Key and secret are wanted")),
    (errors.InvalidError, _Kind(400, "invalid", "The request breaks the document's rules")),
    (errors.MissingError, _Kind(404, "not-found", "There is no such thing")),
    (errors.ConflictError, _Kind(409, "conflict", "That does not go together with what is there")),
    (errors.UnencryptedError, _Kind(403, "https-required", "Only over HTTPS")),
    (errors.KeyReusedError, _Kind(422, "idempotency-key-reused", "That key named another request")),
    (errors.KeyInUseError, _Kind(409, "idempotency-key-in-use", "The first request under that key is under way")),
    (errors.RateLimitedError, _Kind(429, "rate-limited", "Asked too often")),
    (errors.ForbiddenError, _Kind(403, "forbidden", "Not from there")),
    (errors.ForgedError, _Kind(400, "forged", "The notification is not to be believed")),
    (errors.GatewayRefusedError, _Kind(502, "gateway-refused", "The gateway refused")),
    (errors.GatewayNonsenseError, _Kind(502, "gateway-nonsense", "The gateway's answer cannot be read")),
    (errors.GatewayUnreachableError, _Kind(502, "gateway-unreachable", "The gateway's answer was lost")),
    (errors.GatewayTimedOutError, _Kind(504, "gateway-timed-out", "The gateway did not answer in time")),
    (errors.NotReadyError, _Kind(503, "not-ready", "The server is starting or stopping")),
)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One kind of refusal as a reader meets it: `type` names it for programs, `title` for people."""

    status: int
    type: str
    title: str


def list_problems() -> tuple[Problem, ...]:
    """Return every kind of refusal on purpose, by its status."""
    kinds = {kind.slug: kind for kind in (*_REFUSALS.values(), *(kind for _, kind in _ERRORS))}
    return tuple(sorted(Problem(kind.status, f"{_TYPE}{kind.slug}", kind.title) for kind in kinds.values()))


def word_refusal(refusal: Refusal) -> Answer:
    """Word what the kit turned away. A path that cannot name anything is a path that names nothing."""
    if any(violation.place is Place.PATH for violation in refusal.violations):
        return _problem(_REFUSALS[RefusalKind.NOT_FOUND])
    violations = [_render_violation(violation) for violation in refusal.violations]
    return _problem(_REFUSALS[refusal.kind], **({"violations": violations} if violations else {}))


def word_unreadable(detail: str) -> Answer:
    """Word what is no HTTP request, so that nobody can be asked."""
    return _problem(_REFUSALS[RefusalKind.MALFORMED], detail=detail)


def word_error(error: errors.ServerError, *, request_id: str = "") -> Answer:
    """Word what was raised here on purpose; what is our own mistake says no more than that."""
    for raised, kind in _ERRORS:
        if isinstance(error, raised):
            answer = _problem(kind, detail=error.message, **error.extensions, **_pointed(error))
            return replace(answer, headers=answer.headers + _retry_after(error))
    return word_bug(request_id=request_id)


def word_bug(*, request_id: str = "") -> Answer:
    """Word what should not have happened; the log says what did, under the request's id.

    Other problems have the id in the answer's head alone: what is another merchant's and what is not there read alike.
    """
    named = {"requestId": request_id} if request_id else {}
    return _problem(_Kind(500, "bug", "Something broke here; it is logged"), **named)


def _retry_after(error: errors.ServerError) -> tuple[tuple[str, str], ...]:
    return (("retry-after", str(error.retry_after_seconds)),) if isinstance(error, errors.LaterError) else ()


def _pointed(error: errors.ServerError) -> dict[str, object]:
    if not isinstance(error, errors.InvalidError):
        return {}
    violation = Violation(Place(error.place), error.pointer, error.rule, error.message)
    return {"violations": [_render_violation(violation)]}


def _problem(kind: _Kind, **members: object) -> Answer:
    body = {"type": f"{_TYPE}{kind.slug}", "title": kind.title, "status": kind.status} | members
    # RFC 9110 section 15.5.2: a 401 says how to authenticate; there is no registered scheme for a pair of headers.
    headers = (("www-authenticate", 'ApiKey headers="X-Api-Key, X-Api-Secret"'),) if kind.status == 401 else ()
    return Answer(kind.status, msgspec.json.encode(body), _PROBLEM, headers)


def _render_violation(violation: Violation) -> dict[str, str]:
    return {
        "place": violation.place.value,
        "pointer": violation.pointer,
        "rule": violation.rule,
        "message": violation.message,
    }
