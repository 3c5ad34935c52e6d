"""The repository as the house rules see it: its files, its Python sources parsed once, and what a rule says.

Rules are pure functions from a `Project` to findings, so that each is tested on a small bad sample as well.
"""

import ast
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("contracts", "reference_server", "simulators", "scenarios", "loadtests")
SIDES = ("reference_server", "simulators")
MADE_BY_TOOLS = {"__pycache__", "node_modules", "htmlcov", ".git", ".venv"}
# Made by tools where they lie in the root; inside a room the same name is somebody's folder.
MADE_IN_ROOT = {"dist", "build", "reports"}
CACHES = {".pytest_cache", ".ruff_cache", ".hypothesis", ".gatewright"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule of the house, with what to do about it."""

    place: str
    broken: str
    cure: str

    def __str__(self) -> str:
        return f"{self.place}: {self.broken}\n    cure: {self.cure}"


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.path.parts[0] if len(self.path.parts) > 1 else ""

    @property
    def module(self) -> str:
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_test(self) -> bool:
        return self.room == "tests"

    def at(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@dataclass(frozen=True, slots=True)
class Project:
    texts: Mapping[PurePosixPath, str]
    sources: tuple[Source, ...]

    def in_rooms(self, *rooms: str) -> Iterator[Source]:
        return (source for source in self.sources if source.room in rooms)

    def modules(self) -> frozenset[str]:
        return frozenset(source.module for source in self.sources)


Rule = Callable[[Project], Iterator[Finding]]


def project_of(files: Mapping[str, str]) -> Project:
    """Make a project of path → text; what a bad sample is made with."""
    texts = {PurePosixPath(path): text for path, text in files.items()}
    parsed = (Source(path, text, ast.parse(text)) for path, text in texts.items() if path.suffix == ".py")
    return Project(texts, tuple(parsed))


@cache
def the_project() -> Project:
    return project_of(dict(read_texts(ROOT)))


def read_texts(root: Path) -> Iterator[tuple[str, str]]:
    for folder, names, files in os.walk(root):
        skipped = MADE_BY_TOOLS | CACHES | (MADE_IN_ROOT if Path(folder) == root else set[str]())
        names[:] = sorted(name for name in names if name not in skipped)
        for file in sorted(files):
            path = Path(folder, file)
            yield path.relative_to(root).as_posix(), read_text(path)


def read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (UnicodeDecodeError, FileNotFoundError):  # a picture; a file that a test beside us has just taken away
        return ""


def findings_of(rule: Rule, project: Project) -> list[str]:
    return [str(finding) for finding in rule(project)]


def keep(rule: Rule) -> None:
    """Fail with everything that `rule` finds in this repository, each finding with its cure."""
    found = findings_of(rule, the_project())
    if found:
        pytest.fail("\n".join([f"{len(found)} findings", *found]), pytrace=False)
