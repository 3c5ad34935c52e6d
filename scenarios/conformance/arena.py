"""Where one case plays: a merchant, the adversary at its gateway, their clock, and all that a case may do with them."""

from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from scenarios.calls import CallLost, WireAnswer
from scenarios.conformance.adversary import FORM, Adversary, Message, Opened, Purchase
from scenarios.conformance.clock import Clock
from scenarios.conformance.gateways import ADVERSARIES
from scenarios.conformance.merchant import Can, Merchant, Placed, Wanted
from scenarios.conformance.model import CannotTell, Claim, NotApplicable
from scenarios.conformance.posts import Posts
from scenarios.conformance.races import Held
from scenarios.control import Control, ControlError
from scenarios.exchanges import Answer, Kind
from scenarios.world import Ground

T = TypeVar("T")
Fault = Mapping[str, Mapping[str, object]]

# What the harness's provisioning sink goes by in fault rules.
SINK = "merchant"
ATTACKER = "attacker"


@dataclass(slots=True)
class Arena:
    """One case at one merchant. `simulators` speaks of the merchant's own gateway account."""

    merchant: Merchant
    adversary: Adversary
    clock: Clock
    ground: Ground
    simulators: Control
    seed: int
    claims: list[Claim] = field(default_factory=list[Claim])
    notes: list[str] = field(default_factory=list[str])
    wanted: Wanted = field(default_factory=Wanted)
    posts: Posts = field(default_factory=Posts)
    # What the gateway calls the orders of the control.
    controls: set[str] = field(default_factory=set[str])
    _last_seen: tuple[int, int] = (0, 0)
    # The gateway orders that are some purchase's already.
    _known: set[str] = field(default_factory=set[str])

    def needs(self, *wanted: Can) -> None:
        """Raise `NotApplicable` unless the merchant can all of these."""
        missing = [can.value for can in wanted if can not in self.merchant.can]
        if missing:
            raise NotApplicable(f"the case needs that {'; that '.join(missing)}")

    async def buy(self, wanted: Wanted | None = None) -> Purchase:
        """Place an order and find what the merchant opened for it. Raises `CannotTell`."""
        placed, found = await self.try_to_buy(wanted)
        if len(found) != 1:
            raise CannotTell(f"buying opened {len(found)} gateway orders, not one: {placed.words}"[:400])
        return found[0]

    async def try_to_buy(self, wanted: Wanted | None = None) -> tuple[Placed, list[Purchase]]:
        """Place an order, which may fail; return every gateway order that came of it."""
        return await self._opening(self.merchant.buy(wanted or self.wanted))

    async def pay_again(self, purchase: Purchase) -> Purchase:
        """Open one more payment of an order. Raises `CannotTell`."""
        placed, found = await self.try_to_pay_again(purchase)
        if not found:
            raise CannotTell(f"no second payment could be opened: {placed.words}"[:400])
        return found[-1]

    async def try_to_pay_again(self, purchase: Purchase) -> tuple[Placed, list[Purchase]]:
        """Open one more payment of an order, which may fail."""
        return await self._opening(self.merchant.pay_again(purchase.order or purchase.reference))

    async def _opening(self, call: Awaitable[Placed]) -> tuple[Placed, list[Purchase]]:
        try:
            placed = await self.call(call)
        except CallLost as lost:
            placed = Placed(None, was_refused=True, words=str(lost))
        new = [one for one in await self._gateway_orders() if one["session"] not in self._known]
        self._known |= {one["session"] for one in new}
        return placed, [_purchase(one, placed.order) for one in new]

    async def opened_since(self, known: Sequence[Purchase], order: str | None = None) -> list[Purchase]:
        """Return the gateway orders besides those known."""
        sessions = {one.session for one in known}
        return [_purchase(one, order) for one in await self._gateway_orders() if one["session"] not in sessions]

    async def pay(self, purchase: Purchase, *, comes_back: bool = False, **how: object) -> Message | None:
        """Let the shopper pay, and come back where that is asked for. Returns the way back that the page gave."""
        return await self.visit("pay", purchase, comes_back=comes_back, **how)

    async def visit(
        self, action: str, purchase: Purchase, *, comes_back: bool = False, **how: object
    ) -> Message | None:
        """Act as the shopper at the checkout page, and let what follows happen."""
        act = {"gateway": self.adversary.gateway, "action": action, "session": purchase.session, **how}
        try:
            outcome = await self.simulators.post("/_control/shopper", act)
        except ControlError as refused:
            raise CannotTell(str(refused)) from refused
        await self.clock.quiesce()
        back = outcome["return"]
        if back is None:
            return None
        message = self.posts.trust(Message(back["url"], tuple(back["fields"].items())), Kind.RETURN)
        if comes_back:
            await self.bring(message)
        return message

    async def bring(self, message: Message) -> int | None:
        """Post a message to the merchant; return the status of its answer, if one came."""
        headers = {"Content-Type": FORM, **message.headers}
        call = self.ground.calls.post_body(message.url, message.body, headers=headers)
        answer = await self.note_post(message, call)
        if answer is None:
            return None
        await self.clock.quiesce()
        return answer.status

    async def note_post(
        self, message: Message, call: Awaitable[WireAnswer], *, method: str = "POST"
    ) -> WireAnswer | None:
        """Make a call that carries a message, and keep both as evidence; None when no answer came."""
        order, at = await self._last_order(), self.clock.now
        try:
            answer = await self.call(call)
        except CallLost:
            answer = None
        told = None if answer is None else _answer(answer)
        self.posts.note(message, order=order, at=at, answer=told, method=method)
        return answer

    async def _last_order(self) -> int:
        """Return the place of the newest exchange in the journal."""
        newer = await self.journal(after=self._last_seen[0])
        if newer:
            places = [one["ended_order"] or one["order"] for one in newer]
            self._last_seen = newer[-1]["id"], max(places)
        return self._last_seen[1]

    async def bring_unless_taken(self, purchase: Purchase) -> None:
        """Send the gateway's message again as a gateway does: only where no 2xx has answered it."""
        made = await self.journal(operation=self.adversary.operations.event, order=purchase.reference)
        if made and not any(one["answer"] and one["answer"]["status"] < 300 for one in made):
            await self.bring(await self.genuine(purchase))

    async def race(self, messages: Sequence[Message], *, stagger: float = 0.0) -> None:
        """Let messages arrive at one instant, on connections that stood before; `stagger` real seconds between them."""
        order, at = await self._last_order(), self.clock.now
        held = [await self._held(message) for message in messages]
        tasks = [self.clock.begin(one.release()) for one in held[:1]]
        for one in held[1:]:
            if stagger:
                await self.clock.pause(stagger)
            tasks.append(self.clock.begin(one.release()))
        for message, task in zip(messages, tasks, strict=True):
            status = await self.clock.finish(task)
            self.posts.note(message, order=order, at=at, answer=None if status is None else Answer(status, (), ""))
        await self.clock.quiesce()

    async def bring_and_hang_up(self, message: Message) -> None:
        """Post a message and go before the answer."""
        self.posts.note(message, order=await self._last_order(), at=self.clock.now, answer=None)
        held = await self._held(message)
        task = self.clock.begin(held.hang_up())
        await self.clock.finish(task)
        await self.clock.quiesce()

    async def _held(self, message: Message) -> Held:
        headers = {"Content-Type": FORM, **message.headers}
        return await Held.post(self.ground.calls, message.url, body=message.body, headers=headers)

    async def call(self, call: Awaitable[T]) -> T:
        """Make a call of the harness while time moves as it must."""
        return await self.clock.finish(self.clock.begin(call))

    async def break_(self, *faults: Fault, **when: object) -> str:
        """Arm a fault rule and return its id."""
        condition = {"gateway": self.adversary.gateway, **when}
        try:
            rule = await self.simulators.post("/_control/faults", {"when": condition, "faults": list(faults)})
        except ControlError as refused:
            raise CannotTell(f"a fault cannot be armed: {refused}") from refused
        return str(rule["id"])

    async def mend(self, rule: str) -> None:
        """Take one fault rule away."""
        await self.simulators.delete(f"/_control/faults/{rule}")

    async def keep_back_news(self, purchase: Purchase) -> str:
        """Swallow the gateway's notifications about an order."""
        return await self.break_({"drop": {}}, event=self.adversary.operations.event, order=purchase.reference)

    async def heal(self) -> None:
        """Take every fault rule away."""
        await self.simulators.delete("/_control/faults")

    async def come_to_rest(self) -> None:
        """Heal everything, then let all that is owed happen: probe P-QUI."""
        await self.heal()
        await self.clock.advance(self.merchant.horizon)
        await self.merchant.settle()
        await self.clock.quiesce()

    @asynccontextmanager
    async def nobody_to_poll(self) -> AsyncGenerator[None]:
        """Keep the merchant from learning by asking what it should have learnt from the notification."""
        rule = await self.break_({"reset_before_work": {}}, operation=self.adversary.operations.poll)
        yield
        await self.mend(rule)

    async def opened(self, purchase: Purchase) -> Opened:
        """Return the addresses that the merchant told the gateway for an order. Raises `CannotTell`."""
        calls = await self.journal(operation=self.adversary.operations.create, order=purchase.reference)
        if not calls:
            raise CannotTell("the journal holds no call that opened this gateway order")
        return self.adversary.read_opening(calls[-1]["request"]["body"])

    async def address(self, purchase: Purchase) -> str:
        """Return where news of an order goes."""
        url = (await self.opened(purchase)).notify
        if not url:
            raise CannotTell("the merchant gave the gateway no address for notifications")
        return url

    async def genuine(self, purchase: Purchase) -> Message:
        """Return the last message that the gateway made about an order, sent or kept back. Raises `CannotTell`."""
        made = await self.journal(operation=self.adversary.operations.event, order=purchase.reference)
        if not made:
            raise CannotTell("the gateway made no notification about this order")
        request = made[-1]["request"]
        return self.posts.trust(_message(request["url"], request["body"]), Kind.NOTIFICATION)

    async def journal(self, **query: str | int) -> list[dict[str, Any]]:
        """Read the gateway's journal of this account."""
        return (await self.simulators.get("/_control/journal", limit=10_000, **query))["exchanges"]

    async def another_account(self) -> "Arena":
        """Open the attacker's own account at the same gateway, on the same clock."""
        opened = await self.ground.control.post(
            "/_control/accounts", {"name": ATTACKER, "seed": self.seed, "now": self.clock.now.isoformat()}
        )
        self.clock.watch(self.ground.side_of(ATTACKER))
        adversary = ADVERSARIES[self.adversary.gateway](opened["credentials"][self.adversary.gateway])
        return Arena(
            self.merchant, adversary, self.clock, self.ground, self.ground.control.of_account(ATTACKER), self.seed
        )

    async def open_at_gateway(self, purchase: Purchase, urls: Opened) -> Purchase:
        """Open a gateway order of this arena's own account for somebody else's order. Raises `CannotTell`."""
        path, fields = self.adversary.opening_of(purchase, urls)
        await self.call(self.ground.calls.post_form(self.ground.urls[self.adversary.gateway] + path, fields))
        found = await self._gateway_orders()
        if not found:
            raise CannotTell("the gateway opened nothing for the attacker")
        return _purchase(found[-1], None)

    async def _gateway_orders(self) -> list[dict[str, Any]]:
        return (await self.simulators.get("/_control/orders"))["orders"]


def _purchase(found: Mapping[str, Any], order: str | None) -> Purchase:
    return Purchase(order, found["order"], found["session"], found["amount_minor"], found["currency"])


def _answer(came: WireAnswer) -> Answer:
    return Answer(came.status, tuple(came.headers.items()), came.body.decode(errors="replace"))


def _message(url: str, body: str) -> Message:
    return Message(url, tuple(parse_qsl(body, keep_blank_values=True)))
