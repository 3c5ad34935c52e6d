"""What both sides say of the same orders once all is quiet: the only thing that the promises of this folder look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class MerchantOrder:
    """An order as the merchant's side has it; sums in minor units of `currency`."""

    order: str
    amount_minor: int
    currency: str
    state: str
    fulfilment: str | None
    captured_minor: int
    refunded_minor: int = 0
    # On its way back, or may be.
    refunding_minor: int = 0
    # A refund failed or cannot be told of: a person has been asked to look.
    asks_about_refunds: bool = False
    # A person took what came as the order's money, more or less than its sum as it may be.
    is_accepted: bool = False

    @property
    def kept_minor(self) -> int:
        """What is neither back nor on its way."""
        return self.captured_minor - self.refunded_minor - self.refunding_minor


@dataclass(frozen=True, slots=True)
class GatewayOrder:
    """An order as the gateway has it: what really moved; sums in minor units of `currency`."""

    order: str
    amount_minor: int
    currency: str
    state: str
    captured_minor: int
    refunded_minor: int = 0
    refunding_minor: int = 0


@dataclass(frozen=True, slots=True)
class Provisioned:
    """One provisioning key at the sink: how often it was called, and whether the work was done."""

    key: str
    order: str
    calls: int
    done: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """Both sides and the provisioning sink at one quiet moment.

    `provisions`: whether the merchant has anything to provision at all. `owed`: the orders whose provisioning is still
    planned.
    """

    merchant: Sequence[MerchantOrder]
    gateway: Sequence[GatewayOrder]
    provisioned: Sequence[Provisioned]
    provisions: bool = True
    owed: frozenset[str] = frozenset()

    def taken_minor(self, order: str) -> Mapping[str, int]:
        """Return what the gateway took for an order, by currency: several gateway orders may stand for one."""
        sums: dict[str, int] = {}
        for one in self.gateway:
            if one.order == order:
                sums[one.currency] = sums.get(one.currency, 0) + one.captured_minor
        return sums

    def gone_minor(self, order: str) -> Mapping[str, int]:
        """Return what the gateway gave back of an order or is giving back, by currency."""
        sums: dict[str, int] = {}
        for one in self.gateway:
            if one.order == order:
                sums[one.currency] = sums.get(one.currency, 0) + one.refunded_minor + one.refunding_minor
        return sums

    def merchant_orders(self) -> Sequence[MerchantOrder]:
        """Return each order once: the merchant may have several payments for one, which are then added up."""
        orders: dict[str, list[MerchantOrder]] = {}
        for one in self.merchant:
            orders.setdefault(one.order, []).append(one)
        return [_add_up(payments) for payments in orders.values()]


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise found broken: which, what was expected, what was seen."""

    promise: str
    expected: str
    seen: str


# What an order's payments come to: the first of these that one of them is in.
_STATES_BY_WEIGHT = ("NEEDS_REVIEW", "HELD", "CAPTURED", "AUTHORIZED", "PENDING")


def _add_up(payments: Sequence[MerchantOrder]) -> MerchantOrder:
    states = [one.state for one in payments]
    return replace(
        payments[0],
        state=next((state for state in _STATES_BY_WEIGHT if state in states), states[-1]),
        captured_minor=sum(one.captured_minor for one in payments),
        refunded_minor=sum(one.refunded_minor for one in payments),
        refunding_minor=sum(one.refunding_minor for one in payments),
        asks_about_refunds=any(one.asks_about_refunds for one in payments),
        is_accepted=any(one.is_accepted for one in payments),
    )
