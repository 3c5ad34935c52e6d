"""An account's place at one gateway: the seam's `Desk`, made of the account's own parts."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from contracts.binding import Answer, Call
from simulators.accounts import Account, Accounts, Booth
from simulators.arrivals import current_arrival
from simulators.faults.fault import Place, Target
from simulators.faults.plan import Holding, Plan, PlannedSend
from simulators.faults.rules import Occasion
from simulators.gateways.gateway import Notification, Planned
from simulators.journal import Actor, Change, Direction, Exchange, Kind, Outcome, Request, WireAnswer
from simulators.network import Network
from simulators.outbox import Due, DueKind, Owed
from simulators.pages import render_page
from simulators.reach.router import PLAIN_ADDRESS
from simulators.sender import Sender

# The journal entry of whatever runs without a request: an act of the control plane, a job that came due.
ENTRY: ContextVar[Exchange] = ContextVar("entry")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all desks of the side share."""

    accounts: Accounts
    network: Network
    sender: Sender
    base_urls: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """See `simulators.gateways.gateway.Desk`."""

    host: Account
    gateway: str
    around: Surroundings

    @property
    def _booth(self) -> Booth:
        return self.host.booths[self.gateway]

    @property
    def credentials(self) -> Mapping[str, str]:
        return self._booth.credentials

    @property
    def settings(self) -> object:
        return self._booth.settings

    @property
    def memory(self) -> object:
        return self._booth.memory

    @property
    def place(self) -> Place:
        """Return where faults strike here."""
        return Place(self.around.accounts.gateway(self.gateway).spoiler, self)

    def now(self) -> datetime:
        return self.host.clock.now()

    def wall(self) -> datetime:
        return self.host.clock.wall()

    def draw(self, purpose: str, *, length: int, alphabet: str) -> str:
        return self.host.chance.token(self.host.name, purpose, length=length, alphabet=alphabet)

    def be_known_by(self, key: str) -> None:
        self.around.accounts.give_key(self.gateway, key, account=self.host)

    def be_forgotten(self, key: str) -> None:
        self.around.accounts.take_key(self.gateway, key)

    def notify(self, notification: Notification) -> None:
        """Plan it for now, let the fault rules at the plan, and owe what they leave."""
        first = PlannedSend(self.now(), notification)
        occasion = Occasion(self.gateway, Target.NOTIFICATION, notification.event, notification.order, self.now())
        self._owe_plan(self.host.faults.spoil([first], occasion, place=self.place))

    def owe(self, seconds: float, name: str, *, subject: str, work: Callable[[], Awaitable[None]]) -> Planned:
        due = Due(self.now() + timedelta(seconds=seconds), DueKind.JOB, name, subject)
        return self.host.outbox.add(due, partial(self._work, due, work))

    async def _work(self, due: Due, work: Callable[[], Awaitable[None]]) -> None:
        """Do a job, and write it down if it changed anything: as an exchange of the gateway with itself."""
        request = Request("JOB", f"{self.around.base_urls.get(self.gateway, '')}/{due.name}", [], "")
        exchange = Exchange(
            Direction.IN, Kind.PAGE, due.name, Actor.GATEWAY, Actor.GATEWAY, request, subject=due.subject
        )
        entry = ENTRY.set(exchange)
        try:
            await work()
        finally:
            ENTRY.reset(entry)
        if exchange.changes:
            exchange.add_note("a job of the gateway's own")
            self.host.journal.begin(exchange)
            self.host.journal.end(exchange, Outcome.ANSWERED, answer=WireAnswer(200, [], ""))

    def let_off(self, planned: Planned) -> None:
        self.host.outbox.let_off(cast("Owed", planned))

    def base_url(self, call: Call) -> str:
        # Under the gateway's own host name the caller is redirected to us, but the shopper's browser is not.
        plain: str | None = call.extensions.get(PLAIN_ADDRESS)
        return self.around.base_urls.get(self.gateway) or plain or f"{call.scheme}://{call.host}"

    def page(self, template: str, values: Mapping[str, object]) -> Answer:
        return render_page(template, values)

    def tell(self, *, subject: str | None = None, note: str | None = None, forged: bool = False) -> None:
        entry = _entry()
        if entry is None:
            return
        entry.subject = subject or entry.subject
        entry.forged = entry.forged or forged
        if note is not None:
            entry.add_note(note)

    def change(self, resource: str, identity: str, *, before: str, after: str, cause: str) -> None:
        entry = _entry()
        if entry is not None:
            entry.changes.append(Change(resource, identity, before, after, cause))

    def _owe_plan(self, plan: Plan) -> None:
        waiting: dict[Holding, list[tuple[Owed, list[PlannedSend]]]] = {}
        for sends in _released_together(plan):
            owed = self._owe_sends(sends)
            if sends[0].held is not None:
                waiting.setdefault(sends[0].held, []).append((owed, sends))
        for holding, group in waiting.items():
            holding.let_go = partial(self._let_go, holding, group)

    def _let_go(self, holding: Holding, group: list[tuple[Owed, list[PlannedSend]]]) -> None:
        """Owe those that still wait for when they were due before they were held, and not before now."""
        for owed, sends in group:
            if not owed.gone:
                self.host.outbox.let_off(owed)
                self._owe_sends([replace(send, at=max(self.now(), send.at - holding.span)) for send in sends])

    def _owe_sends(self, sends: list[PlannedSend]) -> Owed:
        first = sends[0]
        due = Due(first.at, DueKind.SEND, first.notification.event, first.notification.order)

        async def bring() -> None:
            await self.host.activity.together([self._bring(send) for send in sends])

        return self.host.outbox.add(due, bring)

    async def _bring(self, send: PlannedSend) -> None:
        world = self.host.outbox.times_cleared
        was_taken = await self.around.sender.send(send, self.host)
        notification = send.notification
        if self.host.outbox.times_cleared != world:
            return
        self.host.brought.tell(notification.order)
        if send.frees is not None:
            send.frees.let_go()
        if not was_taken and not send.dropped and notification.retries:
            again = replace(notification, retries=notification.retries - 1)
            at = self.now() + timedelta(seconds=notification.retry_seconds)
            self._owe_sends([PlannedSend(at, again, faults=("retry by the gateway",))])


def _released_together(plan: Plan) -> Iterator[list[PlannedSend]]:
    """Yield the sends of each burst, and every other by itself."""
    bursts: dict[tuple[datetime, int], list[PlannedSend]] = {}
    for send in plan:
        if send.burst is None:
            yield [send]
        else:
            bursts.setdefault((send.at, send.burst), []).append(send)
    yield from bursts.values()


def _entry() -> Exchange | None:
    found = ENTRY.get(None)
    if found is not None:
        return found
    try:
        return current_arrival().exchange
    except LookupError:
        return None


__all__ = ["ENTRY", "AccountDesk", "Surroundings"]
