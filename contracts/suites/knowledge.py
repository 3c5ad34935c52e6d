"""What opens doors, and the guises of generated requests: as a stranger, with credentials, knowing names."""

import itertools
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, cast

# A case of Schemathesis, whose parts are whatever a document makes of them.
Case = Any


class Guise(Enum):
    """As whom a request goes."""

    STRANGER = "stranger"
    BEHIND_THE_DOOR = "behind the door"
    KNOWING_NAMES = "knowing names"


# Few errors are found in front of a door that stays shut.
_TURNS = (Guise.BEHIND_THE_DOOR, Guise.KNOWING_NAMES, Guise.BEHIND_THE_DOOR, Guise.STRANGER, Guise.KNOWING_NAMES)


# So many members of one name make two bodies of one kind.
_ALIKE = 3


@dataclass(frozen=True, slots=True)
class Knowledge:
    """`headers` and `fields` go into a request; `names` are genuine values for parameters and members of that name.

    Of several values of a name each has its turn; `of_operation` has values of its own for operations that ask for an
    order of one standing, by Schemathesis' label: verb and path. `messages` are whole genuine bodies: one takes the
    place of a body that shares some of its members; `bodies` are those of one operation alone. `account` is the one
    that the journal is read of. `other` are the credentials of another merchant, who is to see nothing of it all.
    `headers_of` are credentials that an operation may use up. `inward` takes the place of every address that a request
    names: a side under test must not call out into the world. `webhook_secret` signs what comes to the receiver, whose
    endpoint is `relied_on`: operations that use up what they name never get that, however it was come by.
    """

    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    of_operation: Mapping[str, Mapping[str, tuple[str, ...]]] = field(
        default_factory=dict[str, Mapping[str, tuple[str, ...]]]
    )
    messages: tuple[Mapping[str, object], ...] = ()
    account: str = ""
    other: Mapping[str, str] = field(default_factory=dict[str, str])
    bodies: Mapping[str, tuple[Mapping[str, object], ...]] = field(
        default_factory=dict[str, tuple[Mapping[str, object], ...]]
    )
    headers_of: Mapping[str, tuple[Mapping[str, str], ...]] = field(
        default_factory=dict[str, tuple[Mapping[str, str], ...]]
    )
    inward: str = ""
    relied_on: str = ""
    webhook_secret: str = field(default="", repr=False)


class Wardrobe:
    """Dresses one request after the other, in turns: the same run dresses the same requests alike.

    `idempotent` are the operations that take an idempotency key, by Schemathesis' label.
    """

    def __init__(self, knowledge: Knowledge, idempotent: Container[str] = ()) -> None:
        self._knowledge = knowledge
        self._idempotent = idempotent
        self._turns = itertools.cycle(_TURNS)
        self._ordinal = itertools.count()
        self._spending = itertools.count()

    def dress(self, case: Case) -> Guise:
        """Change the case and return as whom it goes."""
        guise = next(self._turns)
        case.query = _let_nobody_wait(case.query)
        self._turn_inward(case)
        self._keep_relied_on(case)
        if guise is Guise.STRANGER:
            return guise
        case.headers = {**(case.headers or {}), **self._credentials_for(case)}
        for part in _parts_of(case):
            part.update(self._knowledge.fields)
        if guise is Guise.KNOWING_NAMES:
            self._name(case)
        return guise

    def _name(self, case: Case) -> None:
        turn = next(self._ordinal)
        if case.operation.label in self._idempotent:
            case.headers = {**case.headers, "Idempotency-Key": f"contract-{turn}"}
        names = {**self._knowledge.names, **self._knowledge.of_operation.get(case.operation.label, {})}
        for part in (case.path_parameters, *_parts_of(case)):
            for name in (part or {}).keys() & names.keys():
                values = names[name]
                part[name] = values[turn % len(values)]
        if turn % 2 and isinstance(body := cast("object", case.body), dict):
            self._replace(cast("dict[str, object]", body), self._knowledge.bodies.get(case.operation.label, ()), turn)

    def _keep_relied_on(self, case: Case) -> None:
        own = self._knowledge.of_operation.get(case.operation.label, {})
        in_path = cast("dict[str, object]", case.path_parameters or {})
        for name in in_path.keys() & own.keys():
            if in_path[name] == self._knowledge.relied_on:
                in_path[name] = own[name][0]

    def _credentials_for(self, case: Case) -> Mapping[str, str]:
        given = self._knowledge.headers_of.get(case.operation.label)
        return given[next(self._spending) % len(given)] if given else self._knowledge.headers

    def _turn_inward(self, case: Case) -> None:
        body: object = case.body
        if self._knowledge.inward and isinstance(body, dict):
            members = cast("dict[str, object]", body)
            for name in (name for name, value in members.items() if isinstance(value, str) and "://" in value):
                members[name] = self._knowledge.inward

    def _replace(self, body: dict[str, object], own: Sequence[Mapping[str, object]], turn: int) -> None:
        """Put a genuine message in the body's place, where one is of its kind."""
        alike = own or [one for one in self._knowledge.messages if len(one.keys() & body.keys()) >= _ALIKE]
        if alike:
            body.clear()
            body.update(alike[turn // 2 % len(alike)] if own else alike[0])


def _parts_of(case: Case) -> Iterator[dict[str, Any]]:
    """Yield the query and the body: credentials of a gateway may stand in either."""
    if case.query:
        yield case.query
    body: object = case.body
    if isinstance(body, dict):
        yield cast("dict[str, Any]", body)


def _let_nobody_wait(query: Any) -> Any:
    """`wait` holds an answer for so many seconds, as documented; a suite has better to do."""
    if not query or not str(query.get("wait", "")).strip("[]'\" ").isdigit():
        return query
    return {**query, "wait": 0}
