"""Where files lie, and what no file may name."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.house.project import ROOMS, SIDES, Finding, Project

TOP_LEVEL_FILES = {
    *("openapi.yaml", "gatewright.py", "dev.py", "pyproject.toml", "requirements.lock", "README.md", "CHANGELOG.md")
}


# What README's commands write where they are run: reports and stories of one's own. Git ignores them.
MADE_BY_HAND = {".html", ".json", ".svg", ".xml", ".yaml"}


def strangers_at_the_top(project: Project) -> Iterator[Finding]:
    for path in project.texts:
        top = path.parts[0]
        is_made_by_hand = path.suffix in MADE_BY_HAND and len(path.parts) == 1
        if not top.startswith(".") and not is_made_by_hand and top not in {*ROOMS, "tests", *TOP_LEVEL_FILES}:
            cure = "the top level is fixed: put the file beside its subject, in its room"
            yield Finding(str(path), f"{top} stands at the top level", cure)


def packages_under_tests(project: Project) -> Iterator[Finding]:
    for path in project.texts:
        if path.parts[0] == "tests" and path.name == "__init__.py":
            cure = "delete it: pytest imports tests by path, and a `tests` package would be in everybody's way"
            yield Finding(str(path), "makes a package of a folder of tests", cure)


# Split, so that this file does not name what it looks for.
INDEX_HOSTS = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "yarnpkg" + ".com", "/simple" + "/")
REGISTRY = re.compile("|".join(re.escape(host) for host in INDEX_HOSTS))
OWN_FOLDERS = ("work", "root", "home", "Users", "mnt", "tmp")
MACHINE_PATH = re.compile(r"(?<![\w./}>~-])/(?:" + "|".join(OWN_FOLDERS) + r")/[\w.-]+")


def traces_of_a_registry(project: Project) -> Iterator[Finding]:
    yield from lines_with(REGISTRY, project, "names a package index", "pins carry hashes, never an address")


def traces_of_a_machine(project: Project) -> Iterator[Finding]:
    cure = "make the path relative to the file (Path(__file__)) or take it from a setting; tests have tmp_path"
    yield from lines_with(MACHINE_PATH, project, "names a folder of one machine", cure)


def lines_with(pattern: re.Pattern[str], project: Project, broken: str, cure: str) -> Iterator[Finding]:
    for path, text in project.texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            found = pattern.search(line)
            if found:
                yield Finding(f"{path}:{number}", f"{broken}: {found[0]}", cure)


GATEWAY_SHAPE = {"__init__", "api", "wire", "states", "authenticity", "notifications", "errors"}
# side/gateway → further files it may have, each with its reason.
BEYOND_THE_SHAPE: dict[str, set[str]] = {
    "simulators/sslcommerz": {
        # How its own messages go wrong on request: faults of the played side alone.
        *("spoiling", "spoilt_answers"),
        # The vendor's own subjects, too many for one file: what is played is far more than what is called.
        *("settings", "channels", "cards", "memory", "offences", "sessions", "attempts", "checkout"),
        *("validation", "refunds", "staff"),
    },
}
ONE_SIDED = {"sandbox"}  # the server's in-house acquirer: nobody outside plays it


def shapeless_gateways(project: Project) -> Iterator[Finding]:
    for side in SIDES:
        for name, files in gateways_of(project, side).items():
            cure = "every gateway folder has the same files with the same names, on both sides"
            missing = GATEWAY_SHAPE - files
            if missing:
                yield Finding(f"{side}/gateways/{name}", f"lacks {', '.join(sorted(missing))}", cure)
            strange = files - GATEWAY_SHAPE - BEYOND_THE_SHAPE.get(f"{side}/{name}", set())
            if strange:
                cure = f"{cure}; a file beyond the shape stands in BEYOND_THE_SHAPE with its reason"
                yield Finding(f"{side}/gateways/{name}", f"has {', '.join(sorted(strange))} besides", cure)


def unequal_gateways(project: Project) -> Iterator[Finding]:
    left, right = (gateways_of(project, side) for side in SIDES)
    for name in sorted((left.keys() ^ right.keys()) - ONE_SIDED):
        side = SIDES[0] if name in left else SIDES[1]
        cure = "a gateway is played by the simulators and spoken to by the server: add the folder on the other side"
        yield Finding(f"{side}/gateways/{name}", "has no twin on the other side", cure)


def gateways_of(project: Project, side: str) -> dict[str, set[str]]:
    folder = PurePosixPath(side, "gateways")
    found: dict[str, set[str]] = {}
    for path in project.texts:
        if path.suffix == ".py" and path.parent.parent == folder:
            found.setdefault(path.parent.name, set()).add(path.stem)
    return found


def mirrors_of_nothing(project: Project) -> Iterator[Finding]:
    """Tests under tests/<room>/ lie in the folder that their subject lies in."""
    folders = {folder for path in project.texts for folder in path.parents}
    for path in project.texts:
        if path.parts[0] == "tests" and len(path.parts) > 2 and path.parts[1] in ROOMS:
            subject = PurePosixPath(*path.parts[1:-1])
            if subject not in folders:
                cure = "tests/<room>/ mirrors the room; see tests/README.md for tests with another question"
                yield Finding(str(path), f"mirrors {subject}, which does not exist", cure)
