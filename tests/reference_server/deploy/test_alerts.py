"""The alert rules: every metric, label and value that an expression names is one that the meters write."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from contracts.binding import Document
from reference_server import deploy
from reference_server.documents import OPENAPI
from tests.reference_server.operating.shown import everything_shown

RULES = Path(deploy.__file__).with_name("alerts.yaml")
NAME = re.compile(r"\bgatewright_\w+")
SELECTOR = re.compile(r"(gatewright_\w+)\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')
GROUPED = re.compile(r"\bby \(([\w, ]+)\)")


def rules() -> list[dict[str, Any]]:
    read: Any = yaml.safe_load(RULES.read_text("utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


def samples() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(everything_shown()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(dict(sample.labels))
    return found


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_names_only_metrics_that_exist(rule: dict[str, Any]) -> None:
    known = samples()
    assert [name for name in NAME.findall(rule["expr"]) if name not in known] == []
    assert rule["expr"].startswith("up{") or NAME.search(rule["expr"])
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]
    assert rule["expr"].count("(") == rule["expr"].count(")")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_asks_for_labels_that_the_metric_has(rule: dict[str, Any]) -> None:
    known = samples()
    for metric, matchers in SELECTOR.findall(rule["expr"]):
        for label, how, value in MATCHER.findall(matchers):
            values = {labels[label] for labels in known[metric]}
            told = value.split("|") if "~" in how else [re.escape(value)]
            unknown = [it for it in told if not any(re.fullmatch(it, one) for one in values | operations(label))]
            assert (rule["alert"], unknown) == (rule["alert"], [])
    every = {label for name in NAME.findall(rule["expr"]) for labels in known[name] for label in labels}
    assert [it for group in GROUPED.findall(rule["expr"]) for it in group.split(", ") if it not in every] == []


def operations(label: str) -> set[str]:
    document = Document.load(OPENAPI)
    return {operation.operation_id for operation in document.operations} if label == "operation" else set()


def test_an_alert_stands_in_the_handbook_with_what_to_do() -> None:
    handbook = (RULES.parents[1] / "OPERATING.md").read_text("utf-8")
    assert [rule["alert"] for rule in rules() if f"`{rule['alert']}`" not in handbook] == []
