"""Operation by operation: what merchants of an older document could do and read, and can no longer.

New operations, new optional members, new answers of refusal break nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from contracts.compatibility.schemas import Break, Comparison, Direction, Schema, resolve

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# What a document's tables of operations, parameters, answers and contents are, as YAML has them.
Table = Mapping[str, Any]


def compare(old: Table, new: Table) -> Iterator[Break]:
    """Yield every break of the newer document's paths and webhooks, in the older one's order."""
    for name, was in _operations_of(old, "paths"):
        now = dict(_operations_of(new, "paths")).get(name)
        if now is None:
            cure = "keep the operation; say `deprecated: true` and remove it with the next major version"
            yield Break(name, "operation", "is gone", cure)
            continue
        yield from _Pair(old, new, name, was, now).compare()
    for name, was in _operations_of(old, "webhooks"):
        now = dict(_operations_of(new, "webhooks")).get(name)
        if now is None:
            yield Break(name, "webhook", "is not sent any more", "go on sending it beside its successor")
            continue
        yield from _Pair(old, new, name, was, now).compare_webhook()


@dataclass(frozen=True, slots=True)
class _Pair:
    """One operation in both documents."""

    old: Table
    new: Table
    name: str
    was: Table
    now: Table

    def compare(self) -> Iterator[Break]:
        if self.was.get("operationId") != self.now.get("operationId"):
            change = f"{self.was.get('operationId')} became {self.now.get('operationId')}"
            yield self._found("operationId", change, cure="generated code calls it by this name: keep it")
        yield from self._compare_security()
        yield from self._compare_parameters()
        yield from self._compare_body(Direction.READ, "body")
        yield from self._compare_answers()

    def compare_webhook(self) -> Iterator[Break]:
        """What we send to merchants, they read."""
        yield from self._compare_body(Direction.WRITTEN, "webhook body")

    def _found(self, place: str, change: str, *, cure: str) -> Break:
        return Break(self.name, place, change, cure)

    def _schemas(self, direction: Direction, old: Schema, *, new: Schema, place: str) -> Iterator[Break]:
        yield from Comparison(self.old, self.new, direction, self.name).compare(old, new, place=place)

    def _compare_security(self) -> Iterator[Break]:
        was, now = (_ways_in(one, document) for one, document in ((self.was, self.old), (self.now, self.new)))
        if now and not all(any(way <= known for way in now) for known in (was or [frozenset[str]()])):
            asked = " or ".join(" and ".join(sorted(way)) for way in now)
            yield self._found("security", f"now asks for {asked}", cure="go on letting in whoever was let in")

    def _compare_parameters(self) -> Iterator[Break]:
        was, now = _parameters_of(self.old, self.was), _parameters_of(self.new, self.now)
        for name in was.keys() - now.keys():
            yield self._found(name, "is no longer a parameter", cure="go on accepting it")
        for name, parameter in now.items():
            known = was.get(name)
            if parameter.get("required") and not (known or {}).get("required"):
                yield self._found(name, "is now required", cure="make it optional, with a default that fits")
            if known is not None:
                pair = known.get("schema", {}), parameter.get("schema", {})
                yield from self._schemas(Direction.READ, pair[0], new=pair[1], place=name)

    def _compare_body(self, direction: Direction, place: str) -> Iterator[Break]:
        was = resolve(self.old, self.was.get("requestBody", {}))
        now = resolve(self.new, self.now.get("requestBody", {}))
        if now.get("required") and not was.get("required"):
            yield self._found(place, "is now required", cure="go on accepting requests without one")
        yield from self._compare_contents(direction, was, now=now, place=place)

    def _compare_answers(self) -> Iterator[Break]:
        was, now = cast("Table", self.was["responses"]), cast("Table", self.now["responses"])
        for status in (status for status in was if str(status)[:1] in "23"):
            if status not in now:
                cure = "readers look for this status: keep it"
                yield self._found(f"answer {status}", "is not given any more", cure=cure)
                continue
            old, new = resolve(self.old, was[status]), resolve(self.new, now[status])
            yield from self._compare_contents(Direction.WRITTEN, old, now=new, place=f"answer {status}")
        for status in now:
            if str(status)[:1] == "2" and status not in was:
                yield self._found(f"answer {status}", "is new", cure="a success that nobody knows is read as a failure")

    def _compare_contents(self, direction: Direction, was: Table, *, now: Table, place: str) -> Iterator[Break]:
        contents: tuple[Table, Table] = was.get("content", {}), now.get("content", {})
        for kind in contents[0]:
            if kind not in contents[1]:
                yield self._found(place, f"{kind} is gone", cure="keep the content type beside the new one")
                continue
            old, new = (content[kind].get("schema", {}) for content in contents)
            yield from self._schemas(direction, old, new=new, place=place)


def _operations_of(document: Table, table: str) -> Iterator[tuple[str, Table]]:
    """Yield operations by verb and path, or webhooks by name; what a path says for all of its verbs is in each."""
    for path, members in cast("Table", document.get(table, {})).items():
        shared = members.get("parameters", [])
        for method in (one for one in METHODS if one in members):
            name = f"{method.upper()} {path}" if table == "paths" else f"webhook {path}"
            yield name, {**members[method], "parameters": [*shared, *members[method].get("parameters", [])]}


def _parameters_of(document: Table, operation: Table) -> dict[str, Table]:
    found = [resolve(document, one) for one in operation["parameters"]]
    return {f"{one['in']} {str(one['name']).lower() if one['in'] == 'header' else one['name']}": one for one in found}


def _ways_in(operation: Table, document: Table) -> list[frozenset[str]]:
    ways: list[Table] = operation.get("security", document.get("security", []))
    return [frozenset(way) for way in ways]
