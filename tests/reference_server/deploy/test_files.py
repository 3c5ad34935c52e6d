"""What lies in deploy/ names only settings, commands, files and paths that exist, and says what was not run."""

import re
import shlex
from configparser import ConfigParser
from pathlib import Path, PurePosixPath
from typing import Any, cast

import pytest
import yaml

from contracts.binding import Document
from gatewright import COMMANDS
from reference_server import deploy
from reference_server.documents import OPENAPI
from reference_server.settings import Settings

FOLDER = Path(deploy.__file__).parent
TOP = FOLDER.parents[1]
DOCKERFILES = ("Dockerfile", "Dockerfile.worker")
UNITS = sorted(FOLDER.glob("systemd/*.service"))
# Of the image and the interpreter, not ours.
OF_OTHERS = {"PATH", "PYTHONUNBUFFERED"}
SOCKETS = "/socket.io/"


def read(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def parsed(name: str) -> Any:
    return yaml.safe_load(read(name))


def unknown(names: set[str]) -> set[str]:
    return names - {field.upper() for field in Settings.model_fields} - OF_OTHERS


def instructions(name: str) -> list[tuple[str, str]]:
    joined = read(name).replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines]


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_is_made_of_files_that_exist_and_starts_a_command_that_exists(name: str) -> None:
    told = instructions(name)
    copied = [word for verb, rest in told if verb == "COPY" and "--from" not in rest for word in rest.split()[:-1]]
    assert [word for word in copied if not (TOP / word).exists()] == []
    settings = {pair.partition("=")[0] for verb, rest in told if verb == "ENV" for pair in shlex.split(rest)}
    assert unknown(settings) == set()
    (command,) = [yaml.safe_load(rest) for verb, rest in told if verb == "CMD"]
    assert command[0] in COMMANDS
    assert ("USER", "gatewright") in told


def test_an_image_holds_all_that_the_wheel_is_made_of() -> None:
    wheel = re.findall(r'^"([\w./]+)" = "g', (TOP / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    copied = {word for verb, rest in instructions("Dockerfile") if verb == "COPY" for word in rest.split()}
    assert {PurePosixPath(path).parts[0] for path in wheel} <= copied


def test_both_images_are_built_by_the_same_steps() -> None:
    steps = [[it for it in instructions(name) if it[0] in {"FROM", "RUN", "COPY", "USER"}] for name in DOCKERFILES]
    assert steps[0] == steps[1]


def test_compose_sets_only_settings_and_runs_only_commands() -> None:
    services: dict[str, Any] = parsed("compose.yaml")["services"]
    assert {"api", "worker", "postgres", "redis"} <= services.keys()
    for name in ("api", "worker", "migrate"):
        service = services[name]
        assert (name, unknown(set(service["environment"]))) == (name, set())
        assert (FOLDER / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
        assert service.get("command", ["serve"])[0] in COMMANDS
        assert set(service["depends_on"]) <= services.keys()
    assert [name for name, service in services.items() if "ports" in service] == ["api"]
    assert all(port.startswith("127.0.0.1:") for port in services["api"]["ports"])


def test_render_sets_only_settings_and_asks_a_path_that_exists() -> None:
    blueprint = parsed("render.yaml")
    named = {service["name"] for service in blueprint["services"]} | {it["name"] for it in blueprint["databases"]}
    for service in blueprint["services"]:
        for variable in service.get("envVars", ()):
            assert unknown({variable["key"]}) == set()
            source = variable.get("fromDatabase") or variable.get("fromService") or {"name": service["name"]}
            assert source["name"] in named
        if "dockerfilePath" in service:
            assert (TOP / service["dockerfilePath"]).is_file()
    assert blueprint["services"][0]["healthCheckPath"] in paths()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_exists_with_settings_that_exist(unit: Path) -> None:
    lines = ConfigParser(strict=False, interpolation=None)
    # systemd's keys are written as they are.
    lines.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]  # the library's own way
    lines.read_string(unit.read_text("utf-8"))
    program, command = lines["Service"]["ExecStart"].split()
    assert (PurePosixPath(program).name, command in COMMANDS) == ("gatewright", True)
    assert unknown({pair.partition("=")[0] for pair in lines["Service"]["Environment"].split()}) == set()
    assert lines["Service"]["EnvironmentFile"]


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_balancer_names_paths_that_exist_and_keeps_the_body_limit(name: str) -> None:
    told = re.sub(r"#.*", "", read(name))
    assert told.count("{") == told.count("}")
    named = set(re.findall(r"(?:location =?|path|health_uri)\s+(/[\w./]+)", told)) - {"/"}
    assert {path for path in named if path not in {*paths(), SOCKETS, "/_control/"}} == set()
    assert re.search(r"10m", told, re.IGNORECASE)
    assert "/metrics" in told


def test_prometheus_reads_a_path_that_exists_and_rules_that_are_there() -> None:
    read_by: dict[str, Any] = parsed("prometheus.yaml")
    (job,) = read_by["scrape_configs"]
    assert (job["job_name"], job["metrics_path"] in paths()) == ("gatewright", True)
    assert [name for name in read_by["rule_files"] if not (FOLDER / name).is_file()] == []


def paths() -> set[str]:
    root = cast("dict[str, Any]", Document.load(OPENAPI).root)
    return set(root["paths"])


@pytest.mark.parametrize("path", [it for it in sorted(FOLDER.rglob("*")) if it.is_file()], ids=lambda path: path.name)
def test_a_file_that_was_not_run_says_so(path: Path) -> None:
    if path.suffix in {".py", ".pyc"} or path.name == ".env.example":
        return
    head = path.read_text("utf-8")[:700].lower()
    assert "not run" in head or "not started there" in head
