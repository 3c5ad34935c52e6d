"""What Schemathesis is asked to generate from a document, and which of its checks a document can carry."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

REQUEST_SECONDS_MAX = 15
PHASES = ("examples", "coverage", "fuzzing", "stateful")


def names_of(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield each operation as Schemathesis labels it: verb and path."""
    for path, members in document["paths"].items():
        for method in members:
            if method in {"get", "put", "post", "delete", "options", "head", "patch", "trace"}:
                yield f"{method.upper()} {path}"


@dataclass(frozen=True, slots=True)
class Round:
    """One round of requests: `examples` at most of one operation and phase.

    `words_only`: whoever answers words its refusals and knows no status for them, so that none can be asked for. `only`
    are the operations that are asked, by verb and path; None is all of them. `hides` credentials in what is reported:
    those of accounts that a run opens for itself are no secret, and whoever repeats a request wants them.
    """

    seed: int
    examples: int
    phases: tuple[str, ...] = PHASES
    words_only: bool = False
    only: frozenset[str] | None = None
    hides: bool = False


def settings_for(document: Mapping[str, Any], asked: Round) -> dict[str, Any]:
    """Return Schemathesis' settings for a round, with the checks that a document can carry."""
    return {
        "seed": asked.seed,
        "request-timeout": REQUEST_SECONDS_MAX,
        "workers": 1,
        "generation": {"max-examples": asked.examples, "database": "none", "no-shrink": False},
        "phases": {name: {"enabled": name in asked.phases} for name in PHASES},
        "output": {"sanitization": {"enabled": asked.hides}},
        "checks": {
            **{name: {"enabled": False} for name in _NOT_OURS},
            # Schemathesis knows some refusals by number, and 413 for a body that is too large is not among them.
            "negative_data_rejection": {"expected-statuses": ["4xx", "5xx"]},
        },
        "operations": list(_exceptions(document, asked)),
    }


def _exceptions(document: Mapping[str, Any], asked: Round) -> Iterator[dict[str, Any]]:
    for name in names_of(document):
        if asked.only is not None and name not in asked.only:
            yield {"include-name": name, "enabled": False}
        elif asked.words_only or says(document, name, mark="x-lenient-body"):
            yield {"include-name": name, "checks": {"negative_data_rejection": {"enabled": False}}}


# `not_a_server_error` is ours, which knows the document's 502. A valid request may be refused for what it means: an
# amount below the gateway's least, an order that is paid. Doors are tried by our own strangers. The other three suppose
# resources that are made and deleted.
_NOT_OURS = (
    "not_a_server_error",
    "ignored_auth",
    "missing_required_header",
    "positive_data_acceptance",
    "use_after_free",
    "ensure_resource_availability",
    "object_level_authorization",
)


def says(document: Mapping[str, Any], name: str, *, mark: str) -> bool:
    """Whether the document marks an operation, named by verb and path, with one of our own words."""
    method, _, path = name.partition(" ")
    return bool(document["paths"][path][method.lower()].get(mark))
