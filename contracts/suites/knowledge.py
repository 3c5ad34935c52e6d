"""What opens doors, and the guises of generated requests: as a stranger, with credentials, knowing names."""

import itertools
from collections.abc import Iterator, Mapping
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
    place of a body that shares some of its members. `account` is the one that the journal is read of.
    """

    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    of_operation: Mapping[str, Mapping[str, tuple[str, ...]]] = field(
        default_factory=dict[str, Mapping[str, tuple[str, ...]]]
    )
    messages: tuple[Mapping[str, object], ...] = ()
    account: str = ""


class Wardrobe:
    """Dresses one request after the other, in turns: the same run dresses the same requests alike."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._turns = itertools.cycle(_TURNS)
        self._ordinal = itertools.count()

    def dress(self, case: Case) -> Guise:
        """Change the case and return as whom it goes."""
        guise = next(self._turns)
        case.query = _let_nobody_wait(case.query)
        if guise is Guise.STRANGER:
            return guise
        case.headers = {**(case.headers or {}), **self._knowledge.headers}
        for part in _parts_of(case):
            part.update(self._knowledge.fields)
        if guise is Guise.KNOWING_NAMES:
            self._name(case)
        return guise

    def _name(self, case: Case) -> None:
        turn = next(self._ordinal)
        names = {**self._knowledge.names, **self._knowledge.of_operation.get(case.operation.label, {})}
        for part in (case.path_parameters, *_parts_of(case)):
            for name in (part or {}).keys() & names.keys():
                values = names[name]
                part[name] = values[turn % len(values)]
        if turn % 2 and isinstance(body := cast("object", case.body), dict):
            self._replace(cast("dict[str, object]", body))

    def _replace(self, body: dict[str, object]) -> None:
        """Put a genuine message in the body's place, where one is of its kind."""
        message = next((one for one in self._knowledge.messages if len(one.keys() & body.keys()) >= _ALIKE), None)
        if message is not None:
            body.clear()
            body.update(message)


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
