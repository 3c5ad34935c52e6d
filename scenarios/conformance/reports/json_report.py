"""Verdicts as JSON, for machines."""

import json
from pathlib import Path

from scenarios.conformance.case import Judged

VERSION = 1


class JsonReport:
    """Gathers the run and writes it at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: list[dict[str, object]] = []

    def take(self, judged: Judged) -> None:
        self._told.append(_tell(judged))

    def close(self) -> None:
        told = {"version": VERSION, "verdicts": self._told}
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
                "at": claim.at.isoformat(),
            }
            for claim in judged.claims
        ],
        "notes": list(judged.notes),
        "wall_seconds": round(judged.wall_seconds, 4),
        "repeat": judged.repeat,
    }
