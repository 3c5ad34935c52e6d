"""The seam between a played gateway and the side that hosts it: what each gives the other, as values and protocols.

A gateway folder imports this file and nothing else of the side. All that it may do to the world goes through its
`Desk`, the place of one account at one gateway.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Protocol

from contracts.binding import Answer, Call, Refusal
from simulators.pages import render_page


def show_page(template: str, values: Mapping[str, object], *, status: int = 200) -> Answer:
    """Answer whoever belongs to no account with one of the pages in `simulators/pages`; others have `Desk.page`."""
    return render_page(template, values, status=status)


class Proof(Enum):
    """How well a notification of one's own making is proven."""

    RIGHT = "right"
    WRONG_KEY = "wrong_key"
    MISSING = "missing"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class Notification:
    """One message a gateway wants to bring: the bytes are rendered and proven already.

    `limit_seconds` is how long the gateway waits for the answer; `retries` are tried again `retry_seconds` apart
    when no 2xx came.
    """

    event: str
    order: str
    url: str
    body: bytes
    media_type: str
    limit_seconds: float
    headers: tuple[tuple[str, str], ...] = ()
    forged: bool = False
    note: str | None = None
    retries: int = 0
    retry_seconds: float = 0


@dataclass(frozen=True, slots=True)
class ShopperAct:
    """What the shopper does on the checkout page; `action` is open, pay, decline, cancel or leave."""

    action: str
    order: str | None = None
    session: str | None = None
    method: str = "visa"
    reason: str | None = None
    amount: str | None = None
    currency: str | None = None
    risk_level: int = 0
    # The number of a card (never kept), its date as MM/YY, and how many months of instalments.
    card: str | None = None
    expiry: str | None = None
    emi_months: int = 0


@dataclass(frozen=True, slots=True)
class GatewayAct:
    """What the gateway's own staff does: release_risk, refuse_risk, complete_refund or cancel_refund."""

    action: str
    order: str | None = None
    session: str | None = None
    refund: str | None = None


@dataclass(frozen=True, slots=True)
class GatewayOutcome:
    """What became of the gateway order, and of the refund if it was about one."""

    state: str
    order: str
    session: str
    refund: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Return:
    """The form that the checkout page makes the browser submit."""

    method: str
    url: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ShopperOutcome:
    """What became of the gateway order, and where the browser is sent; `path` is the page's, as the browser sees it."""

    state: str
    order: str
    path: str
    returns: Return | None


@dataclass(frozen=True, slots=True)
class Wish:
    """A notification of somebody's own making; see control.yaml, Trigger."""

    event: str
    order: str | None = None
    url: str | None = None
    proof: Proof = Proof.RIGHT
    fields: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class OrderView:
    """The gateway's truth about one gateway order."""

    order: str
    session: str
    amount_minor: int
    currency: str
    state: str
    captured_minor: int
    validations: int = 0
    refunded_minor: int = 0
    refunds_pending_minor: int = 0
    refunds: Sequence[Mapping[str, object]] = ()


class Planned(Protocol):
    """A job that was owed and can be let off."""


class Desk(Protocol):
    """What a gateway's code may see and do for the account at hand."""

    @property
    def credentials(self) -> Mapping[str, str]:
        """The account's credentials with this gateway."""
        ...

    @property
    def settings(self) -> object:
        """What the fact sheet marks as unsure, as this account has it; of the type in `Gateway.settings`."""
        ...

    @property
    def memory(self) -> object:
        """The gateway's records of this account, as `Gateway.open_memory` made them."""
        ...

    def now(self) -> datetime:
        """The account's instant, in UTC."""
        ...

    def wall(self) -> datetime:
        """The machine's instant, in UTC: for stamps that foreign code checks on its own clock."""
        ...

    def draw(self, purpose: str, *, length: int, alphabet: str) -> str:
        """Draw an id."""
        ...

    def be_known_by(self, key: str) -> None:
        """Let calls that show `key`, and nothing better, be this account's: see `Gateway.identify`."""
        ...

    def be_forgotten(self, key: str) -> None:
        """Undo `be_known_by`."""
        ...

    def notify(self, notification: Notification) -> None:
        """Plan a notification for now; fault rules may make something else of it."""
        ...

    def owe(self, seconds: float, name: str, *, subject: str, work: Callable[[], Awaitable[None]]) -> Planned:
        """Owe a job of the gateway's own, so many seconds of the account's clock from now."""
        ...

    def let_off(self, planned: Planned) -> None:
        """Owe it no longer."""
        ...

    def base_url(self, call: Call) -> str:
        """Where browsers reach this gateway: the configured address, or the Host that the call came to."""
        ...

    def page(self, template: str, values: Mapping[str, object]) -> Answer:
        """Answer with one of the pages in `simulators/pages`."""
        ...

    def tell(self, *, subject: str | None = None, note: str | None = None, forged: bool = False) -> None:
        """Add to the journal entry of the request at hand."""
        ...

    def change(self, resource: str, identity: str, *, before: str, after: str, cause: str) -> None:
        """Write a transition into the journal entry of the request or job at hand."""
        ...


