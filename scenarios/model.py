"""A scenario as frozen values: the story, its steps and what each step asks for. `loader.py` reads them from a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

HORIZON = timedelta(days=7)


class Placement(Enum):
    """Where the reference server of a scenario lives."""

    HERE = "here"
    OWN_PROCESS = "own process"


class ShopperAction(Enum):
    """What a shopper does at the checkout page, in the control plane's words."""

    LOOK = "open"
    PAY = "pay"
    DECLINE = "decline"
    CANCEL = "cancel"
    LEAVE = "leave"


class ForgedProof(Enum):
    """Which proof a forged notification carries, in the control plane's words."""

    RIGHT = "right"
    WRONG_KEY = "wrong_key"
    MISSING = "missing"
    ALTERED = "altered"


class ReturnAddress(Enum):
    """Where a checkout page sends the browser back to, as document 000 names the addresses."""

    SUCCESS = "success"
    FAIL = "fail"
    CANCEL = "cancel"


class Decision(Enum):
    """What a person decides: on money in review, on a delivery, or that a payment is called off."""

    ACCEPT = "accept"
    RETURN = "return"
    RETRY = "retry"
    WAIVE = "waive"
    WITHDRAW = "withdraw"


class GatewayAction(Enum):
    """What the gateway's own staff does, in the control plane's words."""

    RELEASE_RISK = "release_risk"
    REFUSE_RISK = "refuse_risk"
    COMPLETE_REFUND = "complete_refund"
    CANCEL_REFUND = "cancel_refund"


@dataclass(frozen=True, slots=True)
class Count:
    """How often something may have happened; both ends are allowed, `at_most=None` is no upper end."""

    at_least: int = 0
    at_most: int | None = None

    def allows(self, seen: int) -> bool:
        """Return whether `seen` lies within."""
        return self.at_least <= seen and (self.at_most is None or seen <= self.at_most)

    def __str__(self) -> str:
        if self.at_least == self.at_most:
            return f"exactly {self.at_least}"
        if self.at_most is None:
            return f"at least {self.at_least}"
        return f"{self.at_least} to {self.at_most}" if self.at_least else f"at most {self.at_most}"


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """The merchant's backend asks the server for a payment; `items` and `customer` go into the call as they stand.

    `again` names a payment of whose order this is a further session.
    """

    name: str
    amount: str
    currency: str = "BDT"
    items: tuple[Mapping[str, Scalar], ...] = ()
    customer: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    chassis_no: str | None = None
    product_key: str | None = None
    expect_status: int | None = None
    again: str | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """The merchant's backend asks for money back: `amount` in major units or all, `name` the reference it goes by."""

    order: str | None = None
    amount: str | None = None
    name: str | None = None
    expect_status: int | None = None


@dataclass(frozen=True, slots=True)
class Decide:
    decision: Decision
    order: str | None = None
    expect_status: int | None = None


@dataclass(frozen=True, slots=True)
class GatewayDecides:
    action: GatewayAction
    order: str | None = None


@dataclass(frozen=True, slots=True)
class ShopperVisit:
    """What the shopper does. `returns`: the browser posts the form that leads back to the shop."""

    action: ShopperAction
    order: str | None = None
    method: str | None = None
    reason: str | None = None
    amount: str | None = None
    currency: str | None = None
    risk_level: int | None = None
    returns: bool = True


@dataclass(frozen=True, slots=True)
class FaultCondition:
    """When a fault rule meets; all that is given must hold. `order` is a payment's name in this scenario."""

    gateway: str | None = None
    operation: str | None = None
    event: str | None = None
    order: str | None = None
    nth: int | None = None
    first: int | None = None
    every: int | None = None
    probability: float | None = None
    after: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault by name; a duration in its settings has become seconds, under the name with `_seconds`."""

    name: str
    settings: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class InjectFault:
    faults: tuple[Fault, ...]
    when: FaultCondition = FaultCondition()


@dataclass(frozen=True, slots=True)
class ClearFaults:
    pass


@dataclass(frozen=True, slots=True)
class Advance:
    by: timedelta


@dataclass(frozen=True, slots=True)
class Quiesce:
    pass


@dataclass(frozen=True, slots=True)
class TakenFields:
    """Wire fields that a shopper of ours has seen: those of the form that led back to the shop from paying `order`."""

    order: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForgeNotification:
    """A notification that the gateway never decided to send.

    `taken_from` and then `fields` override its wire fields before it is proven.
    """

    order: str | None = None
    proof: ForgedProof = ForgedProof.WRONG_KEY
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    taken_from: TakenFields | None = None


@dataclass(frozen=True, slots=True)
class ForgeReturn:
    """A form that somebody posts to a return address; `fields` override those of `taken_from`."""

    to: ReturnAddress
    order: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    taken_from: TakenFields | None = None


@dataclass(frozen=True, slots=True)
class AskStatus:
    order: str | None = None


@dataclass(frozen=True, slots=True)
class KillServer:
    """The server's process dies: at once, or right before the job of this name would run."""

    before: str | None = None


@dataclass(frozen=True, slots=True)
class StartServer:
    pass


@dataclass(frozen=True, slots=True)
class NotificationCounts:
    sent: Count | None = None
    answered: Count | None = None
    refused: Count | None = None


@dataclass(frozen=True, slots=True)
class RefundCounts:
    """How many refunds of the payment stand where, in the server."""

    pending: Count | None = None
    processed: Count | None = None
    failed: Count | None = None
    needs_review: Count | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must hold: now, or within a stretch of virtual time. What is None is not looked at.

    `order` is a payment's name, None the newest; `answer` is the HTTP status of the last call of ours.
    """

    line: int
    within: timedelta | None = None
    order: str | None = None
    status: str | None = None
    state: str | None = None
    fulfilment: str | None = None
    provisioned: Count | None = None
    provision_calls: Count | None = None
    validations: Count | None = None
    notifications: NotificationCounts | None = None
    answer: int | None = None
    refunded: str | None = None
    refunds: RefundCounts | None = None


Arguments: TypeAlias = (
    OpenPayment
    | Refund
    | Decide
    | GatewayDecides
    | ShopperVisit
    | InjectFault
    | ClearFaults
    | Advance
    | Quiesce
    | ForgeNotification
    | ForgeReturn
    | AskStatus
    | KillServer
    | StartServer
    | Expectation
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a scenario does; `line` is its place in the file, from 1."""

    verb: str
    arguments: Arguments
    line: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story told to both sides. `start` is the virtual instant at which it begins.

    `settings` are by room: "server", or a gateway's name. `finally_` must hold when everything due within
    `horizon` of virtual time after the last step has run. `row` is its place in its file's table of examples, from 1.
    """

    version: int
    name: str
    description: str
    gateway: str
    steps: tuple[Step, ...]
    finally_: tuple[Expectation, ...]
    start: datetime
    seed: int
    server: Placement
    settings: Mapping[str, Mapping[str, Scalar]]
    tags: tuple[str, ...]
    horizon: timedelta
    source: Path
    row: int | None = None
