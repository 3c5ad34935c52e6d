"""The seam to gateways: what each can do, in our words. Which gateway says what, and how, is in its own folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from reference_server.money import Money
from reference_server.outgoing import OutgoingCall, PeerAnswer

__all__ = [
    "Acquirer",
    "AcquiringGateway",
    "Authorization",
    "AuthorizationRequest",
    "Caller",
    "Decline",
    "Forged",
    "Gateway",
    "GatewayLine",
    "GatewayNotification",
    "GatewayReport",
    "GatewayWord",
    "Hearsay",
    "Limits",
    "Method",
    "OpenedSession",
    "OutgoingCall",
    "PeerAnswer",
    "Proven",
    "RefundReport",
    "RefundRequest",
    "RefundWord",
    "ReturnAddresses",
    "SentRefund",
    "SessionRequest",
    "Shopper",
    "Verdict",
]


class GatewayWord(Enum):
    """What a gateway says of one payment, told alike for all of them."""

    CAPTURED = "captured"
    AUTHORIZED = "authorized"
    HELD = "held"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PENDING = "pending"
    UNKNOWN = "unknown"


class Method(Enum):
    """What a shopper pays with."""

    UPI = "upi"
    CARD = "card"
    WALLET = "wallet"
    NETBANKING = "netbanking"


@dataclass(frozen=True, slots=True)
class Decline:
    """Why an issuer or a gateway said no. One that is `passing` may be another answer a little later."""

    code: str
    description: str
    is_passing: bool = False


@dataclass(frozen=True, slots=True)
class GatewayReport:
    """What the gateway answered when asked about a payment.

    `reference` is the merchant's order id and `gateway_reference` the gateway's id of the payment, as it states them;
    either may be empty where no money came. `claims` are all sums that must be the order's: more than one where the
    gateway states it twice, the one that moved first. `evidence` is the answer as it came. `is_bound` says that the
    question or who prompted it could only mean this payment, whatever the answer names: our own session key, or a
    signed notification. `settled` is what the gateway keeps, in its own currency; `money_reference` its name of the
    money itself, for refunds; `tag` what we gave it along with the session.
    """

    word: GatewayWord
    reference: str
    gateway_reference: str
    claims: tuple[Money, ...]
    captured_at: datetime | None
    reason: str
    evidence: str
    is_bound: bool = False
    settled: Money | None = None
    money_reference: str = ""
    tag: str = ""
    decline: Decline | None = None


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """Money to be held, or taken at once. `key` is one try's: the same again is answered the same."""

    key: str
    reference: str
    money: Money
    method: Method
    captures: bool


@dataclass(frozen=True, slots=True)
class Authorization:
    """Money that a gateway holds, by its name, and how much of it is meant: a capture may be of a part."""

    gateway_reference: str
    reference: str
    money: Money


class RefundWord(Enum):
    """What a gateway says of one refund, told alike for all of them."""

    # It took the refund on just now.
    ACCEPTED = "accepted"
    # It has had the refund already, and is at it.
    PROCESSING = "processing"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Money to give back. `key` is the same in every call about one refund; `settled` is in the gateway's currency."""

    key: str
    money_reference: str
    money: Money
    settled: Money
    reason: str
    subject: str


@dataclass(frozen=True, slots=True)
class SentRefund:
    """A refund that the gateway has named."""

    gateway_reference: str
    money_reference: str
    subject: str


@dataclass(frozen=True, slots=True)
class RefundReport:
    """What the gateway answered about a refund; `gateway_reference` is its name of it, where it told one."""

    word: RefundWord
    gateway_reference: str
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Proven:
    """Believe it."""


@dataclass(frozen=True, slots=True)
class Forged:
    """Refuse it; `note` says why, with the base string that its proof should have covered and no secret."""

    note: str


@dataclass(frozen=True, slots=True)
class Hearsay:
    """Ask the gateway before believing; `is_signed` says that at least the sender knew the secret."""

    is_signed: bool


Verdict = Proven | Forged | Hearsay


