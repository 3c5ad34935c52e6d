"""Who may import whom: between the rooms, inside a side, and between its features and gateways."""

import ast
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch

from tests.house.names import imports_of
from tests.house.project import ROOMS, SIDES, Finding, Project, Source

# What a room may import of the others; what is not here is forbidden. First match of (importing path) counts.
OPEN_DOORS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("simulators/pytest_plugin.py", ()),
    ("reference_server/*", ("contracts.binding",)),
    ("simulators/*", ("contracts.binding",)),
    ("scenarios/world.py", ("contracts", "reference_server.app", "simulators.app")),
    ("scenarios/*", ("contracts",)),
    ("loadtests/bench/*", ("contracts.binding",)),  # a benchmark of the kit calls the kit
    ("tests/process/*", ()),
    ("tests/*", ROOMS),
)

WHY = {
    "contracts": "contracts is what everybody imports; it imports third-party packages only",
    "reference_server": "the two sides meet on the wire; the server imports of our rooms contracts.binding alone",
    "simulators": "the two sides meet on the wire; the simulators import of our rooms contracts.binding alone",
    "scenarios": "scenarios speak HTTP; scenarios/world.py alone may import reference_server.app and simulators.app",
    "loadtests": "load tests speak HTTP and import none of our rooms",
    "tests": "a process test runs what a user runs and imports nothing of ours",
    "": "gatewright.py joins the rooms by name when a command is called; dev.py needs the standard library alone",
}


def foreign_rooms(project: Project) -> Iterator[Finding]:
    for source in project.sources:
        allowed = doors_of(source)
        for node, name in imports_of(source):
            room = name.partition(".")[0]
            if room in ROOMS and room != source.room and not is_below(name, allowed):
                yield Finding(source.at(node), f"imports {name}", WHY[source.room])


def doors_of(source: Source) -> tuple[str, ...]:
    return next((doors for pattern, doors in OPEN_DOORS if fnmatch(str(source.path), pattern)), ())


def is_below(name: str, parents: tuple[str, ...]) -> bool:
    return any(name == parent or name.startswith(f"{parent}.") for parent in parents)


# Inside a side arrows point left only.
LAYERS = (
    ("money", "chance", "clock", "errors"),
    ("lifecycle", "schedule"),
    ("model", "store"),
    ("apply",),
    ("operations", "receiver", "dispatcher"),
    ("control",),
    ("app",),
    ("cli",),
)
LAYER_OF = {name: level for level, names in enumerate(LAYERS) for name in names}


def arrows_to_the_right(project: Project) -> Iterator[Finding]:
    for source, node, target in imports_inside_sides(project):
        here, there = layer_of(source.module), layer_of(target)
        if there is None:
            continue
        if here is None:
            here = LAYER_OF["app"] - 1  # a module without a layer may use all but the app and the command line
        if there > here:
            order = " ← ".join(", ".join(names) for names in LAYERS)
            cure = f"arrows point left only: {order}; hand the thing in from app.py, or owe a job of a named kind"
            yield Finding(source.at(node), f"imports {target}, which stands to its right", cure)


def layer_of(module: str) -> int | None:
    """Return the place of a module in its side, by its own name or that of a package at the side's top (control)."""
    parts = module.split(".")
    return LAYER_OF.get(parts[-1], LAYER_OF.get(parts[1]) if len(parts) > 1 else None)


def imports_inside_sides(project: Project) -> Iterator[tuple[Source, ast.stmt, str]]:
    modules = project.modules()
    for source in project.in_rooms(*SIDES):
        for node, name in imports_of(source):
            target = module_behind(name, modules)
            if target and target.startswith(f"{source.room}.") and target != source.module:
                yield source, node, target


def module_behind(name: str, modules: frozenset[str]) -> str | None:
    """Return the module that an imported name is or is in: `from a.b import c` may mean a.b.c or a.b."""
    if name in modules:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in modules else None


def circles(project: Project) -> Iterator[Finding]:
    graph = graph_of(project)
    for module in sorted(graph):
        way = way_back(module, graph)
        if way and module == min(way):
            cure = "move what both need into a module that imports neither, or hand it in from app.py"
            yield Finding(module, f"imports itself in a circle: {' → '.join([*way, module])}", cure)


def graph_of(project: Project) -> Mapping[str, set[str]]:
    modules = project.modules()
    graph: dict[str, set[str]] = {source.module: set() for source in project.in_rooms(*ROOMS)}
    for source in project.in_rooms(*ROOMS):
        found = {module_behind(name, modules) for _, name in imports_of(source)}
        graph[source.module] = {name for name in found if name and name in graph and name != source.module}
    return graph


def way_back(start: str, graph: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of a shortest circle through `start`; empty when there is none."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for following in sorted(graph[way[-1]]):
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


FEATURE = re.compile(r"(reference_server|simulators)\.(?P<feature>merchants|orders|payments|refunds|fulfilment)\b")
FEATURE_FACE = ("lifecycle", "store", "apply", "model")  # the model, since its rows are what the store returns
GATEWAY = re.compile(r"(reference_server|simulators)\.gateways\.(?P<gateway>\w+)\b")
GATEWAY_FILES = ("gateway", "registry")
GATEWAY_NEEDS = ("gateways.gateway", "money", "errors", "clock")


def feature_of(module: str) -> str:
    found = FEATURE.match(module)
    return found["feature"] if found else ""


def gateway_of(module: str) -> str:
    found = GATEWAY.match(module)
    return found["gateway"] if found and found["gateway"] not in GATEWAY_FILES else ""


def strange_features(project: Project) -> Iterator[Finding]:
    for source, node, target in imports_inside_sides(project):
        mine, theirs = feature_of(source.module), feature_of(target)
        if mine and theirs and mine != theirs and target.rpartition(".")[2] not in FEATURE_FACE:
            cure = "a feature imports of another feature its lifecycle, store and apply; other work is owed as a job"
            yield Finding(source.at(node), f"imports {target}", cure)


def strange_gateways(project: Project) -> Iterator[Finding]:
    for source, node, target in imports_inside_sides(project):
        mine, theirs = gateway_of(source.module), gateway_of(target)
        if mine and theirs != mine and not is_below(target, tuple(f"{source.room}.{name}" for name in GATEWAY_NEEDS)):
            cure = (
                "a gateway folder imports gateways/gateway.py, money, errors and clock; let the seam hand it the rest"
            )
            yield Finding(source.at(node), f"imports {target}", cure)
        if theirs and feature_of(source.module):
            cure = "a feature reaches gateways through gateways/registry.py and the seam in gateways/gateway.py"
            yield Finding(source.at(node), f"imports {target}", cure)
