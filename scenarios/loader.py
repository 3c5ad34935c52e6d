"""Scenario files, directories and globs in; scenarios out, or every mistake of all of them at once."""

import glob
from collections.abc import Iterable, Iterator
from pathlib import Path

from scenarios.consistency import find_contradictions
from scenarios.mistakes import LoadError, Mistake
from scenarios.model import Scenario
from scenarios.possibilities import find_impossible
from scenarios.reading import read_scenario
from scenarios.schema import find_mistakes, known_gateways
from scenarios.tree import read_tree
from scenarios.unfolding import Unfolded, gather_mistakes, unfold

__all__ = ["SUFFIXES", "LoadError", "load"]

SUFFIXES = (".yaml", ".yml")


def load(paths: Iterable[Path | str]) -> list[Scenario]:
    """Read what the paths name, in their order. Raises `LoadError` for all files together."""
    files, mistakes = _find_files(paths)
    scenarios: list[Scenario] = []
    for file in files:
        judged = _judge(file)
        found = gather_mistakes(judged)
        mistakes += found
        if not found:
            scenarios += [read_scenario(one.tree, source=file, row=one.row and one.row.number) for one in judged]
    mistakes += _same_names(scenarios)
    if mistakes:
        raise LoadError(mistakes)
    return scenarios


def _judge(file: Path) -> list[Unfolded]:
    """Read a file and judge each row of its table as a story of its own; one without a table is a single story."""
    tree = read_tree(file)
    if tree.root is None and tree.mistakes:
        return [Unfolded(tree)]
    unfolded = unfold(tree, gateways=known_gateways())
    is_table = isinstance(tree.root, dict) and not {"examples", "for_each"}.isdisjoint(tree.root)
    if is_table and tree.mistakes:
        return unfolded
    for one in unfolded:
        find_mistakes(one.tree)
        find_contradictions(one.tree)
        find_impossible(one.tree)
    return unfolded


def _find_files(paths: Iterable[Path | str]) -> tuple[list[Path], list[Mistake]]:
    # A dict keeps the order and drops a file named twice.
    files: dict[Path, None] = {}
    mistakes: list[Mistake] = []
    for path in paths:
        found = list(_expand(str(path)))
        files.update(dict.fromkeys(found))
        if not found:
            mistakes.append(Mistake(Path(path), 0, 0, _nothing_found(Path(path))))
    return list(files), mistakes


def _expand(path: str) -> Iterator[Path]:
    if Path(path).is_dir():
        yield from sorted(file for file in Path(path).rglob("*") if file.suffix in SUFFIXES and file.is_file())
    elif Path(path).exists():
        yield Path(path)
    elif glob.has_magic(path):
        for match in sorted(glob.glob(path, recursive=True)):  # noqa: PTH207  pathlib's own takes no absolute pattern
            yield from _expand(match)


def _nothing_found(path: Path) -> str:
    if path.is_dir():
        return f"holds no scenario: no file that ends in {' or '.join(SUFFIXES)}"
    return "no file matches" if glob.has_magic(str(path)) else "no such file or directory"


def _same_names(scenarios: Iterable[Scenario]) -> list[Mistake]:
    first: dict[str, Path] = {}
    mistakes: list[Mistake] = []
    for scenario in scenarios:
        if scenario.name not in first:
            first[scenario.name] = scenario.source
        else:
            other = first[scenario.name]
            words = f"the name {scenario.name!r} belongs to {other} already; reports need one of its own"
            mistakes.append(Mistake(scenario.source, 1, 1, words))
    return mistakes