@dataclass(frozen=True, slots=True)
class GatewayNotification:
    """A notification in our words. `identity` is the same for every duplicate and for nothing else."""

    word: GatewayWord
    reference: str
    gateway_reference: str
    identity: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shopper:
    """Who pays, as the merchant told us."""

    name: str
    email: str
    phone: str
    address: str
    city: str
    country: str
    postcode: str


@dataclass(frozen=True, slots=True)
class ReturnAddresses:
    """Where the gateway sends the browser, and where it sends notifications."""

    success: str
    fail: str
    cancel: str
    notify: str


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What a checkout page is wanted for. `tag` comes back with every notification where a gateway echoes one."""

    reference: str
    money: Money
    products: str
    shopper: Shopper = field(repr=False)
    addresses: ReturnAddresses
    tag: str


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A gateway order that a shopper can pay at `page_url`."""

    session_key: str
    page_url: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of our clock that we wait for an answer."""

    session_seconds: float
    confirm_seconds: float


class Caller(Protocol):
    """Makes one call out; see `outgoing.py`."""

    async def call(self, call: OutgoingCall) -> PeerAnswer: ...


@dataclass(frozen=True, slots=True)
class GatewayLine:
    """One merchant's way to one gateway: credentials, base URL, and who makes the calls."""

    account: str
    credentials: Mapping[str, str] = field(repr=False)
    base_url: str
    caller: Caller
    limits: Limits


class Acquirer(Protocol):
    """A gateway that is told of the instrument by us, not by the shopper. The same call again never does it twice.

    A no is an answer: a report that says FAILED, or `GatewayRefusedError`. After any other `GatewayError`, and after a
    report that says PENDING or UNKNOWN, what it did is unknown.
    """

    async def authorize(self, request: AuthorizationRequest) -> GatewayReport:
        """Ask the issuer to hold the money, or to pay it at once."""
        ...

    async def close(self, request: AuthorizationRequest) -> GatewayReport:
        """Say how the try of this key stands. One never heard of is CANCELLED: a call still on its way does nothing."""
        ...

    async def capture(self, authorization: Authorization) -> GatewayReport:
        """Claim so much of what is held; the rest is released.

        EXPIRED says that nothing is held any more, FAILED that it is not captured, though it may be held still.
        """
        ...

    async def void(self, authorization: Authorization) -> GatewayReport:
        """Release what is held; CANCELLED or EXPIRED once nothing is, and CAPTURED where it was captured before."""
        ...

    def answers_after(self, key: str) -> timedelta:
        """Say how long the answer to an authorization of this key takes."""
        ...


class Gateway(Protocol):
    """What each gateway folder exports as GATEWAY. Calls raise `GatewayError` and nothing else."""

    @property
    def name(self) -> str: ...

    @property
    def credential_names(self) -> tuple[str, ...]:
        """What a merchant's account with this gateway has to hold."""
        ...

    async def open_session(self, line: GatewayLine, request: SessionRequest) -> OpenedSession:
        """Open a gateway order. Raises `GatewayRefusedError` when it says no."""
        ...

    async def confirm(
        self, line: GatewayLine, notification: GatewayNotification, *, session_key: str
    ) -> tuple[GatewayReport, ...]:
        """Ask whether what a notification says is so."""
        ...

    async def query(self, line: GatewayLine, reference: str, *, session_key: str) -> tuple[GatewayReport, ...]:
        """Ask what is known of a payment; nothing when the gateway has never heard of it."""
        ...

    async def refund(self, line: GatewayLine, request: RefundRequest) -> RefundReport:
        """Ask for money to be given back. The same request again never gives it back twice."""
        ...

    async def find_refund(self, line: GatewayLine, sent: SentRefund) -> RefundReport:
        """Ask how a refund stands."""
        ...

    def refunds_after(self, key: str) -> timedelta:
        """Say how long we wait before the refund of this key is sent."""
        ...

    def verify(self, line: GatewayLine, fields: Mapping[str, str]) -> Verdict:
        """Judge a notification by its proof alone."""
        ...

    def read(self, fields: Mapping[str, str]) -> GatewayNotification:
        """Read a notification. Raises `GatewayNonsenseError` when it says nothing that this gateway says."""
        ...


class AcquiringGateway(Acquirer, Gateway, Protocol):
    """One that takes payments as an acquirer, and gives money back as every gateway does."""
