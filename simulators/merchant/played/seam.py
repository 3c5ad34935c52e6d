"""The seam between the shop's core and its adapters: what a merchant asks a gateway, and hears, in neutral words.

An adapter speaks one gateway's wire as a merchant would; it knows no order and decides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from simulators.money import Money

Keys = Mapping[str, str]


class Unreadable(ValueError):
    """What was posted is nothing that the gateway sends; the text says why."""


class Unknown(Exception):
    """The gateway could not be asked, or its answer says nothing about the question: not a no."""


class Refused(Exception):
    """The gateway understood and said no; the text is its reason."""


class Says(Enum):
    """What a gateway says of a payment."""

    PAID = "paid"
    PENDING = "pending"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    NO_SUCH = "no such payment"


ENDED_UNPAID = frozenset({Says.FAILED, Says.CANCELLED, Says.ABANDONED})


@dataclass(frozen=True, slots=True)
class Posted:
    """A request to the notification or return address. Of repeated fields `firsts` has the first, `fields` the last."""

    fields: Mapping[str, str]
    firsts: Mapping[str, str]
    repeated: frozenset[str]
    headers: Mapping[str, str]
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a message says; nobody has proven it. `gross` is in the currency that the shop asked for."""

    reference: str
    says: Says
    settlement: str = ""
    store: str = ""
    gross: Money | None = None
    net: Money | None = None
    is_risky: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """What the gateway answered when asked. `is_repeated`: it was asked about this money before."""

    says: Says
    reference: str = ""
    settlement: str = ""
    bank_reference: str = ""
    gross: Money | None = None
    net: Money | None = None
    # The gross in the currency that the gateway settles and refunds in.
    settled: Money | None = None
    is_risky: bool = False
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class SessionWanted:
    """What a session is opened for, and the addresses that the gateway is told."""

    reference: str
    price: Money
    title: str
    quantity: int
    order: str
    note: str
    shopper: Mapping[str, str]
    notify_url: str
    return_url: str


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that the shopper can pay."""

    session: str
    checkout_url: str


@dataclass(frozen=True, slots=True)
class Asking:
    """How the validation call is made; a right shop encodes what it was sent and follows no redirect."""

    settlement: str
    reference: str
    encodes: bool = True
    follows_redirects: bool = False


@dataclass(frozen=True, slots=True)
class RefundWanted:
    """A refund as the gateway is asked for it."""

    reference: str
    bank_reference: str
    amount: Money
    remarks: str


class RefundWord(Enum):
    """What the gateway says of a refund."""

    ACCEPTED = "accepted"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    """The gateway's word on a refund and its own name for it."""

    word: RefundWord
    gateway_reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One HTTP call to the gateway. `query` is encoded already; `form` is sent urlencoded."""

    method: str
    path: str
    operation: str
    subject: str
    query: str = ""
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    follows_redirects: bool = False


class Line(Protocol):
    """The way to the gateway: makes one call and returns the body of a 200."""

    async def ask(self, question: Question) -> bytes:
        """Raises `Unknown` for anything but a 200 in time."""
        ...


class Adapter(Protocol):
    """One gateway, from a merchant's side."""

    name: str

    def read_form(self, raw: bytes, headers: Mapping[str, str], *, media_type: str) -> Posted:
        """Read what was posted. Raises `Unreadable`."""
        ...

    def read_claim(self, fields: Mapping[str, str]) -> Claim:
        """Read what the fields say. Raises `Unreadable`."""
        ...

    def is_blank(self, keys: Keys) -> bool:
        """Say whether the secret is missing: without one anybody can prove anything."""
        ...

    def carries_proof(self, fields: Mapping[str, str]) -> bool:
        """Say whether there is a proof at all."""
        ...

    def is_proven(self, fields: Mapping[str, str], keys: Keys, *, insists: bool = True) -> bool:
        """Say whether the proof is right and, if it insists, covers every field that `read_claim` reads."""
        ...

    def is_source(self, address: str) -> bool:
        """Say whether the gateway publishes this address as one that its notifications come from."""
        ...

    async def open_session(self, line: Line, keys: Keys, wanted: SessionWanted) -> OpenedSession:
        """Open a session. Raises `Unknown`, or `Refused`."""
        ...

    async def validate(self, line: Line, keys: Keys, asking: Asking) -> Truth:
        """Ask about one piece of money by the gateway's id of it. Raises `Unknown`."""
        ...

    async def query(self, line: Line, keys: Keys, reference: str) -> tuple[Truth, ...]:
        """Ask about every session of a reference. Raises `Unknown`."""
        ...

    async def refund(self, line: Line, keys: Keys, wanted: RefundWanted) -> RefundAnswer:
        """Ask for a refund. Raises `Unknown`."""
        ...

    async def query_refund(self, line: Line, keys: Keys, gateway_reference: str) -> RefundAnswer:
        """Ask what became of a refund. Raises `Unknown`."""
        ...
