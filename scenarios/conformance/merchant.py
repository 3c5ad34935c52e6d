"""The code under judgement, as the cases see it: a Protocol that a played shop, our server and anybody's shop fit."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol

from scenarios.exchanges import Exchange


class Can(Enum):
    """What a merchant lets the harness do or see besides buying and asking how an order stands."""

    COUNT_DELIVERIES = "deliveries go to the harness's sink, where they are counted"
    PAY_AGAIN = "a second payment of one order can be opened"
    REFUND = "money can be given back by a call"
    CANCEL = "an order can be cancelled by a call"
    RESTART = "the process can be restarted"
    OTHER_CURRENCIES = "orders can be placed in another currency than the gateway's own"
    NAME_A_PRICE = "shoppers place orders themselves, so they may try to name the price"
    UNSECURED = "it can be started without the gateway's secret"
    RECONCILE = "it asks the gateway by itself within the time that the harness can give it"


class Standing(Enum):
    """How an order stands, in words that fit every merchant."""

    PENDING = "pending"
    HELD = "held"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    REVIEW = "a person must look"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to buy. Amount in minor units; None leaves it to the merchant. A shopper who cheats names a `price`."""

    amount_minor: int | None = None
    currency: str | None = None
    price: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """What the merchant answered; `order` is its own id of the order, None where it told none."""

    order: str | None
    was_refused: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """How an order stands. `delivered`, `refunded_minor`: None where the merchant does not tell."""

    standing: Standing
    delivered: bool | None = None
    refunded_minor: int | None = None
    words: str = ""


class Merchant(Protocol):
    """One merchant at one gateway account. Calls raise `CallLost` when no answer comes."""

    name: str
    can: frozenset[Can]
    # How long all must have come to rest after everything is healed, on the virtual clock.
    horizon: timedelta

    async def buy(self, wanted: Wanted) -> Placed:
        """Place an order."""
        ...

    async def look(self, order: str) -> Seen:
        """Ask how an order stands."""
        ...

    async def pay_again(self, order: str) -> Placed:
        """Open one more payment of an order."""
        ...

    async def refund(self, order: str, amount_minor: int, *, key: str) -> bool:
        """Ask for money back; whether that was taken on."""
        ...

    async def cancel(self, order: str) -> None:
        """Cancel an order."""
        ...

    async def restart(self) -> None:
        """Do what the end and the start of a process do."""
        ...

    async def without_secret(self) -> bool:
        """Start over with a blank gateway secret; whether it says that it is ready."""
        ...

    async def settle(self) -> None:
        """Give it what it needs to finish in the machine's time; nothing where its clock is virtual."""
        ...

    async def exchanges(self) -> tuple[Exchange, ...]:
        """Return the merchant's own journal, where it keeps one that can be read."""
        ...

    def repeat(self, case: str, *, seed: int) -> str:
        """Return the command that judges this case again."""
        ...