class Spoilable(Enum):
    """What only a gateway can spoil, for it needs the gateway's own knowledge."""

    # Answers.
    CREATION = "a call that creates a gateway order"
    MEMBERS = "an answer with members"
    STATE = "an answer that tells a state"
    IDENTITY = "an answer that names an order"
    # Notifications.
    FIELDS = "a notification with fields"
    PROOF = "a notification with a proof"
    STAMP = "a notification with a time"
    ACCOUNT = "a notification that names an account"


class BrokenProof(Enum):
    """In which way a notification's proof does not hold."""

    MISSING = "missing"
    WRONG_KEY = "wrong_key"
    ALTERED_FIELD = "altered_field"
    RESERIALISED = "reserialised"


class BrokenMember(Enum):
    """What is wrong with a member of an answer."""

    MISSING = "missing"
    OTHER_TYPE = "other_type"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Tampering:
    """What a notification shall say instead of the truth.

    `amount` is "half", "double", a difference with its sign, or an amount in major units. Without `is_proven` the
    proof stays that of the truth.
    """

    amount: str | None = None
    currency: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    is_proven: bool = True


@dataclass(frozen=True, slots=True)
class SpoiltNotification:
    """A notification and, in words, what is wrong with it."""

    notification: Notification
    words: str


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer that stands ready, with the call that it answers."""

    call: Call
    answer: Answer


@dataclass(frozen=True, slots=True)
class SpoiltAnswer:
    """An answer and, in words, what is wrong with it."""

    answer: Answer
    words: str


class Spoiler(Protocol):
    """How a gateway's own messages go wrong: what faults cannot do without knowing the vendor's wire.

    What needs a thing that is not in the message at hand (a member, an order, an older state) returns None.
    """

    @property
    def strikes(self) -> Mapping[Spoilable, tuple[str, ...]]:
        """Which operations and events each can be done to."""
        ...

    def tamper(self, desk: Desk, notification: Notification, change: Tampering) -> SpoiltNotification:
        """Let it say something else."""
        ...

    def break_proof(
        self, desk: Desk, notification: Notification, *, how: BrokenProof, altered: str | None
    ) -> SpoiltNotification:
        """Break its proof; `altered` names the field that is changed, if it is that way."""
        ...

    def restamp(self, desk: Desk, notification: Notification, *, seconds: float) -> SpoiltNotification:
        """Let it show a time so much earlier, proven anew."""
        ...

    def of_other_account(self, desk: Desk, notification: Notification) -> SpoiltNotification:
        """Make it another account's about the same order id, proven with that account's key."""
        ...

    def act_early(self, desk: Desk, answer: Answer, *, action: str | None) -> str | None:
        """Let the shopper act on the gateway order that a creating answer opens, and return the merchant's order.

        Raises what playing the shopper raises.
        """
        ...

    def break_member(
        self, desk: Desk, given: GivenAnswer, *, member: str | None, how: BrokenMember
    ) -> SpoiltAnswer | None:
        """Break a member; without a name, one that merchants read."""
        ...

    def before_last_transition(self, desk: Desk, given: GivenAnswer) -> SpoiltAnswer | None:
        """Tell what it told before the last transition of the money."""
        ...

    def about_other_order(self, desk: Desk, given: GivenAnswer) -> SpoiltAnswer | None:
        """Tell the same of another order."""
        ...


Answering = Callable[[Desk, Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Gateway:
    """One played gateway, as its folder exports it under the name GATEWAY.

    `identify` gives the key by which a call's account is found (a store id, a session), or nothing. `judge` refuses a
    call of an account that does not prove to be its own; `stranger` refuses one that is nobody's. `pages` names the
    operations that browsers call. `subject_of` names the merchant's order that a call is about. `hosts` are the host
    names that the vendor's SDKs call; see `simulators/reach`.
    """

    name: str
    document: Path
    hosts: tuple[str, ...]
    events: tuple[str, ...]
    secret_fields: frozenset[str]
    pages: frozenset[str]
    handlers: Mapping[str, Answering]
    draw_credentials: Callable[[str, Callable[[str, int], str]], Mapping[str, str]]
    keys_of: Callable[[Mapping[str, str]], Sequence[str]]
    read_settings: Callable[[Mapping[str, object]], object]
    open_memory: Callable[[], object]
    identify: Callable[[Call], str | None]
    judge: Callable[[Desk, Call], Answer | None]
    stranger: Callable[[Call], Answer]
    refuse: Callable[[Refusal], Answer]
    subject_of: Callable[[Desk, Call], str | None]
    play: Callable[[Desk, ShopperAct], ShopperOutcome]
    act: Callable[[Desk, GatewayAct], GatewayOutcome]
    trigger: Callable[[Desk, Wish], None]
    list_orders: Callable[[Desk], Sequence[OrderView]]
    spoiler: Spoiler
