"""The webhooks that a side sent during a run, held to `webhooks:` of its document and to their proofs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.binding import Document, DocumentError
from contracts.checks.asking import object_of
from contracts.checks.truth import Broken
from contracts.checks.webhooks_are_proven import Received, webhooks_are_proven
from contracts.suites.finding import Finding


def judge_deliveries(
    document: Mapping[str, Any], received: Sequence[Received], secret: str, *, path: str = "/"
) -> Iterator[Finding]:
    """Find every attempt that the document does not allow, and those to `path` that prove nothing by its secret."""
    loaded = Document.from_mapping(document, name="openapi.yaml")
    for one in received:
        yield from _find_undocumented(loaded, one)
    ours = [one for one in received if one.path == path]
    for broken in webhooks_are_proven(ours, secret):
        yield _worded("webhooks", broken)


def _find_undocumented(document: Document, one: Received) -> Iterator[Finding]:
    body = object_of(one.body) or {}
    event = str(body.get("event", ""))
    try:
        contract = document.webhook(event)
    except DocumentError as unknown:
        yield Finding("webhooks", "a webhook that the document does not name", str(unknown), repr(one.body[:300]), "")
        return
    for wrong in contract.violations(one.headers, one.headers.get("content-type"), one.body):
        seen = f"{wrong.message}: {one.body[:500].decode(errors='replace')}"
        expected = f"{wrong.place.value} {wrong.pointer or '(whole)'} as documented ({wrong.rule})"
        yield Finding(f"webhook {event}", "a webhook that breaks its document", expected, seen, "")


def _worded(operation: str, broken: Broken) -> Finding:
    return Finding(operation, broken.promise, broken.expected, broken.seen, "")
