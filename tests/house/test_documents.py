"""What README, CHANGELOG, pyproject.toml and the lock say is so."""

import inspect
from importlib import import_module
from typing import Any

import pytest
from typer.main import get_group

from gatewright import COMMANDS
from tests.house import documents
from tests.house.project import Rule, findings_of, keep, project_of

RULES: list[Rule] = [
    documents.untested_commands,
    documents.broken_links,
    documents.disagreeing_versions,
    documents.unpinned_dependencies,
    documents.unshipped_rooms,
    documents.silent_exemptions,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_what_is_written_is_so(rule: Rule) -> None:
    keep(rule)


PYPROJECT = """
[project]
version = "1.2.3"
dependencies = ["httpx>=0.28"]
[tool.hatch.build.targets.wheel.force-include]
"simulators" = "gatewright_rooms/simulators"
"""
RULED = PYPROJECT + '[tool.ruff.lint]\nignore = [\n    "EM",\n]\n'

BAD = [
    (documents.untested_commands, {"README.md": "```console\n$ gatewright fly\n```\n"}),
    (documents.untested_commands, {"README.md": "```sh\nfly\n```\n", "tests/house/test_x.py": "x = 'fly'"}),
    (documents.broken_links, {"scenarios/README.md": "see [there](../gone.md)"}),
    (documents.disagreeing_versions, {"pyproject.toml": PYPROJECT, "gatewright.py": 'VERSION = "1.2.3"'}),
    (documents.disagreeing_versions, {"pyproject.toml": PYPROJECT, "CHANGELOG.md": "## [Unreleased]"}),
    (documents.unpinned_dependencies, {"pyproject.toml": PYPROJECT, "requirements.lock": "h11==1 --hash=sha256:0"}),
    (documents.unpinned_dependencies, {"pyproject.toml": PYPROJECT, "requirements.lock": "httpx==0.28"}),
    (documents.unshipped_rooms, {"pyproject.toml": PYPROJECT, "scenarios/cli.py": ""}),
    (documents.silent_exemptions, {"pyproject.toml": RULED}),
]


@pytest.mark.parametrize(("rule", "files"), BAD)
def test_an_untrue_document_is_found(rule: Rule, files: dict[str, str]) -> None:
    assert findings_of(rule, project_of(files))


def test_a_true_document_is_let_be() -> None:
    files = {
        "README.md": "```console\n$ gatewright run  # plays\n```\n[tests](tests/README.md), [web](https://example.com)",
        "tests/README.md": "[up](../README.md)",
        "tests/process/test_run.py": "COMMAND = 'gatewright run'",
        "CHANGELOG.md": "## [Unreleased]",
        "pyproject.toml": PYPROJECT + '[tool.ruff.lint]\nignore = [\n    "D1",  # names say it\n    "D2",\n]\n',
        "gatewright.py": 'VERSION = "1.2.3"',
        "requirements.lock": "httpx==0.28 --hash=sha256:0",
        "simulators/cli.py": "",
    }
    assert [found for rule in RULES for found in findings_of(rule, project_of(files))] == []


def test_the_front_door_lists_what_the_rooms_offer() -> None:
    rooms = {command.room for command in COMMANDS.values()}
    offered = {name for room in rooms for name in commands_of(room)}

    assert offered == set(COMMANDS), "add the command to COMMANDS in gatewright.py, or take it out there"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_front_door_says_of_a_command_what_its_room_says(name: str) -> None:
    said = inspect.cleandoc(commands_of(COMMANDS[name].room)[name].help or "")

    assert said.startswith(COMMANDS[name].summary.rstrip(".")), (
        "the summary in gatewright.py begins the command's docstring"
    )


def commands_of(room: str) -> dict[str, Any]:
    return dict(get_group(import_module(room).app).commands)
