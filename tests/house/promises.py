"""The customer's promises: each is kept by a test that exists, left to named work, or refused with its reason."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, cast

from tests.house.project import Finding, Project

PROMISES = PurePosixPath("tests/house/promises.toml")
FATES = {"kept_by", "later", "refused"}
LEAST_REASON = 20
Table = dict[str, Any]


def unkept_promises(project: Project) -> Iterator[Finding]:
    book: Table = tomllib.loads(project.texts[PROMISES])
    seen: set[tuple[str, int]] = set()
    for promise in cast("list[Table]", book["promise"]):
        place = f"{PROMISES}: document {promise['document']}, line {promise['line']}"
        yield from (Finding(place, broken, cure) for broken, cure in faults_of(promise, book, project))
        key = (promise["document"], promise["line"])
        if key in seen:
            yield Finding(place, "stands here twice", "one line, one entry: say it in one sentence")
        seen.add(key)


def faults_of(promise: Table, book: Table, project: Project) -> Iterator[tuple[str, str]]:
    fates = FATES & promise.keys()
    if len(fates) != 1:
        yield f"has {len(fates)} fates", f"give it exactly one of {', '.join(sorted(FATES))}"
    if promise["document"] not in book["documents"]:
        yield "names an unknown document", f"known are {', '.join(book['documents'])}"
    if not str(promise.get("says", "")).strip():
        yield "says nothing", "put the promise in our own words"
    if "later" in promise and promise["later"] not in book["work"]:
        yield f"is left to {promise['later']}, which is no work", f"name one of {', '.join(book['work'])}"
    if "refused" in promise and len(promise["refused"]) < LEAST_REASON:
        yield "is refused without a reason", "say why, and what stands in its place"
    for keeper in promise.get("kept_by", ["?"] if "kept_by" in promise else []):
        if not exists(keeper, project):
            yield f"is kept by {keeper}, which does not exist", "name a file or file::test that is there"


def exists(keeper: str, project: Project) -> bool:
    file, _, name = keeper.partition("::")
    if PurePosixPath(file) not in project.texts:
        return False
    return not name or any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name.partition("[")[0]
        for source in project.sources
        if str(source.path) == file
        for node in ast.walk(source.tree)
    )
