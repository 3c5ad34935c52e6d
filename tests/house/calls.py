"""Time, chance and the environment come through a seam: which names are banned, where, and what stands instead."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from tests.house.names import dotted, uses_of
from tests.house.project import Finding, Project, Source

ROOMS_WITH_SEAMS = ("contracts", "reference_server", "simulators", "scenarios", "tests")


@dataclass(frozen=True, slots=True)
class Seam:
    """Names of one kind (a trailing dot means everything below), the files that may use them, and the way round."""

    names: tuple[str, ...]
    homes: tuple[str, ...]
    cure: str


# The conductor moves clocks and therefore stands outside of them; a child process starts in the machine's time.
# The pytest plugin runs in other people's processes.
BESIDE_THE_CLOCK = ("scenarios/conductor.py", "scenarios/child.py", "simulators/pytest_plugin.py")

SEAMS = (
    Seam(
        (
            *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
            *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.strftime"),
        ),
        ("*/clock.py",),
        "ask the clock that you were handed (clock.now()); in a test, name the instant",
    ),
    Seam(
        ("time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns", "time.process_time"),
        # A process test bounds its waiting; order of journal entries across processes is machine time by design.
        # The runner tells the user how long a run took.
        (
            *("*/clock.py", *BESIDE_THE_CLOCK, "scenarios/runner.py"),
            *("tests/process/*", "tests/services/*", "tests/clients/*", "tests/browser/*"),
        ),
        "measure nothing here; a limit is clock.limit(...), order comes from the counter that create_app was handed",
    ),
    Seam(
        ("time.sleep", "asyncio.sleep", "anyio.sleep", "threading.Timer"),
        ("*/clock.py", *BESIDE_THE_CLOCK),
        "await clock.sleep(seconds, purpose=...); in a test, advance the clock or wait for the thing itself",
    ),
    Seam(
        ("asyncio.timeout", "asyncio.timeout_at", "asyncio.wait_for", "anyio.fail_after", "anyio.move_on_after"),
        # Towards a foreign peer, which keeps another clock, a limit is in the machine's time.
        ("*/clock.py", "*/outgoing.py", "*/sender.py", *BESIDE_THE_CLOCK, "tests/*"),
        "async with clock.limit(seconds, purpose=...)",
    ),
    Seam(
        ("random.", "secrets.", "uuid.uuid1", "uuid.uuid4", "os.urandom"),
        ("*/chance.py",),
        "draw from the chance that you were handed (chance.token, chance.integer); in a test, from Hypothesis",
    ),
    Seam(
        ("os.environ", "os.getenv", "os.environb"),
        # Outside: what reads its own environment because nothing of ours stands around it. The tests of SDKs install
        # from the mirror that dev.py installs from.
        (
            *("*/settings.py", "tests/counts.py", "tests/process/*", "tests/clients/installed.py"),
            *("simulators/pytest_plugin.py", "simulators/reach/preload/python/sitecustomize.py"),
        ),
        "read it in settings.py of the room and hand the value in",
    ),
)


def calls_past_a_seam(project: Project) -> Iterator[Finding]:
    for source in project.in_rooms(*ROOMS_WITH_SEAMS):
        yields = asyncio_yields(source)
        for node, name in uses_of(source):
            seam = seam_of(name)
            if seam and node not in yields and not any(fnmatch(str(source.path), home) for home in seam.homes):
                yield Finding(source.at(node), f"uses {name}", seam.cure)


def seam_of(name: str) -> Seam | None:
    return next((seam for seam in SEAMS if any(matches(name, banned) for banned in seam.names)), None)


def matches(name: str, banned: str) -> bool:
    return name.startswith(banned) if banned.endswith(".") else name == banned


def asyncio_yields(source: Source) -> set[ast.expr]:
    """Return the callees of `asyncio.sleep(0)`: giving others their turn takes no time."""
    calls = (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))
    return {call.func for call in calls if dotted(call.func).endswith("sleep") and takes_zero(call)}


def takes_zero(call: ast.Call) -> bool:
    return len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0


PATCHES = ("unittest.mock.", "monkeypatch.setattr", "monkeypatch.setitem", "pytest.MonkeyPatch.setattr")


def patches(project: Project) -> Iterator[Finding]:
    for source in project.in_rooms("tests"):
        chains = ((node, dotted(node)) for node in ast.walk(source.tree) if isinstance(node, ast.Attribute))
        for node, name in [*uses_of(source), *chains]:
            if any(matches(name, banned) for banned in PATCHES):
                cure = "hand in a small real thing (an app, a clock, a store); our own code is never patched"
                yield Finding(source.at(node), f"uses {name}", cure)
