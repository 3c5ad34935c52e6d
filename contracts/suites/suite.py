"""One run of a suite: phases of Schemathesis over a document until enough requests were sent, every answer judged."""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import hooks as schemathesis_hooks
from schemathesis.config import OutputConfig
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.reporting.har import HarWriter

from contracts.suites.clock import seconds
from contracts.suites.finding import Finding
from contracts.suites.generation import PHASES, Round, names_of, says, settings_for
from contracts.suites.judging import Check, Heard
from contracts.suites.knowledge import Guise, Knowledge, Wardrobe
from contracts.suites.tally import Tally

# Some documents say so little that a round finds nothing new to ask; the suite then ends below its count and says so.
ROUNDS_MAX = 60
# Asks far more often than once for each operation of a document would only repeat what coverage has asked.
EXAMPLES_MAX = 250


@dataclass(frozen=True, slots=True)
class Cap:
    """How much is asked: `cases` requests at least; `examples` bounds what a round makes of one operation."""

    cases: int
    examples: int | None = None

    def examples_of(self, operations: int) -> int:
        """Return how many examples an operation gets in a round."""
        return self.examples or max(5, min(EXAMPLES_MAX, -(-self.cases // max(1, operations))))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the run is; `phase` in Schemathesis' word."""

    sent: int
    wanted: int
    phase: str
    findings: int


class Suite:
    """Holds whoever answers at `url` to a document."""

    def __init__(
        self, document: Mapping[str, Any], url: str, *, knowledge: Knowledge, checks: tuple[Check, ...]
    ) -> None:
        self.document = dict(document)
        self._url = url
        self._checks = checks
        self.knowledge = knowledge
        self._wardrobe = Wardrobe(
            knowledge, idempotent={name for name in names_of(document) if says(document, name, mark="x-idempotent")}
        )
        self._found: dict[tuple[str, str], Finding] = {}
        self.refuses: Callable[[bytes], bool] | None = None
        # Whether credentials are somebody's secret, and blanked in reports.
        self.hides = False
        self.tally = Tally.of(list(names_of(document)))
        self.wall_seconds = 0.0
        self._phases = PHASES
        # As whom the case goes that is under way: there is one at a time.
        self._guise = Guise.STRANGER

    @property
    def findings(self) -> list[Finding]:
        """What was found broken, each once."""
        return list(self._found.values())

    def choose(self, only: Sequence[str]) -> bool:
        """Ask only operations with one of these in their verb and path, and say whether there is any.

        Links lead from one operation to another, so that they are followed only where none is left out.
        """
        self._phases = tuple(one for one in PHASES if not only or one != "stateful")
        chosen = [name for name in self.tally.operations if not only or any(part in name for part in only)]
        self.tally = Tally.of(chosen)
        return bool(chosen)

    def accuse(self, findings: Iterable[Finding]) -> None:
        """Add what was found beside the requests."""
        for finding in findings:
            self._add(finding)

    def run(self, cap: Cap, *, seed: int, har: Path | None = None) -> Iterator[Progress]:
        """Send requests until `cap.cases` were sent; the first round has all phases, those after it go on fuzzing."""
        started = seconds()
        with ExitStack() as stack:
            writer = _open_har(stack, har)
            for number in range(ROUNDS_MAX):
                before = self.tally.sent
                yield from self._round(
                    cap, seed=seed + number, phases=self._phases if number == 0 else ("fuzzing",), har=writer
                )
                if not before < self.tally.sent < cap.cases:
                    break
        self.wall_seconds = seconds() - started

    def _round(self, cap: Cap, *, seed: int, phases: tuple[str, ...], har: HarWriter | None) -> Iterator[Progress]:
        schema = self._schema(cap, seed=seed, phases=phases)
        stream = from_schema(schema).execute()
        phase = ""
        with self._dressed():
            for event in stream:
                self._take(event)
                if isinstance(event, events.PhaseStarted):
                    phase = event.phase.name.value
                if not isinstance(event, events.ScenarioFinished):
                    continue
                if har is not None:
                    har.write(event.recorder)
                yield Progress(self.tally.sent, cap.cases, phase, len(self._found))
                if len(phases) == 1 and self.tally.sent >= cap.cases:
                    stream.stop()

    def _schema(self, cap: Cap, *, seed: int, phases: tuple[str, ...]) -> Any:
        names = self.tally.operations
        examples, words_only = cap.examples_of(len(names)), self.refuses is not None
        asked = Round(seed, examples, phases, words_only=words_only, only=frozenset(names), hides=self.hides)
        configs: Any = schemathesis.Config
        config = configs.from_dict(settings_for(self.document, asked))
        schema: Any = schemathesis.openapi.from_dict(self.document, config=config)
        schema.config.update(base_url=self._url)
        # Called from a thread of Schemathesis' own; what is written here is read between its events.
        guard = threading.Lock()

        def after_call(context: object, case: Any, response: Response) -> None:
            del context
            with guard:
                self._hear(case, response)

        schema.hook(after_call)
        return schema

    @contextmanager
    def _dressed(self) -> Generator[None]:
        """Dress every case on its way out; Schemathesis judges anew whether it then keeps to the document."""

        def before_call(context: object, case: Any, kwargs: dict[str, object]) -> None:
            del context, kwargs
            self._guise = self._wardrobe.dress(case)

        # Schemathesis types its hooks by half.
        hooks: Any = schemathesis_hooks
        hooks.hook(before_call)
        try:
            yield
        finally:
            hooks.unregister(before_call)

    def _hear(self, case: Any, response: Any) -> None:
        status, body = int(response.status_code), bytes(response.content or b"")
        refused = status in range(400, 500) or (status < 300 and self.refuses is not None and self.refuses(body))
        operation, definition = case.operation.label, case.operation.definition.raw
        self.tally.add(operation, status, success=status < 400 and not refused, elapsed_seconds=float(response.elapsed))
        heard = Heard(
            operation,
            str(response.request.method),
            str(response.request.url),
            curl=str(case.as_curl_command(base_url=self._url)),
            status=status,
            elapsed_seconds=float(response.elapsed),
            body=body,
            named=frozenset(str(one) for one in definition["responses"]),
            refused=refused,
            at_a_closed_door=self._guise is Guise.STRANGER and self._has_a_door(definition),
        )
        for check in self._checks:
            for finding in check(heard):
                self._add(finding)

    def _has_a_door(self, definition: Mapping[str, Any]) -> bool:
        """Whether every way in asks for credentials; an empty requirement among them leaves one open."""
        ways: list[Mapping[str, Any]] = definition.get("security", self.document.get("security", []))
        return bool(ways) and all(ways)

    def _take(self, event: events.EngineEvent) -> None:
        """Take over what an event tells of broken promises."""
        if isinstance(event, events.ScenarioFinished):
            self._take_failures(event.recorder)
        elif isinstance(event, events.NonFatalError):
            seen = f"{event.info.title}: {event.info.message}"
            self._add(Finding(event.label, "no answer could be had", "an answer", seen, ""))
        elif isinstance(event, events.FatalError):
            raise event.exception

    def _take_failures(self, recorder: Any) -> None:
        """Take over what the checks of the document found."""
        for case_id, nodes in recorder.checks.items():
            for node in (node for node in nodes if node.failure_info is not None):
                failure = node.failure_info.failure
                case = recorder.cases[case_id].value
                self._add(
                    Finding(
                        case.operation.label,
                        failure.title,
                        expected=node.name.replace("_", " "),
                        seen=str(failure.message)[:1_500] or failure.title,
                        curl=node.failure_info.code_sample,
                    )
                )

    def _add(self, finding: Finding) -> None:
        known = self._found.get((finding.operation, finding.title))
        self._found[finding.operation, finding.title] = replace(known, times=known.times + 1) if known else finding


def _open_har(stack: ExitStack, path: Path | None) -> HarWriter | None:
    if path is None:
        return None
    writer = HarWriter(path, OutputConfig())
    writer.open()
    stack.callback(writer.close)
    return writer
