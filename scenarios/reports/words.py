"""How exchanges are put in words: on labels, in lists that a screen reader reads, on a terminal. Prints nothing."""

import difflib
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import unquote_plus, urlsplit

from scenarios.durations import render_duration
from scenarios.exchanges import Change, Exchange, Headers, Kind, Outcome
from scenarios.reports.flow import Answered, Broken, Changed, Moment, Sent
from scenarios.reports.sequence import Arrow

_NO_ANSWER = {
    Outcome.TIMED_OUT: "no answer",
    Outcome.RESET: "connection reset",
    Outcome.HUNG_UP: "caller hung up",
    Outcome.NEVER_SENT: "never sent",
    Outcome.UNREACHABLE: "nobody there",
    Outcome.REFUSED_BY_GUARD: "refused by the guard",
    Outcome.OPEN: "still open",
    Outcome.ANSWERED: "answered",
}

_VERBS = {
    Kind.CALL: "calls",
    Kind.NOTIFICATION: "notifies",
    Kind.RETURN: "comes back to",
    Kind.PAGE: "visits",
    Kind.PROVISIONING: "calls",
}


def offset(at: datetime, start: datetime) -> str:
    """Write an instant as "+1 h 5 s" from the start."""
    return f"+{render_duration(at - start)}"


def call_words(arrow: Arrow) -> str:
    """Write verb and path, or the event of a notification."""
    return exchange_words(arrow.first)


def exchange_words(exchange: Exchange) -> str:
    """Write verb and path of an exchange, or its event."""
    if exchange.kind is Kind.NOTIFICATION:
        return exchange.operation
    return f"{exchange.request.method} {urlsplit(exchange.request.url).path or '/'}"


def answer_words(arrow: Arrow) -> str:
    """Write the answer's status, or why there is none."""
    if arrow.answer is not None:
        return status_words(arrow.answer.status)
    waited = arrow.ended_at - arrow.at if arrow.ended_at else timedelta()
    if arrow.outcome is Outcome.TIMED_OUT and waited:
        return f"no answer in {render_duration(waited)}"
    return _NO_ANSWER[arrow.outcome]


def outcome_words(exchange: Exchange) -> str:
    """Write how one side's record of an exchange ended."""
    return status_words(exchange.answer.status) if exchange.answer else _NO_ANSWER[exchange.outcome]


def status_words(status: int) -> str:
    """Write "200 OK"; an unknown status stands alone."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def change_words(change: Change) -> str:
    """Write "payment PENDING → CAPTURED"."""
    resource = change.resource.replace("_", " ")
    return f"{resource} {change.before} → {change.after}" if change.before else f"{resource} {change.after}"


def moment_words(moment: Moment) -> str:
    """Write one moment as a sentence for the list of the story."""
    match moment:
        case Sent(arrow=arrow):
            return _sent_words(arrow)
        case Answered(arrow=arrow):
            faults = f" ({'; '.join(arrow.answer_faults)})" if arrow.answer_faults else ""
            return f"{arrow.receiver.value} answers {arrow.sender.value}: {answer_words(arrow)}{faults}"
        case Changed(change=change, actor=actor):
            cause = f", because {change.cause}" if change.cause else ""
            return f"{actor.value}: {change_words(change)}{cause}"
        case Broken(finding=finding, verdict=verdict):
            return f"{verdict.words.capitalize()}: {finding.title}. Expected {finding.expected}; seen {finding.seen}"


def _sent_words(arrow: Arrow) -> str:
    verb = _VERBS[arrow.kind]
    faults = [*arrow.call_faults, *(["forged"] if arrow.forged else [])]
    marks = f" ({'; '.join(faults)})" if faults else ""
    lost = "" if arrow.arrived else f", lost: {answer_words(arrow)}"
    return f"{arrow.sender.value} {verb} {arrow.receiver.value}: {call_words(arrow)}{marks}{lost}"


def differences(arrow: Arrow) -> Iterator[tuple[str, str]]:
    """Tell what the other side got other than it was sent: what it is, and the lines as a diff."""
    if arrow.sent is None or arrow.taken is None:
        return
    yield from _difference("request body", arrow.sent.request.body, arrow.taken.request.body)
    if arrow.taken.answer is None or arrow.sent.answer is None:
        return
    # What the receiver answered is what it wrote down; what reached the sender is what the sender wrote down.
    made, came = arrow.taken.answer, arrow.sent.answer
    yield from _difference("answer status", str(made.status), str(came.status))
    yield from _difference("answer body", made.body, came.body)


def _difference(what: str, before: str, after: str) -> Iterator[tuple[str, str]]:
    if before != after:
        lines = difflib.unified_diff(_fields(before), _fields(after), "as sent", "as it arrived", lineterm="", n=1)
        yield what, printable("\n".join(lines))


def _fields(body: str) -> list[str]:
    """Cut a form-encoded body at its fields, so that a diff shows the one that differs."""
    return body.replace("&", "\n&").split("\n")


def readable(body: str) -> str:
    """Lay a body out for reading: JSON with its members in lines, a form with a field a line; others as they stand."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False) if body[:1] in "{[" else _form(body)
    except ValueError:
        return body


def _form(body: str) -> str:
    if "=" not in body or re.search(r"[\s<>{}]", body):
        return body
    fields = (field.partition("=") for field in body.split("&"))
    return "\n".join(f"{unquote_plus(name)} = {unquote_plus(value)}" for name, _, value in fields)


def render_headers(headers: Headers) -> str:
    """Write headers as they stand on the wire."""
    return printable("\n".join(f"{name}: {value}" for name, value in headers))


def printable(text: str) -> str:
    """Write control characters, and half a surrogate pair, as escapes: XML and HTML allow them in no spelling."""
    return _UNPRINTABLE.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


# All that XML 1.0 leaves out (its clause 2.2), and the C1 controls, which move a terminal's cursor.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
