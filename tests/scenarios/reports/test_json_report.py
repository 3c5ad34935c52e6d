"""The JSON report keeps its schema and gives the same bytes for the same run."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import jsonschema_rs

from scenarios.events import ScenarioEnded
from scenarios.reports.json_report import SCHEMA, JsonReport
from tests.scenarios.reports.run import feed, three_ends


def written(tmp_path: Path, *ends: ScenarioEnded, seed: int | None = None) -> bytes:
    path = tmp_path / "run.json"
    feed(JsonReport(path), ends=ends or three_ends(), seed=seed)
    return path.read_bytes()


def test_the_report_is_as_its_schema_says(tmp_path: Path) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    run = json.loads(written(tmp_path, seed=7))

    assert list(jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(run)) == []
    assert (run["seed"], run["exit_code"]) == (7, 1)
    assert run["counts"] == {"kept": 1, "broken": 1, "inconclusive": 1}
    start = "2026-01-01T00:00:00.000000Z"
    step = {"verb": "expect", "line": 7, "started_at": start, "ended_at": start, "kept": False}
    assert run["scenarios"][1]["steps"] == [step]


def test_a_slower_machine_writes_the_same_bytes(tmp_path: Path) -> None:
    slower = tuple(replace(end, wall_seconds=end.wall_seconds * 9) for end in three_ends())

    assert written(tmp_path) == written(tmp_path, *slower)


def test_places_are_ranks_so_that_counters_of_two_processes_say_the_same(tmp_path: Path) -> None:
    counted, *_ = three_ends()
    in_nanoseconds = replace(
        counted,
        exchanges=tuple(
            replace(
                one,
                order=one.order * 1000 + 77,
                ended_order=None if one.ended_order is None else one.ended_order * 1000 + 77,
            )
            for one in counted.exchanges
        ),
    )

    assert written(tmp_path, counted) == written(tmp_path, in_nanoseconds)
    exchanges = cast("list[dict[str, Any]]", json.loads(written(tmp_path, counted))["scenarios"][0]["exchanges"])
    assert exchanges[0]["order"] == 1


def test_half_a_surrogate_in_a_body_does_not_stop_the_report(tmp_path: Path) -> None:
    end, *_ = three_ends()
    first = end.exchanges[0]
    spoilt = replace(first, request=replace(first.request, body="\ud800"))

    assert (
        json.loads(written(tmp_path, replace(end, exchanges=(spoilt,))))["scenarios"][0]["exchanges"][0]["request"][
            "body"
        ]
        == "?"
    )
