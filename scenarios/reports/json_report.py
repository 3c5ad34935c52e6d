"""The JSON report: `report.schema.json` says its shape. Holds nothing of the wall, so one seed gives the same bytes."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from scenarios.events import Event, RunStarted, ScenarioEnded, ScenarioStarted, StepEnded, StepStarted
from scenarios.exchanges import Answer, Change, Exchange, Headers, Request
from scenarios.findings import Finding
from scenarios.model import Step
from scenarios.verdicts import Verdict, exit_code

SCHEMA = Path(__file__).parent / "report.schema.json"

Written: TypeAlias = "dict[str, Written] | list[Written] | str | int | bool | None"


class JsonReport:
    """Gathers the run and writes it at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seed: int | None = None
        self._steps: list[Written] = []
        self._started: datetime | None = None
        self._ended: list[ScenarioEnded] = []
        self._scenarios: list[Written] = []

    def take(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._seed = event.seed
            case ScenarioStarted():
                self._steps = []
            case StepStarted():
                self._started = event.at
            case StepEnded():
                self._steps.append(_write_step(event.step, self._started or event.at, event))
            case ScenarioEnded():
                self._ended.append(event)
                self._scenarios.append(_write_scenario(event, self._steps))
            case _:
                pass

    def close(self) -> None:
        verdicts = [ended.verdict for ended in self._ended]
        run: Written = {
            "version": 1,
            "seed": self._seed,
            "exit_code": exit_code(verdicts),
            "counts": {verdict.value: verdicts.count(verdict) for verdict in Verdict},
            "scenarios": self._scenarios,
        }
        self._path.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", errors="replace")


def _write_scenario(ended: ScenarioEnded, steps: list[Written]) -> Written:
    scenario = ended.scenario
    places = _rank(ended.exchanges)
    return {
        "name": scenario.name,
        "description": scenario.description,
        "source": scenario.source.as_posix(),
        "gateway": scenario.gateway,
        "tags": list(scenario.tags),
        "seed": ended.seed,
        "verdict": ended.verdict.value,
        "started_at": _instant(ended.started_at),
        "ended_at": _instant(ended.ended_at),
        "turns": ended.turns,
        "findings": [_write_finding(finding) for finding in ended.findings],
        "steps": steps,
        "exchanges": [_write_exchange(exchange, places) for exchange in ended.exchanges],
    }


def _write_step(step: Step, started: datetime, ended: StepEnded) -> Written:
    return {
        "verb": step.verb,
        "line": step.line,
        "started_at": _instant(started),
        "ended_at": _instant(ended.at),
        "kept": not ended.findings,
    }


def _write_finding(finding: Finding) -> Written:
    return {
        "title": finding.title,
        "expected": finding.expected,
        "seen": finding.seen,
        "line": finding.line,
        "at": _instant(finding.at) if finding.at else None,
        "repeat": finding.repeat,
    }


def _rank(exchanges: tuple[Exchange, ...]) -> Mapping[int, int]:
    """Number starts and ends from 1: between processes the counters are nanoseconds of a machine."""
    places = {exchange.order for exchange in exchanges}
    places |= {exchange.ended_order for exchange in exchanges if exchange.ended_order is not None}
    return {place: rank for rank, place in enumerate(sorted(places), start=1)}


def _write_exchange(exchange: Exchange, places: Mapping[int, int]) -> Written:
    return {
        "side": exchange.side.value,
        "id": exchange.id,
        "order": places[exchange.order],
        "ended_order": None if exchange.ended_order is None else places[exchange.ended_order],
        "at": _instant(exchange.at),
        "ended_at": _instant(exchange.ended_at) if exchange.ended_at else None,
        "direction": exchange.direction.value,
        "kind": exchange.kind.value,
        "operation": exchange.operation,
        "from": exchange.sender.value,
        "to": exchange.receiver.value,
        "subject": exchange.subject,
        "request": _write_request(exchange.request),
        "answer": _write_answer(exchange.answer) if exchange.answer else None,
        "outcome": exchange.outcome.value,
        "faults": list(exchange.faults),
        "forged": exchange.forged,
        "note": exchange.note,
        "changes": [_write_change(change) for change in exchange.changes],
    }


def _write_request(request: Request) -> Written:
    return {
        "method": request.method,
        "url": request.url,
        "headers": _write_headers(request.headers),
        "body": request.body,
    }


def _write_answer(answer: Answer) -> Written:
    return {"status": answer.status, "headers": _write_headers(answer.headers), "body": answer.body}


def _write_headers(headers: Headers) -> list[Written]:
    return [[name, value] for name, value in headers]


def _write_change(change: Change) -> Written:
    return {
        "resource": change.resource,
        "id": change.id,
        "before": change.before,
        "after": change.after,
        "cause": change.cause,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
