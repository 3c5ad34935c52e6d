"""SSLCommerz' own machine: a session from its opening to its end, what an account remembers of it, and its settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated, Final, cast

import msgspec

from simulators.errors import NoSuchThing, NotPossible, SettingsError
from simulators.gateways.gateway import Desk, Planned
from simulators.money import Money


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


# Fact sheet sections 4, 5 and 7. A session that failed is not tried again: the merchant opens another (section 11, 9).
TABLE: Mapping[tuple[SessionState, SessionEvent], SessionState] = {
    (SessionState.PENDING, SessionEvent.PAID): SessionState.VALID,
    (SessionState.PENDING, SessionEvent.DECLINED): SessionState.FAILED,
    (SessionState.PENDING, SessionEvent.CANCELLED): SessionState.CANCELLED,
    (SessionState.PENDING, SessionEvent.ABANDONED): SessionState.UNATTEMPTED,
    (SessionState.PENDING, SessionEvent.TIMED_OUT): SessionState.EXPIRED,
    (SessionState.VALID, SessionEvent.VALIDATED): SessionState.VALIDATED,
    (SessionState.VALIDATED, SessionEvent.VALIDATED): SessionState.VALIDATED,
}


def advance(state: SessionState, event: SessionEvent) -> SessionState:
    """Return the state after `event`. Raises `NotPossible` where the table has no cell."""
    after = TABLE.get((state, event))
    if after is None:
        raise NotPossible(f"the session is {state.value}: it cannot be {event.value} any more")
    return after


def is_final(state: SessionState) -> bool:
    """Say whether the shopper can do nothing more."""
    return state is not SessionState.PENDING


@dataclass(frozen=True, slots=True)
class Channel:
    """What a way to pay looks like on the wire. Fact sheet sections 5 and 10 (B); issuers of wallets are U."""

    key: str
    title: str
    gw: str
    card_type: str
    card_brand: str
    card_issuer: str
    card_no: str = ""
    card_sub_brand: str = "Classic"
    card_category: str = "CREDIT"


CHANNELS: Mapping[str, Channel] = {
    channel.key: channel
    for channel in (
        Channel("visa", "VISA", "visa", "VISA-Dutch Bangla", "VISA", "TRUST BANK, LTD.", "411111XXXXXX1111"),
        Channel(
            "master", "Mastercard", "master", "MASTER-Dutch Bangla", "MASTER", "TRUST BANK, LTD.", "511111XXXXXX1111"
        ),
        Channel("amex", "American Express", "amex", "AMEX-City Bank", "AMEX", "CITY BANK, LTD.", "371111XXXXX1111"),
        Channel(
            "bkash", "bKash", "mobilebanking", "BKASH-BKash", "MOBILEBANKING", "BKash Mobile Banking", "", "", "MOBILE"
        ),
        Channel(
            "nagad", "Nagad", "mobilebanking", "NAGAD-Nagad", "MOBILEBANKING", "Nagad Mobile Banking", "", "", "MOBILE"
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of the shopper's: through which channel, for how much, and the gateway's ids of it.

    What was declined has no `val_id`: there is no money to validate.
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
    attempt: Attempt | None = None
    error: str = ""
    # Whether the shopper has seen the checkout page: what runs out unseen is EXPIRED, what was seen UNATTEMPTED (U).
    was_seen: bool = False
    validations: int = 0
    validated_on: datetime | None = None
    expiry: Planned | None = None

    @property
    def tran_id(self) -> str:
        """The merchant's id of it."""
        return self.fields["tran_id"]

    @property
    def text(self) -> int:
        """How many characters it keeps of its request."""
        return sum(map(len, self.fields.values()))

    @property
    def page(self) -> str:
        """The last part of its checkout page's address (B)."""
        return f"testcde{self.key.lower()}"


# What of a request is told again later. The rest is let go: a merchant may send a megabyte of it.
KEPT_FIELDS: Final = (
    "store_id",
    "tran_id",
    "product_name",
    "success_url",
    "fail_url",
    "cancel_url",
    "ipn_url",
    "value_a",
    "value_b",
    "value_c",
    "value_d",
)
SESSIONS_MAX: Final = 10_000
# Characters of all kept fields together; sessions of the usual size are some hundreds each.
TEXT_MAX: Final = 16 * 1024 * 1024


