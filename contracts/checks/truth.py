"""What both sides say of the same orders once all is quiet: the only thing that the promises of this folder look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class GatewayOrder:
    """An order as the gateway has it: what really moved; sums in minor units of `currency`."""

    order: str
    amount_minor: int
    currency: str
    state: str
    captured_minor: int
    refunded_minor: int = 0


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


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise found broken: which, what was expected, what was seen."""

    promise: str
    expected: str
    seen: str
