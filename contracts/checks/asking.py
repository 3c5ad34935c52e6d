"""One request with its answer as values, and the means to ask again: what the promises about answers look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

import msgspec


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it goes over the wire; names of headers are lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""

    def with_headers(self, headers: Mapping[str, str]) -> "Asked":
        """Return it with some headers others, under lower case names."""
        return replace(self, headers={**self.headers, **{name.lower(): value for name, value in headers.items()}})

    def by(self, method: str) -> "Asked":
        """Return it with another method."""
        return replace(self, method=method)

    def without_header(self, name: str) -> "Asked":
        """Return it with one header less."""
        return replace(self, headers={known: value for known, value in self.headers.items() if known != name})


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as it came."""

    status: int
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def shortly(self) -> str:
        """Word it for a finding."""
        return f"{self.status} {self.body[:300].decode(errors='replace')}".strip()


Ask = Callable[[Asked], Told]


def object_of(body: bytes) -> dict[str, object] | None:
    """Read a JSON object; None for whatever else it is."""
    try:
        told: object = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    return cast("dict[str, object]", told) if isinstance(told, dict) else None


def objects_of(body: bytes) -> list[dict[str, object]]:
    """Return the object that an answer is, or those of its `items`."""
    whole = object_of(body)
    if whole is None:
        return []
    items = whole.get("items")
    if not isinstance(items, list):
        return [whole]
    listed = cast("list[object]", items)
    return [cast("dict[str, object]", one) for one in listed if isinstance(one, dict)]
