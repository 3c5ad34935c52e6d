"""Sends what Schemathesis makes of a document to a listener: as a stranger, behind the door, and knowing names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.transport import Response
from schemathesis.specs.openapi import checks

ANSWER_SECONDS_MAX = 5.0
_CHECKS: Any = checks
_CONFORMANCE = [
    _CHECKS.status_code_conformance,
    _CHECKS.content_type_conformance,
    _CHECKS.response_headers_conformance,
    _CHECKS.response_schema_conformance,
]
# A generator of whole requests is neither small nor quick.
_UNCHECKED = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
)
Case = Any  # schemathesis.Case, whose parts are whatever a document makes of them
Guise = Enum("Guise", ["STRANGER", "BEHIND_THE_DOOR", "KNOWING_NAMES"])


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What opens doors: `headers` and `fields` go into a request, `names` replace values of their name."""

    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    names: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Visitor:
    """Sends each generated request in every guise, judges each answer, and counts."""

    base_url: str
    knowledge: Knowledge
    # Whether answers are held to the document from outside too.
    conforms: bool
    sent: int = 0
    slowest_seconds: float = 0.0
    by_status: dict[int, int] = field(default_factory=dict[int, int])
    session: requests.Session = field(default_factory=requests.Session)

    def visit(self, case: Case) -> None:
        """Send the request in every guise."""
        for guise in Guise:
            self._put_on(case, guise)
            answer = case.call(base_url=self.base_url, session=self.session, timeout=ANSWER_SECONDS_MAX)
            self._count(answer)
            is_answer = answer.status_code < 500 or is_word_of_the_gateway(case, answer)
            assert is_answer, f"{answer.status_code} to: {case.as_curl_command()}"
            if self.conforms:
                case.validate_response(answer, checks=_CONFORMANCE)

    def _put_on(self, case: Case, guise: Guise) -> None:
        case.headers = dict(case.headers or {})
        case.query = _let_nobody_wait(dict(case.query or {}))
        if guise is Guise.BEHIND_THE_DOOR:
            case.headers |= self.knowledge.headers
            for part in _parts_of(case):
                part.update(self.knowledge.fields)
        elif guise is Guise.KNOWING_NAMES:
            for part in (case.path_parameters, *_parts_of(case)):
                known = part.keys() & self.knowledge.names.keys()
                part.update({name: self.knowledge.names[name] for name in known})

    def _count(self, answer: Response) -> None:
        self.sent += 1
        self.slowest_seconds = max(self.slowest_seconds, answer.elapsed)
        self.by_status[answer.status_code] = self.by_status.get(answer.status_code, 0) + 1
        assert answer.elapsed < ANSWER_SECONDS_MAX


def _parts_of(case: Case) -> Iterator[dict[str, Any]]:
    yield case.query
    body: Any = case.body
    if isinstance(body, dict):
        yield body


def _let_nobody_wait(query: dict[str, Any]) -> dict[str, Any]:
    """`wait` holds the answer of readJournal for so many seconds, as documented."""
    return query | ({"wait": 0} if str(query.get("wait", "")).strip("[]'\" ").isdigit() else {})


def is_word_of_the_gateway(case: Case, answer: Response) -> bool:
    """Whether this is the documented 502 of initPayment for an order that the gateway itself refused."""
    is_init = case.operation.definition.raw["operationId"] == "initPayment"
    return is_init and answer.status_code == 502 and answer.json()["type"].endswith(":gateway-refused")


def visit_all(document: Mapping[str, Any], visitor: Visitor, *, requests_wanted: int) -> None:
    """Generate valid and broken requests for every operation of `document` until so many have been sent."""
    schema: Any = schemathesis.openapi.from_dict(dict(document))
    operations = [found.ok() for found in schema.get_all_operations()]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    strategies = [operation.as_strategy(generation_mode=mode) for operation in operations for mode in modes]

    @settings(
        max_examples=-(-requests_wanted // len(Guise)),
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=_UNCHECKED,
    )
    @given(st.one_of(strategies))
    def visited(case: Case) -> None:
        visitor.visit(case)

    run: Callable[[], None] = visited
    with visitor.session:
        run()
