"""An acquirer that keeps a book and does what a test tells it: answers get lost, calls come late, some are refused.

Written from `Acquirer`'s words alone. What is in the book is the truth that the server is held to.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from reference_server.errors import GatewayRefusedError, GatewayTimedOutError, GatewayUnreachableError
from reference_server.gateways.gateway import (
    Authorization,
    AuthorizationRequest,
    Decline,
    GatewayLine,
    GatewayNotification,
    GatewayReport,
    GatewayWord,
    OpenedSession,
    RefundReport,
    RefundRequest,
    RefundWord,
    SentRefund,
    SessionRequest,
    Verdict,
)
from reference_server.gateways.sandbox import NAME
from reference_server.gateways.sandbox.authenticity import refuse_proof
from reference_server.gateways.sandbox.notifications import read_nothing
from reference_server.money import Money

WORDS = {
    "captured": GatewayWord.CAPTURED,
    "held": GatewayWord.AUTHORIZED,
    "released": GatewayWord.CANCELLED,
    "declined": GatewayWord.FAILED,
    "lapsed": GatewayWord.EXPIRED,
    "closed": GatewayWord.CANCELLED,
}
DECLINE = Decline("insufficient_funds", "The shopper's account has not enough money")
FROZEN = Decline("account_frozen", "The account is frozen")


@dataclass(slots=True)
class Entry:
    """One try in the book; `standing` is one of `WORDS`."""

    key: str
    reference: str
    money: Money
    standing: str
    captured_minor: int = 0
    returned: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def kept_minor(self) -> int:
        """What the acquirer took of the shopper and has not given back."""
        return self.captured_minor - sum(self.returned.values())


@dataclass
class BookedAcquirer:
    """`script` holds what goes wrong next, by call, in order; `on_call` says where it is, as the wire's ends do.

    lost: done, and the answer is lost. unreached: not done. late: done when `let_late_calls_arrive` says so.
    unknown and pending: not done, done; the answer says no more. refused: not done, and never will be.
    lapsed: what was held is held no more. declined: a decline, of a try, its capture or its void. another sum: less is
    held. still held: the answer to a void that changes nothing.
    """

    name: str = NAME
    credential_names: tuple[str, ...] = ()
    book: dict[str, Entry] = field(default_factory=dict[str, Entry])
    script: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    declines_pass: bool = False
    calls: Counter[str] = field(default_factory=Counter[str])
    on_call: Callable[[str], None] = lambda _: None
    _late: list[Callable[[], object]] = field(default_factory=list[Callable[[], object]])

    def let_late_calls_arrive(self) -> None:
        """Do what was asked in calls that are on their way still."""
        late, self._late = self._late, []
        for work in late:
            work()

    def held(self) -> list[str]:
        """Return the keys of what is held."""
        return [entry.key for entry in self.book.values() if entry.standing == "held"]

    def answers_after(self, key: str) -> timedelta:
        return timedelta(seconds=1)

    def refunds_after(self, key: str) -> timedelta:
        return timedelta(seconds=1)

    async def authorize(self, request: AuthorizationRequest) -> GatewayReport:
        def work(*, declines: bool = False) -> Entry:
            known = self.book.get(request.key)
            if known is None:
                standing = "declined" if declines else "captured" if request.captures else "held"
                known = Entry(request.key, request.reference, request.money, standing)
                known.captured_minor = request.money.amount_minor if standing == "captured" else 0
                self.book[request.key] = known
            return known

        fault = self._next_fault("authorize")
        if fault == "declined":
            return self._tell(work(declines=True))
        if fault == "another sum":
            request = replace(request, money=replace(request.money, amount_minor=request.money.amount_minor - 1))
        return self._answer("authorize", fault, work)

    async def close(self, request: AuthorizationRequest) -> GatewayReport:
        def work() -> Entry:
            return self.book.setdefault(request.key, Entry(request.key, request.reference, request.money, "closed"))

        return self._answer("close", self._next_fault("close"), work)

    async def capture(self, authorization: Authorization) -> GatewayReport:
        entry = self._entry(authorization)

        def work() -> Entry:
            if entry.standing == "held":
                entry.standing, entry.captured_minor = "captured", authorization.money.amount_minor
            return entry

        fault = self._next_fault("capture")
        if fault == "declined":
            return replace(self._tell(entry), word=GatewayWord.FAILED, reason=FROZEN.description, decline=FROZEN)
        if fault == "lapsed" and entry.standing == "held":
            entry.standing = "lapsed"
        return self._answer("capture", fault, work)

    async def void(self, authorization: Authorization) -> GatewayReport:
        entry = self._entry(authorization)

        def work() -> Entry:
            entry.standing = "released" if entry.standing == "held" else entry.standing
            return entry

        fault = self._next_fault("void")
        if fault == "declined":
            return replace(self._tell(entry), word=GatewayWord.FAILED, reason=FROZEN.description, decline=FROZEN)
        return self._tell(entry) if fault == "still held" else self._answer("void", fault, work)

    async def refund(self, line: GatewayLine, request: RefundRequest) -> RefundReport:
        entry = self.book[request.money_reference.removeprefix("book_")]
        fault = self._next_fault("refund")
        if fault == "unreached":
            raise GatewayUnreachableError("no answer")
        if request.key not in entry.returned:
            assert entry.kept_minor >= request.settled.amount_minor, "more is asked back than was taken"
            entry.returned[request.key] = request.settled.amount_minor
        self.on_call("after refund")
        if fault == "lost":
            raise GatewayTimedOutError("no answer")
        return RefundReport(RefundWord.REFUNDED, request.key, "", "")

    async def find_refund(self, line: GatewayLine, sent: SentRefund) -> RefundReport:
        return RefundReport(RefundWord.REFUNDED, sent.gateway_reference, "", "")

    async def query(self, line: GatewayLine, reference: str, *, session_key: str) -> tuple[GatewayReport, ...]:
        return tuple(self._tell(entry) for entry in self.book.values() if entry.reference == reference)

    async def confirm(
        self, line: GatewayLine, notification: GatewayNotification, *, session_key: str
    ) -> tuple[GatewayReport, ...]:
        return ()

    async def open_session(self, line: GatewayLine, request: SessionRequest) -> OpenedSession:
        raise GatewayRefusedError("there is no checkout page")

    def verify(self, line: GatewayLine, fields: Mapping[str, str]) -> Verdict:
        return refuse_proof()

    def read(self, fields: Mapping[str, str]) -> GatewayNotification:
        return read_nothing()

    def _next_fault(self, call: str) -> str:
        self.calls[call] += 1
        self.on_call(f"before {call}")
        return self.script[call].pop(0) if self.script[call] else ""

    def _answer(self, call: str, fault: str, work: Callable[[], Entry]) -> GatewayReport:
        if fault == "refused":
            raise GatewayRefusedError("not for this merchant")
        if fault == "unreached":
            raise GatewayUnreachableError("no answer")
        if fault == "late":
            self._late.append(work)
            raise GatewayTimedOutError("no answer")
        if fault == "unknown":
            return _nothing_said()
        told = self._tell(work())
        self.on_call(f"after {call}")
        if fault == "lost":
            raise GatewayTimedOutError("no answer")
        return replace(told, word=GatewayWord.PENDING) if fault == "pending" else told

    def _entry(self, authorization: Authorization) -> Entry:
        return self.book[authorization.gateway_reference.removeprefix("book_")]

    def _tell(self, entry: Entry) -> GatewayReport:
        """Say how a try stands; a decline and what was never heard of have no name."""
        is_named = entry.standing not in {"closed", "declined"}
        name = f"book_{entry.key}" if is_named else ""
        claimed = replace(entry.money, amount_minor=entry.captured_minor or entry.money.amount_minor)
        return GatewayReport(
            word=WORDS[entry.standing],
            reference=entry.reference,
            gateway_reference=name,
            claims=(claimed,) if is_named else (),
            captured_at=None,
            reason=f"it is {entry.standing}",
            evidence="{}",
            is_bound=True,
            money_reference=name,
            decline=replace(DECLINE, is_passing=self.declines_pass) if entry.standing == "declined" else None,
        )


def _nothing_said() -> GatewayReport:
    return GatewayReport(GatewayWord.UNKNOWN, "", "", (), None, "", "", is_bound=True)
