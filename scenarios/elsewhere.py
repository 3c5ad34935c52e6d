"""A story's world on sides that run already: fresh accounts over `/_control`, and everything put back at the end."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from scenarios.calls import Calls
from scenarios.conductor import Conductor
from scenarios.control import Control, ControlError, control_at
from scenarios.model import FaultCondition, InjectFault, Scenario, Step
from scenarios.sides import SideElsewhere
from scenarios.world import SERVER, Plan, World

NAMES = ("server", "simulators")
ACCOUNTS_MAX = 10_000


class NotElsewhere(Exception):
    """A story cannot be told to these sides; the text says why, and what would do."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where both sides run: the server's URL, and that of the simulators' control plane."""

    server: str
    simulators: str

    @classmethod
    def read(cls, given: tuple[str, ...]) -> "Elsewhere | None":
        """Read NAME=URL options; None for none. Raises `NotElsewhere`."""
        urls: dict[str, str] = {}
        for one in given:
            name, _, url = one.partition("=")
            parts = urlsplit(url)
            if name not in NAMES or parts.scheme != "http" or not parts.netloc or parts.path.strip("/"):
                raise NotElsewhere(f"--url {one}: write server=http://HOST:PORT and simulators=http://HOST:PORT")
            urls[name] = url.rstrip("/")
        missing = [name for name in NAMES if name not in urls]
        if urls and missing:
            raise NotElsewhere(f"--url {missing[0]}=http://HOST:PORT is missing: a story needs both sides")
        return cls(urls["server"], urls["simulators"]) if urls else None


@asynccontextmanager
async def open_world_at(plan: Plan, where: Elsewhere) -> AsyncGenerator[World]:
    """Open accounts of the story's own on both sides, and close them at the end. Raises `NotElsewhere`."""
    _refuse_what_needs_its_own(plan)
    async with AsyncExitStack() as stack:
        server, simulators = control_at(where.server), control_at(where.simulators)
        for control in (server, simulators):
            stack.push_async_callback(control.close)
        start = max(plan.start, await _server_now(server, where.server))
        name = await _free_name(server, simulators)
        opened = await _open_account(stack, simulators, name, plan=replace(plan, start=start))
        merchant = await _open_merchant(stack, server, name, opened=opened)
        conductor = Conductor(start, caps=plan.caps)
        conductor.sides = [
            SideElsewhere("simulators", simulators.of_account(name)),
            SideElsewhere("server", server),
        ]
        await conductor.set_clock(start)
        calls = Calls({SERVER: urlsplit(where.server).netloc})
        stack.push_async_callback(calls.close)
        api = merchant["credentials"]["api"]
        yield World(
            conductor,
            calls,
            simulators.of_account(name),
            server.of_account(name),
            {"X-Api-Key": api["key"], "X-Api-Secret": api["secret"]},
            None,
            dict(zip(NAMES, reversed(conductor.sides), strict=True)),
            None,
            opened["credentials"],
        )


def begin_at(scenario: Scenario, start: datetime) -> Scenario:
    """Move a story to the instant at which its sides stand: clocks that run already are not set back."""
    later = start - scenario.start
    if not later:
        return scenario
    return replace(scenario, start=start, steps=tuple(_move(step, later) for step in scenario.steps))


def _move(step: Step, later: timedelta) -> Step:
    if not isinstance(step.arguments, InjectFault):
        return step
    when: FaultCondition = step.arguments.when
    moved = replace(when, after=when.after and when.after + later, before=when.before and when.before + later)
    return replace(step, arguments=replace(step.arguments, when=moved))


def _refuse_what_needs_its_own(plan: Plan) -> None:
    if plan.server_in_own_process:
        raise NotElsewhere("this story kills the server, so it needs one of its own: tell it without --url")
    if plan.server_settings:
        names = ", ".join(sorted(plan.server_settings))
        raise NotElsewhere(f"this story sets {names} of the server, which runs already: tell it without --url")


async def _server_now(server: Control, url: str) -> datetime:
    try:
        clock = await server.get("/_control/clock")
    except ControlError as refused:
        cure = "start the server with `gatewright serve --control --clock virtual`"
        raise NotElsewhere(f"{url} answers no control plane ({refused}); {cure}") from refused
    if clock["mode"] != "virtual":
        raise NotElsewhere(
            f"{url} keeps the machine's clock; a story needs `gatewright serve --control --clock virtual`"
        )
    return datetime.fromisoformat(clock["now"])


async def _free_name(server: Control, simulators: Control) -> str:
    """Each story has accounts of its own: the first name that is free on both sides."""
    taken = {
        str(one["name"]) for side in (server, simulators) for one in (await side.get("/_control/accounts"))["accounts"]
    }
    return next(name for name in (f"story-{number}" for number in range(1, ACCOUNTS_MAX)) if name not in taken)


async def _open_account(stack: AsyncExitStack, simulators: Control, name: str, *, plan: Plan) -> Mapping[str, Any]:
    settings = {gateway: dict(chosen) for gateway, chosen in plan.simulator_settings.items()}
    account = {"name": name, "seed": plan.seed, "now": plan.start.isoformat(), "settings": settings}
    opened = await simulators.post("/_control/accounts", account)
    stack.push_async_callback(_quietly, simulators, "DELETE", f"/_control/accounts/{name}")
    return opened


async def _open_merchant(
    stack: AsyncExitStack, server: Control, name: str, *, opened: Mapping[str, Any]
) -> Mapping[str, Any]:
    urls = opened["base_urls"]
    gateway = {"name": "sslcommerz", "credentials": opened["credentials"]["sslcommerz"], "base_url": urls["sslcommerz"]}
    account = {
        "name": name,
        "gateway": gateway,
        "provisioning_url": urls["provisioning"],
        "frontend_url": urls["merchant"],
    }
    merchant = await server.post("/_control/accounts", account)
    stack.push_async_callback(_quietly, server.of_account(name), "POST", "/_control/reset")
    return merchant


async def _quietly(control: Control, method: str, path: str) -> None:
    """Put something back; a side that has gone meanwhile has nothing left to put back."""
    with suppress(ControlError):
        await (control.delete(path) if method == "DELETE" else control.post(path, None))
