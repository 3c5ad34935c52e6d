"""The job that brings what is due to one endpoint: read a round, send it side by side, record it, until nothing is due.

One job for each endpoint, so that one that hangs holds up nobody else's and a busy one costs a commit per round.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session

from reference_server.activity import Activity
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.jobs import store as jobs
from reference_server.jobs.store import Claim
from reference_server.jobs.worker import Conclusion
from reference_server.network import Network
from reference_server.webhooks.apply import Brought, DeliveryRules, give_up, record_attempts
from reference_server.webhooks.lifecycle import EndpointState
from reference_server.webhooks.model import EndpointId
from reference_server.webhooks.sender import USER_AGENT, Posting, Sender
from reference_server.webhooks.signing import render_headers
from reference_server.webhooks.store import DueDelivery, Round, find_round, lock_endpoint, next_attempt_at

# So many deliveries share one commit at most.
ROUND_MAX = 256
# No further delivery of a round is begun after this: a slow receiver's answers are not to wait long for their record.
ROUND_SECONDS = timedelta(seconds=1)
# After so many rounds others have a turn.
ROUNDS_MAX = 16

Stamps = Literal["product", "wall"]


@dataclass(frozen=True, slots=True)
class DispatchTerms:
    """How many attempts at one endpoint run at once, and by which clock those are stamped that leave `network`."""

    network: Network
    at_once: int = 16
    stamps: Stamps = "wall"
    rules: DeliveryRules = field(default_factory=DeliveryRules)


class Dispatcher:
    """The function of `deliver_webhook`. `observe` hears how each attempt ended, a code as 2xx, and its seconds."""

    def __init__(
        self, database: Database, clock: Clock, *, activity: Activity, sender: Sender, terms: DispatchTerms
    ) -> None:
        self._database = database
        self._clock = clock
        self._activity = activity
        self._sender = sender
        self._terms = terms
        self.observe: Callable[[str, float], None] = lambda outcome, seconds: None

    async def deliver_webhook(self, claim: Claim) -> Conclusion:
        """Bring what is due to the endpoint that the claim is about."""
        endpoint_id = EndpointId(claim.duty.about)
        for _ in range(ROUNDS_MAX):
            began = self._clock.now()
            due = await self._read_round(endpoint_id)
            if due is None:
                return lambda session: _give_up(session, endpoint_id)
            if not due.deliveries:
                break
            brought = await self._bring(due)
            # A slow one keeps nobody waiting for longer than a round: places are few, and slow ones may be many.
            if not await self._record(claim, endpoint_id, brought) or self._clock.now() - began > ROUND_SECONDS:
                break
        now = self._clock.now()
        return lambda session: _next_turn(session, endpoint_id, now=now)

    async def _read_round(self, endpoint_id: EndpointId) -> Round | None:
        now = self._clock.now()
        return await self._database.read(lambda session: find_round(session, endpoint_id, now=now, limit=ROUND_MAX))

    async def _bring(self, due: Round) -> list[Brought]:
        """Send side by side, beginning in the order of falling due. What is not begun in time stays due."""
        brought: list[Brought] = []
        waiting, ends_at = iter(due.deliveries), self._clock.now() + ROUND_SECONDS

        async def drain() -> None:
            while (delivery := next(waiting, None)) is not None:
                brought.append(await self._attempt(due, delivery))
                if self._clock.now() > ends_at:
                    return

        lines = min(self._terms.at_once, len(due.deliveries))
        await self._activity.together([drain() for _ in range(lines)])
        return brought

    async def _attempt(self, due: Round, delivery: DueDelivery) -> Brought:
        at, stamp = self._clock.now(), self._stamp(due.url)
        headers = [
            ("content-type", "application/json"),
            ("user-agent", USER_AGENT),
            *render_headers(delivery.body, due.secrets, event_id=delivery.event_id, stamp=stamp),
        ]
        posting = Posting(due.url, delivery.body, headers, delivery.kind, due.account, delivery.subject)
        answered = await self._sender.send(posting)
        ended_at = self._clock.now()
        outcome = answered.end.value if answered.code is None else f"{answered.code // 100}xx"
        self.observe(outcome, (ended_at - at).total_seconds())
        asked = None if answered.wait is None else ended_at + answered.wait
        return Brought(delivery, at, ended_at, stamp, answered.end, answered.code, answered.text, asked)

    async def _record(self, claim: Claim, endpoint_id: EndpointId, brought: list[Brought]) -> bool:
        """Record a round and say whether the lease is still held; whoever holds it else sends and records again."""

        def unit(session: Session) -> bool:
            if not jobs.holds(session, claim):
                return False
            record_attempts(session, endpoint_id, brought, rules=self._terms.rules)
            return True

        return await self._database.run(unit)

    def _stamp(self, url: str) -> int:
        # Receivers of our own keep our clock; others refuse a stamp of another year.
        is_product = self._terms.stamps == "product" or self._terms.network.is_ours(url)
        return int((self._clock.now() if is_product else self._clock.wall()).timestamp())


def _next_turn(session: Session, endpoint_id: EndpointId, *, now: datetime) -> datetime | None:
    """Return when the endpoint has its next turn: behind those that are due already, whatever it has left undone."""
    due_at = next_attempt_at(session, endpoint_id)
    return None if due_at is None else max(due_at, now)


def _give_up(session: Session, endpoint_id: EndpointId) -> datetime | None:
    """End what is pending at an endpoint that was disabled while something was being owed to it."""
    endpoint = lock_endpoint(session, endpoint_id)
    if endpoint is None:
        return None
    if endpoint.state is EndpointState.ENABLED:
        return next_attempt_at(session, endpoint_id)
    give_up(session, endpoint)
    return None
