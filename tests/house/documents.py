"""What is written for people holds: README's commands are run by tests, versions agree, pins cover what is declared."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from tests.house.project import Finding, Project

README, CHANGELOG = PurePosixPath("README.md"), PurePosixPath("CHANGELOG.md")
PYPROJECT, LOCK = PurePosixPath("pyproject.toml"), PurePosixPath("requirements.lock")
DOOR = PurePosixPath("gatewright.py")

BLOCK = re.compile(r"^```(?:console|sh|bash|shell)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def untested_commands(project: Project) -> Iterator[Finding]:
    tested = strings_of_tests(project)
    for command in commands_in(project.texts.get(README, "")):
        if command not in tested:
            cure = "run it in tests/process/, written there as in README.md, or take it out of README.md"
            yield Finding(str(README), f"`{command}` is run by no test", cure)


def commands_in(text: str) -> list[str]:
    """Return the commands of a document's shell blocks: each line, a prompt and a comment taken off."""
    lines = [line.strip().removeprefix("$ ") for block in BLOCK.findall(text) for line in block.splitlines()]
    return [line.split("  #")[0].strip() for line in lines if line and not line.startswith("#")]


def strings_of_tests(project: Project) -> set[str]:
    return {
        node.value
        for source in project.in_rooms("tests")
        if source.path.name.startswith("test_") and source.path.parts[1] != "house"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def broken_links(project: Project) -> Iterator[Finding]:
    folders = {folder for path in project.texts for folder in path.parents}
    for path, text in project.texts.items():
        for target in LINK.findall(text) if path.suffix == ".md" else ():
            aim = PurePosixPath(normal(path.parent / target))
            if aim not in project.texts and aim not in folders:
                yield Finding(str(path), f"links to {target}, which does not exist", "mend the link or take it out")


def normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def disagreeing_versions(project: Project) -> Iterator[Finding]:
    declared = tomllib.loads(project.texts[PYPROJECT])["project"]["version"]
    if f'VERSION = "{declared}"' not in project.texts.get(DOOR, ""):
        yield Finding(str(DOOR), f"VERSION is not {declared}", "pyproject.toml and gatewright.py say the same version")
    changes = project.texts.get(CHANGELOG, "")
    if "## [Unreleased]" not in changes and f"## [{declared}]" not in changes:
        cure = "write what changed for users under ## [Unreleased]; a release renames that heading to its version"
        yield Finding(str(CHANGELOG), f"has neither an Unreleased section nor one for {declared}", cure)


NAME = re.compile(r"[A-Za-z0-9._-]+")


def unpinned_dependencies(project: Project) -> Iterator[Finding]:
    pinned = {normalised(line.split("==")[0]) for line in project.texts[LOCK].splitlines() if "==" in line}
    for requirement in requirements_in(tomllib.loads(project.texts[PYPROJECT])):
        found = NAME.match(requirement)
        if found and normalised(found[0]) not in pinned:
            cure = "write requirements.lock anew with the command that `python3 dev.py` prints"
            yield Finding(str(LOCK), f"does not pin {requirement}", cure)
    if "--hash=" not in project.texts[LOCK]:
        yield Finding(str(LOCK), "carries no hashes", "write it with --generate-hashes")


def requirements_in(pyproject: dict[str, Any]) -> list[str]:
    groups = pyproject.get("dependency-groups", {}).values()
    return [*pyproject["project"]["dependencies"], *(name for group in groups for name in group)]


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def unshipped_rooms(project: Project) -> Iterator[Finding]:
    """Every room with commands lies in the wheel: all of `gatewright` works outside a checkout."""
    wheel = tomllib.loads(project.texts[PYPROJECT])["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for path in project.texts:
        if path.name == "cli.py" and len(path.parts) == 2 and path.parts[0] not in wheel:
            cure = f'add "{path.parts[0]}" = "gatewright_rooms/{path.parts[0]}" to the wheel in pyproject.toml'
            yield Finding(str(PYPROJECT), f"does not ship {path.parts[0]}", cure)


EXCUSED = re.compile(r'^\s*"[A-Z]+\d*",?\s*(#.*)?$')


def silent_exemptions(project: Project) -> Iterator[Finding]:
    """Each exemption from ruff has its reason beside it; lines of one family that follow share it."""
    family = ""
    for number, line in enumerate(project.texts[PYPROJECT].splitlines(), 1):
        found = EXCUSED.match(line)
        if not found:
            family = ""
            continue
        code = re.findall(r'"([A-Z]+)\d*"', line)[0]
        if not found[1] and code != family:
            yield Finding(f"{PYPROJECT}:{number}", f"exempts {line.strip()} silently", "write the reason beside it")
        family = code
