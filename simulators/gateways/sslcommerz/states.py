"""SSLCommerz' own machines: a session from its opening to its end, and a refund of what was paid in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from simulators.errors import NotPossible
from simulators.gateways.gateway import Planned
from simulators.gateways.sslcommerz.channels import Channel
from simulators.money import EXPONENTS, Money


class SessionState(Enum):
    """Where a session stands; the words of the IPN's `status` where there is one."""

    PENDING = "PENDING"
    VALID = "VALID"
    VALIDATED = "VALIDATED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    UNATTEMPTED = "UNATTEMPTED"
    EXPIRED = "EXPIRED"


class SessionEvent(Enum):
    """What moves a session."""

    PAID = "paid"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    TIMED_OUT = "timed_out"
    VALIDATED = "validated"
    REFUSED = "refused"


# Fact sheet sections 4, 5 and 7. That the gateway's staff refuse a risky payment is U.
TABLE: Mapping[tuple[SessionState, SessionEvent], SessionState] = {
    (SessionState.PENDING, SessionEvent.PAID): SessionState.VALID,
    (SessionState.PENDING, SessionEvent.DECLINED): SessionState.FAILED,
    (SessionState.PENDING, SessionEvent.CANCELLED): SessionState.CANCELLED,
    (SessionState.PENDING, SessionEvent.ABANDONED): SessionState.UNATTEMPTED,
    (SessionState.PENDING, SessionEvent.TIMED_OUT): SessionState.EXPIRED,
    (SessionState.VALID, SessionEvent.VALIDATED): SessionState.VALIDATED,
    (SessionState.VALIDATED, SessionEvent.VALIDATED): SessionState.VALIDATED,
    (SessionState.VALID, SessionEvent.REFUSED): SessionState.FAILED,
    (SessionState.VALIDATED, SessionEvent.REFUSED): SessionState.FAILED,
}
# Added where the setting `retry_in_session` lets the shopper try again; else the merchant opens another (section 11).
RETRYING: Mapping[tuple[SessionState, SessionEvent], SessionState] = {
    (SessionState.FAILED, SessionEvent.PAID): SessionState.VALID,
    (SessionState.FAILED, SessionEvent.DECLINED): SessionState.FAILED,
    (SessionState.FAILED, SessionEvent.CANCELLED): SessionState.CANCELLED,
}
CAPTURED = (SessionState.VALID, SessionState.VALIDATED)
# Of more tries the session wants none: each is kept.
ATTEMPTS_MAX = 20


def advance(state: SessionState, event: SessionEvent, *, retries: bool = False) -> SessionState:
    """Return the state after `event`. Raises `NotPossible` where the table has no cell."""
    after = TABLE.get((state, event)) or (RETRYING.get((state, event)) if retries else None)
    if after is None:
        raise NotPossible(f"the session is {state.value}: it cannot be {event.value} any more")
    return after


def is_final(state: SessionState, *, retries: bool = False) -> bool:
    """Say whether the shopper can do nothing more."""
    return state is not SessionState.PENDING and not (retries and state is SessionState.FAILED)


class RefundState(Enum):
    """Where a refund stands, in the words of the refund query (fact sheet section 9, B)."""

    PROCESSING = "processing"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


class RefundEvent(Enum):
    """What moves a refund."""

    SETTLED = "settled"
    CANCELLED = "cancelled"


_REFUND_TABLE: Mapping[tuple[RefundState, RefundEvent], RefundState] = {
    (RefundState.PROCESSING, RefundEvent.SETTLED): RefundState.REFUNDED,
    (RefundState.PROCESSING, RefundEvent.CANCELLED): RefundState.CANCELLED,
}


def advance_refund(state: RefundState, event: RefundEvent) -> RefundState:
    """Return the refund's state after `event`. Raises `NotPossible` where the table has no cell."""
    after = _REFUND_TABLE.get((state, event))
    if after is None:
        raise NotPossible(f"the refund is {state.value}: it cannot be {event.value} any more")
    return after


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of the shopper's: through which channel, for how much, and the gateway's ids of it.

    What was declined has no `val_id`: there is no money to validate. `card_no` is masked.
    """

    channel: Channel
    asked: Money
    settled: Money
    rate: str
    val_id: str
    bank_tran_id: str
    at: datetime
    error: str = ""
    risk_level: int = 0
    card_no: str = ""
    emi_months: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What the shopper has typed in and not confirmed yet: no more of it than may be kept."""

    channel: Channel
    card_no: str = ""
    emi_months: int = 0


@dataclass(slots=True)
class Refund:
    """Money on its way back. `taken` is what of the settled BDT goes; the rest is what the merchant said."""

    ref_id: str
    bank_tran_id: str
    amount: Money
    taken: Money
    refe_id: str
    refund_trans_id: str
    initiated_at: datetime
    state: RefundState = RefundState.PROCESSING
    refunded_at: datetime | None = None
    settling: Planned | None = None


@dataclass(slots=True)
class Session:
    """One session. `asked` is what the merchant wants in its currency, `settled` the same in BDT."""

    key: str
    fields: Mapping[str, str]
    asked: Money
    settled: Money
    rate: str
    opened_at: datetime
    state: SessionState = SessionState.PENDING
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    refunds: list[Refund] = field(default_factory=list[Refund])
    error: str = ""
    # Whether the shopper has seen the checkout page: what runs out unseen is EXPIRED, what was seen UNATTEMPTED (U).
    was_seen: bool = False
    choice: Choice | None = None
    validations: int = 0
    validated_on: datetime | None = None
    expiry: Planned | None = None

    @property
    def tran_id(self) -> str:
        """The merchant's id of it."""
        return self.fields["tran_id"]

    @property
    def attempt(self) -> Attempt | None:
        """The latest try."""
        return self.attempts[-1] if self.attempts else None

    @property
    def paid(self) -> Attempt | None:
        """The try that brought the money, while it is here."""
        return self.attempt if self.state in CAPTURED else None

    @property
    def text(self) -> int:
        """How many characters it keeps of its request."""
        return sum(map(len, self.fields.values()))

    @property
    def page(self) -> str:
        """The last part of its checkout page's address (B)."""
        return f"testcde{self.key.lower()}"

    def returning_minor(self, *states: RefundState) -> int:
        """Return how much of the settled BDT has a refund in one of these states, in paisa."""
        return sum(refund.taken.amount_minor for refund in self.refunds if refund.state in states)


def convert(asked: Money, rates: Mapping[str, str]) -> tuple[Money, str] | None:
    """Return an amount in BDT with the rate as it is written, or None for a currency without one."""
    rate = "1.0000" if asked.currency == "BDT" else rates.get(asked.currency)
    if rate is None:
        return None
    paisa, unit = (10 ** EXPONENTS[currency] for currency in ("BDT", asked.currency))
    return Money(asked.amount_minor, "BDT").scaled(int(rate.replace(".", "")) * paisa, 10_000 * unit), rate
