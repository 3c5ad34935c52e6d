"""One exchange of a side's journal as `contracts/control.yaml` words it, read into a frozen value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import cast

Headers = tuple[tuple[str, str], ...]


class Side(Enum):
    """Whose journal an exchange was read from."""

    SERVER = "server"
    SIMULATORS = "simulators"


class Direction(Enum):
    """Whether the side that kept the journal took the request or made it."""

    IN = "in"
    OUT = "out"


class Kind(Enum):
    """What an exchange is for."""

    CALL = "call"
    NOTIFICATION = "notification"
    RETURN = "return"
    PAGE = "page"
    PROVISIONING = "provisioning"


class Actor(Enum):
    """Who speaks; in the order in which lifelines stand."""

    SHOPPER = "shopper"
    MERCHANT = "merchant"
    SERVER = "server"
    GATEWAY = "gateway"
    PROVISIONING = "provisioning"
    STRANGER = "stranger"


class Outcome(Enum):
    """How an exchange ended, as its side saw it."""

    OPEN = "open"
    ANSWERED = "answered"
    NEVER_SENT = "never_sent"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    RESET = "reset"
    HUNG_UP = "hung_up"
    REFUSED_BY_GUARD = "refused_by_guard"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: Headers
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Headers
    body: str


@dataclass(frozen=True, slots=True)
class Change:
    """A transition that an exchange caused."""

    resource: str
    id: str
    before: str
    after: str
    cause: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one side wrote down about one request and its answer.

    `order` and `ended_order` place start and end among all exchanges of the run; `at` and `ended_at` are product time.
    """

    side: Side
    id: int
    order: int
    ended_order: int | None
    at: datetime
    ended_at: datetime | None
    direction: Direction
    kind: Kind
    operation: str
    sender: Actor
    receiver: Actor
    request: Request
    answer: Answer | None
    outcome: Outcome
    faults: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    forged: bool = False
    note: str = ""
    subject: str = ""
    account: str = ""


def read_exchanges(written: Iterable[Mapping[str, object]], *, side: Side) -> tuple[Exchange, ...]:
    """Read what `readJournal` answered for one side. Raises `KeyError` or `ValueError` at a strange shape."""
    return tuple(read_exchange(exchange, side=side) for exchange in written)


def merge_journals(*journals: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """Return the exchanges of several journals as one, in the order in which they started."""
    return tuple(sorted((exchange for journal in journals for exchange in journal), key=_place))


def read_exchange(written: Mapping[str, object], *, side: Side) -> Exchange:
    """Read one exchange as the control plane writes it."""
    ended_at = written.get("ended_at")
    ended_order = written.get("ended_order")
    return Exchange(
        side=side,
        id=int(str(written["id"])),
        order=int(str(written["order"])),
        ended_order=None if ended_order is None else int(str(ended_order)),
        at=datetime.fromisoformat(str(written["at"])),
        ended_at=None if ended_at is None else datetime.fromisoformat(str(ended_at)),
        direction=Direction(written["direction"]),
        kind=Kind(written["kind"]),
        operation=str(written["operation"]),
        sender=Actor(written["from"]),
        receiver=Actor(written["to"]),
        request=_read_request(_mapping(written["request"])),
        answer=_read_answer(written.get("answer")),
        outcome=Outcome(written["outcome"]),
        faults=tuple(str(fault) for fault in _items(written["faults"])),
        changes=tuple(_read_change(_mapping(change)) for change in _items(written["changes"])),
        forged=bool(written.get("forged", False)),
        note=str(written.get("note") or ""),
        subject=str(written.get("subject") or ""),
        account=str(written.get("account") or ""),
    )


def _place(exchange: Exchange) -> tuple[datetime, int, str, int]:
    # Instants first: all clocks go in step, while two processes need not count on one scale.
    return exchange.at, exchange.order, exchange.side.value, exchange.id


def _read_request(written: Mapping[str, object]) -> Request:
    return Request(
        method=str(written["method"]),
        url=str(written["url"]),
        headers=_read_headers(written["headers"]),
        body=str(written["body"]),
    )


def _read_answer(written: object) -> Answer | None:
    if written is None:
        return None
    answer = _mapping(written)
    return Answer(
        status=int(str(answer["status"])),
        headers=_read_headers(answer["headers"]),
        body=str(answer["body"]),
    )


def _read_change(written: Mapping[str, object]) -> Change:
    return Change(
        resource=str(written["resource"]),
        id=str(written["id"]),
        before=str(written["before"]),
        after=str(written["after"]),
        cause=str(written["cause"]),
    )


def _read_headers(written: object) -> Headers:
    return tuple((str(name), str(value)) for name, value in (_items(pair) for pair in _items(written)))


def _mapping(written: object) -> Mapping[str, object]:
    if not isinstance(written, Mapping):
        raise ValueError(f"an object was due, found {written!r}")  # noqa: TRY004  the document is wrong, not our caller
    return cast("Mapping[str, object]", written)


def _items(written: object) -> Sequence[object]:
    if not isinstance(written, list | tuple):
        raise ValueError(f"a list was due, found {written!r}")  # noqa: TRY004  the document is wrong, not our caller
    return cast("Sequence[object]", written)
