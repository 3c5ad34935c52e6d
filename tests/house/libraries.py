"""Which library may be imported where: HTTP clients, the database, and files that run where nothing is installed."""

import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch

from tests.house.names import imports_of
from tests.house.project import SIDES, Finding, Project

# Where a library of weight may be imported; the other files of the two sides and of contracts may not.
AT_HOME: Mapping[str, tuple[tuple[str, ...], str]] = {
    "httpx": (
        ("reference_server/gateways/*/api.py", "*/network.py", "*/outgoing.py", "simulators/merchant/*"),
        "calls leave from gateways/*/api.py; what they need of the network is in network.py and outgoing.py",
    ),
    "aiohttp": (
        ("*/dispatcher.py", "*/sender.py", "*/network.py", "reference_server/fulfilment/*", "simulators/merchant/*"),
        "calls leave from dispatcher.py, sender.py and the provisioning call; see network.py",
    ),
    "sqlmodel": (
        (
            "*/model.py",
            "*/store.py",
            "*/database.py",
            "*/columns.py",
            "*/tables.py",
            "*/executors.py",
            "*/prepared.py",
            "reference_server/engines/*",
            "reference_server/migrating.py",
            "*/incarnation.py",
            "*/idempotency.py",
            "*/inbox.py",
            "*/audit.py",
            "reference_server/jobs/*",
            "reference_server/migrations/*",
        ),
        "rows stay behind model, store, columns, database, idempotency, inbox, audit and jobs",
    ),
}
# A unit of work is a plain function on a session, so its type is named wherever units of work are.
EVERYWHERE = {"sqlmodel.Session"}
AS = {"sqlalchemy": "sqlmodel", "requests": "httpx"}


def libraries_away_from_home(project: Project) -> Iterator[Finding]:
    for source in project.in_rooms("contracts", *SIDES):
        for node, name in imports_of(source):
            library = name.partition(".")[0]
            homes, cure = AT_HOME.get(AS.get(library, library), (("*",), ""))
            if name not in EVERYWHERE and not any(fnmatch(str(source.path), home) for home in homes):
                yield Finding(source.at(node), f"imports {name}", cure)


STANDARD_ONLY = {"dev.py": (), "simulators/pytest_plugin.py": ("pytest",)}


def more_than_the_standard_library(project: Project) -> Iterator[Finding]:
    for source in project.sources:
        extra = STANDARD_ONLY.get(str(source.path))
        if extra is None:
            continue
        for node, name in imports_of(source):
            library = name.partition(".")[0]
            if library not in sys.stdlib_module_names and library not in extra:
                cure = "it runs where nothing of ours is installed: standard library" + "".join(
                    f" and {n}" for n in extra
                )
                yield Finding(source.at(node), f"imports {name}", cure)
