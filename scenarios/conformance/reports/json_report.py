"""Verdicts as JSON, for machines."""

import json
from pathlib import Path

from scenarios.conformance.case import Judged
from scenarios.conformance.sink import Refused, tell_refused

VERSION = 1


class JsonReport:
    """Gathers the run and writes it at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: list[dict[str, object]] = []
        self._refused: list[Refused] = []

    def take(self, judged: Judged) -> None:
        self._told.append(_tell(judged))
        self._refused += judged.refused_by_sink

    def close(self) -> None:
        told = {"version": VERSION, "refused_by_sink": tell_refused(self._refused), "verdicts": self._told}
        self._path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _tell(judged: Judged) -> dict[str, object]:
    return {
        "case": judged.case.id,
        "title": judged.case.title,
        "severity": judged.case.severity.name,
        "merchant": judged.merchant,
        "seed": judged.seed,
        "verdict": judged.verdict.value,
        "reason": judged.reason,
        "claims": [
            {
                "claim": claim.words,
                "expected": claim.expected,
                "seen": claim.seen,
                "holds": claim.holds,
                "control": claim.is_control,
                "lacking": claim.is_lacking,
                "at": claim.at.isoformat(),
            }
            for claim in judged.claims
        ],
        "notes": list(judged.notes),
        "refused_by_sink": tell_refused(judged.refused_by_sink),
        "wall_seconds": round(judged.wall_seconds, 4),
        "repeat": judged.repeat,
    }
