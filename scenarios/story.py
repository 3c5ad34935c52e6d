"""What a story remembers while it is told: its world, the payments it opened, the last answer, what it found broken."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from contracts.checks import GatewayOrder, MerchantOrder, Provisioned, Truth
from scenarios.calls import CallLost, WireAnswer
from scenarios.exchanges import Exchange, Side, merge_journals, read_exchanges
from scenarios.findings import Finding
from scenarios.model import Scenario
from scenarios.repeating import repeat_command
from scenarios.world import World

# How long a call of the harness itself may stay open on the virtual clock: longer than any limit of either side.
PATIENCE = timedelta(hours=1)


class StoryError(Exception):
    """A step cannot be done, so the story tells nothing about either side."""


@dataclass(frozen=True, slots=True)
class OpenedOrder:
    """A payment that the story opened: `order` is the id that both sides know, `session` the server's if it came.

    `gateway_session` is the gateway's; several payments may be sessions of one order.
    """

    name: str
    order: str
    session: str | None
    amount: str = ""
    gateway_session: str | None = None


@dataclass(slots=True)
class Story:
    """One scenario being told."""

    scenario: Scenario
    world: World
    seed: int
    orders: dict[str, OpenedOrder] = field(default_factory=dict[str, OpenedOrder])
    last_answer: WireAnswer | None = None
    # By a payment's name: the fields of the form that the checkout page gave its shopper last.
    shown: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    findings: list[Finding] = field(default_factory=list[Finding])

    def order(self, name: str | None) -> OpenedOrder:
        """Return a payment by its name in the story, or the newest. Raises `StoryError` when there is none."""
        if name is None and self.orders:
            return next(reversed(self.orders.values()))
        if name is None or name not in self.orders:
            raise StoryError(f"no payment was opened as {name!r}; known here: {sorted(self.orders) or 'none'}")
        return self.orders[name]

    def gateway_order(self, order: OpenedOrder) -> dict[str, str]:
        """Return how the simulators' control plane is told which gateway order is meant."""
        others = [one for one in self.orders.values() if one.order == order.order]
        if len(others) > 1 and order.gateway_session:
            return {"session": order.gateway_session}
        return {"order": order.order}

    async def call(self, call: Awaitable[WireAnswer]) -> WireAnswer | None:
        """Make a call of the harness while time moves as it must; None when it ended without an answer."""
        conductor = self.world.conductor
        try:
            self.last_answer = await conductor.drive(call, until=conductor.now + PATIENCE)
        except CallLost:
            self.last_answer = None
        return self.last_answer

    def finding(self, title: str, *, expected: str, seen: str, line: int) -> Finding:
        """Word a finding of this story, with the command that shows it again."""
        repeat = repeat_command(self.scenario, self.seed)
        return Finding(title, expected, seen, line, repeat, at=self.world.now)

    async def truth(self) -> Truth:
        """Ask both sides and the provisioning sink what they hold."""
        merchant = (await self.world.server.get("/_control/orders"))["orders"]
        gateway = (await self.world.simulators.get("/_control/orders"))["orders"]
        effects = (await self.world.simulators.get("/_control/effects"))["effects"]
        due = (await self.world.server.get("/_control/due", limit=10_000))["due"]
        return Truth(
            [_merchant_order(one) for one in merchant],
            [_gateway_order(one) for one in gateway],
            [Provisioned(one["key"], one["order"], one["calls"], bool(one.get("done", 1))) for one in effects],
            owed=frozenset(one.get("subject", "") for one in due if one["name"] == "fulfil_order"),
        )

    async def exchanges(self) -> tuple[Exchange, ...]:
        """Read both journals as one."""
        world = self.world
        of_simulators = (await world.simulators.get("/_control/journal", limit=10_000))["exchanges"]
        of_server = list(world.lost_journal)
        if world.child is None or world.child.runs:
            of_server += (await world.server.get("/_control/journal", limit=10_000))["exchanges"]
        return merge_journals(
            read_exchanges(of_simulators, side=Side.SIMULATORS), read_exchanges(of_server, side=Side.SERVER)
        )


def _merchant_order(found: Mapping[str, Any]) -> MerchantOrder:
    return MerchantOrder(
        found["order"],
        found["amount_minor"],
        found["currency"],
        state=found["state"],
        fulfilment=found.get("fulfilment"),
        captured_minor=found["captured_minor"],
        refunded_minor=found.get("refunded_minor", 0),
        refunding_minor=found.get("refunds_pending_minor", 0),
        is_accepted=any(line.get("event") == "accepted" for line in found.get("audit", [])),
        asks_about_refunds=any(one["state"] in {"FAILED", "NEEDS_REVIEW"} for one in found.get("refunds", [])),
    )


def _gateway_order(found: Mapping[str, Any]) -> GatewayOrder:
    return GatewayOrder(
        found["order"],
        found["amount_minor"],
        found["currency"],
        state=found["state"],
        captured_minor=found["captured_minor"],
        refunded_minor=found.get("refunded_minor", 0),
        refunding_minor=found.get("refunds_pending_minor", 0),
    )