@dataclass(slots=True)
class Memory:
    """What one store remembers; of more sessions than it holds, the oldest that is over goes first."""

    sessions_max: int = SESSIONS_MAX
    text_max: int = TEXT_MAX
    text: int = 0
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    _by_order: dict[str, list[Session]] = field(default_factory=dict[str, list[Session]])
    _by_val_id: dict[str, Session] = field(default_factory=dict[str, Session])

    def add(self, session: Session) -> list[Session]:
        """Remember a session; return those that had to go for it. Raises `NotPossible` for a key that is known."""
        if session.key in self.sessions:
            raise NotPossible(
                f"the session {session.key} is there already; reset the account before a seed is repeated"
            )
        self.sessions[session.key] = session
        self._by_order.setdefault(session.tran_id, []).append(session)
        self.text += session.text
        gone: list[Session] = []
        while len(self.sessions) > 1 and (len(self.sessions) > self.sessions_max or self.text > self.text_max):
            gone.append(self._let_go(session))
        return gone

    def _let_go(self, newest: Session) -> Session:
        others = [one for one in self.sessions.values() if one is not newest]
        old = next((one for one in others if is_final(one.state)), others[0])
        del self.sessions[old.key]
        self.text -= old.text
        self._by_order[old.tran_id].remove(old)
        if not self._by_order[old.tran_id]:
            del self._by_order[old.tran_id]
        if old.attempt is not None:
            self._by_val_id.pop(old.attempt.val_id, None)
        return old

    def add_attempt(self, session: Session, attempt: Attempt) -> None:
        """Remember what a shopper tried. Raises `NotPossible` for a val_id that is known."""
        if attempt.val_id in self._by_val_id:
            raise NotPossible(
                f"the val_id {attempt.val_id} is there already; reset the account before a seed is repeated"
            )
        session.attempt = attempt
        if attempt.val_id:
            self._by_val_id[attempt.val_id] = session

    def find(self, key: str) -> Session | None:
        """Return the session of a key, in whatever letters."""
        return self.sessions.get(key.upper())

    def find_by_val_id(self, val_id: str) -> Session | None:
        """Return the session that this validation id was given out for."""
        return self._by_val_id.get(val_id)

    def of_order(self, tran_id: str) -> list[Session]:
        """Return every session of the merchant's order, oldest first."""
        return list(self._by_order.get(tran_id, ()))

    def get(self, *, key: str | None, tran_id: str | None) -> Session:
        """Return a session by its key, or the newest of an order. Raises `NoSuchThing`."""
        if key is not None:
            found = self.find(key)
        else:
            found = (self.of_order(tran_id) or [None])[-1] if tran_id is not None else None
        if found is None:
            known = ", ".join(session.tran_id for session in list(self.sessions.values())[-5:]) or "none"
            raise NoSuchThing(f"there is no session {key or tran_id!r}; the latest orders are {known}")
        return found


Seconds = Annotated[float, msgspec.Meta(gt=0, le=10**9)]


class Stamps(Enum):
    """Whose time the dates and ids on the wire show."""

    PRODUCT = "product"
    WALL = "wall"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the fact sheet marks U (unverified), with the sheet's default. `quirks.md` says what is known of each."""

    # How long the shopper has; then the session is UNATTEMPTED (the page was seen) or EXPIRED.
    session_seconds: Seconds = 1800
    expiry_sends_ipn: bool = True
    cancel_sends_ipn: bool = True
    # `wall` for a foreign shop that holds dates to its own clock. SSLCommerz signs no time, so `product` stands here.
    stamps: Stamps = Stamps.PRODUCT
    # Where IPNs go for a session without ipn_url: the address that a merchant sets in the panel.
    panel_ipn_url: str = ""
    ipn_limit_seconds: Seconds = 5
    ipn_retries: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    ipn_retry_seconds: Seconds = 60
    # Fields demanded besides those that every integration sends.
    required_fields: tuple[str, ...] = ()
    refuse_over_long_fields: bool = False
    least_amount: str = "10.00"
    most_amount: str = "500000.00"
    reuse_paid_tran_id: bool = False
    # Refusals of which no text is on record.
    amount_reason: str = "Invalid Information! 'total_amount' must be between 10.00 and 500000.00 BDT."
    currency_reason: str = "Invalid Information! 'currency' is not supported."
    over_long_reason: str = "Invalid Information! '{field}' is longer than {length} characters."
    reused_reason: str = "Invalid Information! 'tran_id' is already used for a successful transaction."
    json_body_accepted: bool = False
    answer_media_type: str = "text/html; charset=UTF-8"
    # BDT for one unit of the currency, four decimals.
    rates: Mapping[str, Annotated[str, msgspec.Meta(pattern=r"^\d{1,6}\.\d{4}$")]] = msgspec.field(
        default_factory=lambda: {
            "USD": "121.6000",
            "EUR": "132.4000",
            "SGD": "90.1000",
            "INR": "1.4200",
            "MYR": "27.3000",
        }
    )
    # What of 10,000 paisa reaches the merchant.
    store_amount_permyriad: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 9750
    risky_title: str = "Risky"
    elements_newest_first: bool = True
    store_is_active: bool = True
    store_name: str = "Demo"


def read_settings(given: Mapping[str, object]) -> Settings:
    """Read an account's settings. Raises `SettingsError` that names the wrong one and what there is."""
    try:
        return msgspec.convert(dict(given), Settings, strict=False)
    except msgspec.ValidationError as wrong:
        known = ", ".join(Settings.__struct_fields__)
        raise SettingsError(f"settings of sslcommerz: {wrong}; there are {known}") from None


def stamp_now(desk: Desk) -> datetime:
    """Return the instant that dates and ids on the wire show, by the setting `stamps`."""
    return desk.wall() if settings_of(desk).stamps is Stamps.WALL else desk.now()


def settings_of(desk: Desk) -> Settings:
    """Return the account's settings: what `read_settings` made."""
    return cast("Settings", desk.settings)


def memory_of(desk: Desk) -> Memory:
    """Return the account's memory: a `Memory` from the first."""
    return cast("Memory", desk.memory)


def convert(asked: Money, rates: Mapping[str, str]) -> tuple[Money, str] | None:
    """Return an amount in BDT with the rate as it is written, or None for a currency without one."""
    rate = "1.0000" if asked.currency == "BDT" else rates.get(asked.currency)
    if rate is None:
        return None
    # Every currency that SSLCommerz names has two decimals, as BDT has.
    return Money(asked.amount_minor, "BDT").scaled(int(rate.replace(".", "")), 10_000), rate
