"""Profiles: how to buy at somebody's shop and how to read what became of it. YAML; every mistake has a line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from scenarios.conformance.merchant import Standing
from scenarios.conformance.profile_mistakes import as_plain, find_mistakes
from scenarios.mistakes import LoadError
from scenarios.tree import read_tree


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the shop; placeholders are filled in when it is made."""

    path: str
    body: Mapping[str, object]
    method: str = "POST"
    is_form: bool = False


@dataclass(frozen=True, slots=True)
class Starting:
    """How to start the shop's process, and the path that says that it is up."""

    command: tuple[str, ...]
    ready: str
    wait_seconds: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One shop. `order` and `state` are JSON pointers; `standings` maps the shop's words, `delivered` some of them."""

    name: str
    path: Path
    gateway: str
    base_url: str
    environment: Mapping[str, str]
    secret: str | None
    starting: Starting | None
    buy: Call
    price: str | None
    order: str | None
    look: str
    state: str
    standings: Mapping[str, Standing]
    delivered: frozenset[str]
    delivers_to_the_sink: bool
    calls: Mapping[str, Call]
    settle_seconds: float


def load_profile(path: Path) -> Profile:
    """Read a profile. Raises `LoadError` that tells every mistake with its line."""
    tree = read_tree(path, due="a profile")
    if not tree.mistakes or tree.root is not None:
        find_mistakes(tree)
    if tree.mistakes:
        raise LoadError(tree.mistakes)
    return _read(cast("dict[str, Any]", as_plain(tree.root)), path)


def find_member(value: object, pointer: str) -> object | None:
    """Return what a JSON pointer leads to, or nothing."""
    for part in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = cast("dict[str, object]", value).get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(cast("list[object]", value)):
            value = cast("list[object]", value)[int(part)]
        else:
            return None
    return value


def _read(found: Mapping[str, Any], path: Path) -> Profile:
    buy, look = found["buy"], found["look"]
    words: Mapping[str, list[str]] = look["words"]
    delivered = frozenset(words.get("delivered", ()))
    standings = {word: Standing[name.upper()] for name, some in words.items() if name != "delivered" for word in some}
    calls = {name: found[name] for name in ("refund", "cancel", "pay_again", "reconcile") if name in found}
    return Profile(
        name=found["name"],
        path=path,
        gateway=found.get("gateway", "sslcommerz"),
        base_url=found["base_url"].rstrip("/"),
        environment=found.get("environment", {}),
        secret=found.get("secret"),
        starting=_read_starting(found.get("process")),
        buy=Call(buy["path"], buy.get("body", {}), buy.get("method", "POST"), buy.get("form", False)),
        price=buy.get("price"),
        order=buy.get("order"),
        look=look["path"],
        state=look["state"],
        standings=standings | dict.fromkeys(delivered, Standing.PAID),
        delivered=delivered,
        delivers_to_the_sink=found.get("delivers_to_the_sink", False),
        calls={name: Call(one["path"], one.get("body", {})) for name, one in calls.items()},
        settle_seconds=float(found.get("settle_seconds", 0)),
    )


def _read_starting(found: Mapping[str, Any] | None) -> Starting | None:
    if found is None:
        return None
    return Starting(tuple(found["command"]), found.get("ready", "/"), found.get("wait_seconds", 30))
