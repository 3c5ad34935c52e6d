"""The gateway's side of a case, seam and values: what the cases may ask of a gateway's adversary, whichever it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Message:
    """A message to the merchant: form fields in their order, a name may stand twice."""

    url: str
    fields: tuple[tuple[str, str], ...]
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def body(self) -> bytes:
        """The bytes on the wire."""
        return urlencode(self.fields).encode()

    def value(self, name: str) -> str:
        """Return the first value of a field, or nothing."""
        return next((value for found, value in self.fields if found == name), "")

    def having(self, **changed: str) -> "Message":
        """Return the message with these fields changed or added; what proved it stays as it was."""
        kept = tuple((name, changed.pop(name, value)) for name, value in self.fields)
        return replace(self, fields=(*kept, *changed.items()))

    def without(self, *names: str) -> "Message":
        """Return the message without these fields."""
        return replace(self, fields=tuple(pair for pair in self.fields if pair[0] not in names))

    def with_headers(self, headers: Mapping[str, str]) -> "Message":
        """Return the message with these headers too."""
        return replace(self, headers={**self.headers, **headers})


@dataclass(frozen=True, slots=True)
class Forgery:
    """A message that must change nothing, and what is wrong with it."""

    words: str
    message: Message


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order that the harness placed, and the gateway order that the merchant opened for it.

    `order` is the merchant's own id, `reference` what the gateway calls it. Sums in minor units.
    """

    order: str | None
    reference: str
    session: str
    amount_minor: int
    currency: str

    @property
    def names(self) -> frozenset[str]:
        """Every name that a delivery may call it by."""
        return frozenset(name for name in (self.order, self.reference) if name)


@dataclass(frozen=True, slots=True)
class Opened:
    """What the merchant told the gateway when it opened a gateway order: where to send whom."""

    notify: str
    success: str
    fail: str
    cancel: str


@dataclass(frozen=True, slots=True)
class Refunding:
    """One call of the merchant's for a refund, as it reached the gateway; `reference` should tell retries apart."""

    reference: str
    payment: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Operations:
    """What the gateway calls its operations and its notification: the names that fault rules go by."""

    event: str
    create: str
    confirm: str
    poll: str
    refund: str


class Adversary(Protocol):
    """Forges and alters in the manner of one gateway. Knows the account's secret, as the gateway does."""

    gateway: str
    operations: Operations

    def read_opening(self, body: str) -> Opened:
        """Read the addresses from the merchant's call that opened a gateway order."""
        ...

    def read_refund(self, url: str, body: str) -> Refunding | None:
        """Read a call of the merchant's; None when it asks for no refund."""
        ...

    def payment_of(self, message: Message) -> str:
        """Return what refunds name the payment by that this genuine message is about."""
        ...

    def is_confirming(self, url: str) -> str | None:
        """Say what is wrong with a confirming call that an id of the sender's may have bent; None when nothing is."""
        ...

    def success(self, purchase: Purchase, url: str) -> Message:
        """Invent the perfect news of a payment that never was, proven as the gateway would."""
        ...

    def failure(self, purchase: Purchase, url: str) -> Message:
        """Tell, proven, that an attempt failed."""
        ...

    def cancellation(self, purchase: Purchase, url: str) -> Message:
        """Tell, proven, that the shopper cancelled."""
        ...

    def proven(self, message: Message) -> Message:
        """Prove a message anew, over the fields as they are."""
        ...

    def forgeries(self, purchase: Purchase, url: str) -> Sequence[Forgery]:
        """Invent news whose proof is missing, of a wrong key, or of other fields."""
        ...

    def ambiguous(self, purchase: Purchase, url: str) -> Sequence[Forgery]:
        """Invent news whose proof leaves out what matters, or can be read in two ways."""
        ...

    def unproven(self, message: Message) -> Message:
        """Take the proof off a message."""
        ...

    def signed_with(self, secret: str, message: Message) -> Message:
        """Prove a message with another secret."""
        ...

    def hijackers(self, purchase: Purchase, url: str) -> Sequence[Forgery]:
        """Invent news whose id would bend the merchant's confirming call."""
        ...

    def about(self, purchase: Purchase, other: Message) -> Message:
        """Claim for an order, proven, the money of another order's genuine message."""
        ...

    def odd_values(self) -> Mapping[str, str]:
        """Return echoed fields with values that parsers spoil."""
        ...

    def net_equal(self, amount_minor: int) -> int:
        """Return the sum whose net of the gateway's fee is `amount_minor`."""
        ...

    def opening_of(self, purchase: Purchase, urls: Opened) -> tuple[str, Mapping[str, str]]:
        """Return path and fields that open a gateway order of this adversary's own account for the same order."""
        ...
