"""Joins a played gateway to its document: whose call it is, if it proves that, which faults strike it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from contracts.binding import Answer, ASGIApp, Call, Document, NoAnswer, Operation, bind
from simulators.accounts import Account
from simulators.arrivals import Arrival, current_arrival
from simulators.bringing import bring
from simulators.clock import ClockMode, wait_real
from simulators.desk import AccountDesk, Surroundings
from simulators.faults.fault import Place, Target
from simulators.faults.reply import Reply
from simulators.faults.rules import Occasion, Stage
from simulators.gateways.gateway import Answering, Gateway
from simulators.journal import Actor, Kind
from simulators.network import Network
from simulators.outbox import DueKind

# What our reference server calls itself on the wire.
_SERVER_AGENT = b"gatewright"
# How everybody of ours who calls begins to name itself.
_OUR_AGENTS = b"gatewright"
# What the played merchant calls itself.
_SHOP_AGENT = b"gatewright-shop"
# The desk of the call that the running task answers.
_AT_HAND: ContextVar[AccountDesk] = ContextVar("desk")

Proceed = Callable[[], Awaitable[Answer | NoAnswer]]


@dataclass(frozen=True, slots=True)
class StruckAnswer:
    """The answer at hand as a fault sees it."""

    arrival: Arrival
    account: Account
    call: Call
    desk: AccountDesk | None = None

    @property
    def place(self) -> Place:
        if self.desk is None:
            raise LookupError("this is no gateway's answer: its stage offers nothing that would need one")
        return self.desk.place

    def now(self) -> datetime:
        return self.account.clock.now()

    def tell(self, words: str) -> None:
        self.arrival.exchange.faults.append(words)

    async def sleep(self, seconds: float, *, purpose: str) -> None:
        await self.account.clock.sleep(seconds, purpose=purpose)

    async def stay_silent(self) -> None:
        """Wait for the peer to give up. Only it can end this, so the activity stands still meanwhile."""
        self.account.activity.park()
        try:
            await self.arrival.wire.lost()
        finally:
            self.account.activity.resume()

    async def reset(self) -> None:
        self.arrival.reset()
        await self.arrival.wire.lost()

    def owes_notification(self, order: str) -> bool:
        owed = self.account.outbox.list_due()
        return any(due.kind is DueKind.SEND and due.subject == order for due in owed)

    async def await_notification(self, order: str, *, within_seconds: float) -> bool:
        account = self.account
        limit = account.clock.limit(within_seconds, purpose="answer held back")
        return await account.brought.await_one(order, limit=limit, activity=account.activity)

    async def bring(self, reply: Reply) -> None:
        await bring(self.arrival, reply, pause=self._pause)

    async def _pause(self, seconds: float) -> None:
        """Between drips: on the account's clock, but in real time towards strangers, who read on no clock of ours."""
        if self.account.clock.mode is ClockMode.SYSTEM or self.arrival.agent.startswith(_OUR_AGENTS):
            await self.sleep(seconds, purpose="slow drip")
            return
        gone = asyncio.Event()
        self.arrival.wire.watch(gone.set)
        self.account.activity.park()
        try:
            await wait_real(gone, seconds=seconds)
        finally:
            self.account.activity.resume()
            self.arrival.wire.unwatch(gone.set)


def stage_of(gateway: Gateway) -> Stage:
    """Say what of a gateway a fault rule can name."""
    names = dict.fromkeys(name_of(operation) for operation in Document.load(gateway.document).operations)
    return Stage(gateway.name, tuple(names), gateway.events, gateway.spoiler.strikes)


def name_of(operation: Operation) -> str:
    """Return what rules and the journal call an operation: one that only differs in its method goes by the other's."""
    return str(operation.extensions.get("x-same-as", operation.operation_id))


async def answer_with_faults(
    account: Account, occasion: Occasion, *, call: Call, work: Proceed, desk: AccountDesk | None = None
) -> Answer | NoAnswer:
    """Do the work of the request at hand under the account's fault rules."""
    struck = StruckAnswer(current_arrival(), account, call, desk)
    return await account.faults.around(occasion, struck, work=work)


def asker_of(call: Call, network: Network) -> Actor:
    """Say who calls us: in a closed world of ours our server, else whatever merchant we were given to."""
    agents = [value for name, value in call.raw_headers if name.lower() == b"user-agent"]
    if agents == [_SHOP_AGENT]:
        return Actor.MERCHANT
    is_server = network.has_peers or (network.knows_server and agents == [_SERVER_AGENT])
    return Actor.SERVER if is_server else Actor.MERCHANT


def build_gateway_app(gateway: Gateway, surroundings: Surroundings, *, check_answers: bool) -> ASGIApp:
    """Return the app that answers every operation of the gateway's document."""
    host = _GatewayHost(gateway, surroundings)
    handlers = {name: host.handler(answering) for name, answering in gateway.handlers.items()}
    document = Document.load(gateway.document)
    return bind(document, handlers, refuse=gateway.refuse, around=host.around, check_answers=check_answers)


@dataclass(frozen=True, slots=True)
class _GatewayHost:
    gateway: Gateway
    surroundings: Surroundings

    def handler(self, answering: Answering) -> Callable[[Call], Awaitable[Answer | NoAnswer]]:
        async def answer(call: Call) -> Answer | NoAnswer:
            return await answering(_AT_HAND.get(), call)

        return answer

    async def around(self, call: Call, proceed: Proceed) -> Answer | NoAnswer:
        arrival = current_arrival()
        self._describe(arrival, call)
        account = self._account_of(call)
        if account is None:
            arrival.exchange.add_note("no account has such credentials or such a session")
            return self.gateway.stranger(call)
        arrival.claim(account)
        desk = AccountDesk(account, self.gateway.name, self.surroundings)
        _AT_HAND.set(desk)
        refused = self.gateway.judge(desk, call)
        if refused is not None:
            return refused
        arrival.exchange.subject = self.gateway.subject_of(desk, call)
        name, exchange = name_of(call.operation), arrival.exchange
        occasion = Occasion(self.gateway.name, Target.ANSWER, name, exchange.subject, desk.now())
        return await answer_with_faults(account, occasion, call=call, work=proceed, desk=desk)

    def _describe(self, arrival: Arrival, call: Call) -> None:
        exchange = arrival.exchange
        exchange.operation = name_of(call.operation)
        if exchange.operation in self.gateway.pages:
            exchange.kind, exchange.sender = Kind.PAGE, Actor.SHOPPER
        else:
            exchange.sender = asker_of(call, self.surroundings.network)

    def _account_of(self, call: Call) -> Account | None:
        key = self.gateway.identify(call)
        return None if key is None else self.surroundings.accounts.owner_of(self.gateway.name, key)


def desks_of(account: Account, gateways: Mapping[str, Gateway], surroundings: Surroundings) -> dict[str, AccountDesk]:
    """Return the account's desks, by gateway."""
    return {name: AccountDesk(account, name, surroundings) for name in gateways}
