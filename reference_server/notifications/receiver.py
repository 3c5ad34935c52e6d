"""Takes a notification in: judged by its proof, stored raw, and its confirmation owed and claimed in one transaction.

Whatever the gateway then says, the sender hears that it was recorded: a duplicate too. Only what is forged, or about
something that does not exist, is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session

from reference_server import journal
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.errors import ForgedError, GatewayNonsenseError
from reference_server.gateways.gateway import Forged, GatewayNotification, GatewayWord, Hearsay
from reference_server.gateways.registry import Registry
from reference_server.ids import SessionId
from reference_server.jobs import store as jobs
from reference_server.jobs.store import Claim, Duty
from reference_server.jobs.worker import Worker
from reference_server.notifications.inbox import InboxNotification, InboxState, find_duplicate, list_unsigned
from reference_server.payments.store import PaymentContext, get_by_session, get_payment, line_of

_log = structlog.get_logger()

CONFIRM_NOTIFICATION = "confirm_notification"
# An unsigned notification costs a stranger nothing, and us a row and questions to the gateway. SSLCommerz signs its
# own, and a payment asks by itself, so that a paid order never hangs on these.
UNSIGNED_MAX = 20
UNSIGNED_OPEN_MAX = 3
# Whoever saw a signed one, as the shopper's browser does, can send it again for ever: what the gateway did not bear
# out so often it is not asked about for each of them. The payment asks by itself.
DUPLICATES_ASKED_MAX = 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """A notification as it came in: decoded fields, and the raw body for the inbox."""

    session_id: SessionId
    fields: Mapping[str, str]
    raw: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Received:
    """What a notification that was recorded is about, and its identity in the inbox."""

    context: PaymentContext
    identity: str


@dataclass(frozen=True, slots=True)
class _Judged:
    context: PaymentContext
    notification: GatewayNotification
    is_signed: bool


class Receiver:
    """`draw_id` draws the inbox's ids."""

    def __init__(
        self, database: Database, clock: Clock, *, registry: Registry, worker: Worker, draw_id: Callable[[str], str]
    ) -> None:
        self._database = database
        self._clock = clock
        self._registry = registry
        self._worker = worker
        self._draw_id = draw_id
        # Hears the gateway's name and the verdict of each notification: recorded, or forged.
        self.observe: Callable[[str, str], None] = lambda gateway, verdict: None

    async def receive(self, arrival: Arrival) -> Received:
        """Record it and confirm it at once. Raises `ForgedError`, and `MissingError` for an unknown session."""
        context = await self._database.read(lambda session: get_by_session(session, arrival.session_id))
        journal.annotate(subject=context.order.reference, account=context.merchant.name)
        try:
            judged = self._judge(context, arrival)
            notification_id = self._draw_id(context.merchant.name)
            claim = await self._database.run(
                lambda session: self._store(session, judged, arrival=arrival, notification_id=notification_id)
            )
        except ForgedError:
            self._tell(context, "forged")
            raise
        self._tell(context, "recorded", said=judged.notification.word.value)
        if claim is not None:
            await self._worker.run(claim)
        return Received(context, judged.notification.identity)

    def _tell(self, context: PaymentContext, verdict: str, *, said: str = "") -> None:
        gateway = context.payment.gateway
        self.observe(gateway, verdict)
        _log.info("webhook received", gateway=gateway, order=context.order.reference, said=said, verdict=verdict)

    async def is_settled(self, received: Received) -> bool:
        """Say whether it was confirmed and has done all that it can do: a duplicate would change nothing."""
        payment_id, identity = received.context.payment.id, received.identity
        known = await self._database.read(lambda session: find_duplicate(session, payment_id, identity))
        return known is not None and known.state is InboxState.CONFIRMED

    def _judge(self, context: PaymentContext, arrival: Arrival) -> _Judged:
        line = line_of(self._registry, context)
        verdict = line.gateway.verify(line.line, arrival.fields)
        if isinstance(verdict, Forged):
            raise ForgedError("the proof is wrong", note=verdict.note)
        try:
            notification = line.gateway.read(arrival.fields)
        except GatewayNonsenseError as error:
            raise ForgedError("this is nothing that the gateway says", note=error.message) from None
        if notification.reference != context.order.reference:
            raise ForgedError(
                "this is about another order than the session's",
                note=f"tran_id is {notification.reference!r}, the session's is {context.order.reference!r}"[:500],
            )
        return _Judged(context, notification, isinstance(verdict, Hearsay) and verdict.is_signed)

    def _store(self, session: Session, judged: _Judged, *, arrival: Arrival, notification_id: str) -> Claim | None:
        payment, order = judged.context.payment, judged.context.order
        # Locked, so that a shopper who is erased meanwhile is either erased of this too, or it is stored without them.
        get_payment(session, payment.id)
        known = find_duplicate(session, payment.id, judged.notification.identity)
        is_asked = judged.is_signed or _may_ask(session, judged)
        if known is not None:
            known.duplicates += 1
            session.add(known)
            if known.state in {InboxState.RECEIVED, InboxState.CONFIRMED}:
                return None
            if not is_asked or known.duplicates > DUPLICATES_ASKED_MAX:
                return None
            # What the gateway did not bear out, or could not be asked about, may be so by now.
            known.state = InboxState.RECEIVED
        elif not is_asked:
            raise ForgedError("it is not signed", note="unsigned, with nothing to ask about or one too many")
        else:
            known = _entry_of(judged, arrival, notification_id, received_at=self._clock.now())
            session.add(known)
        session.flush()
        duty = Duty(CONFIRM_NOTIFICATION, known.id, order.reference)
        jobs.owe(session, duty, due_at=self._clock.now())
        return jobs.claim_duty(session, duty, self._worker.claimant())


def _may_ask(session: Session, judged: _Judged) -> bool:
    """Say whether an unsigned notification is worth a question to the gateway."""
    told = judged.notification
    if told.word is GatewayWord.CAPTURED and not told.gateway_reference:
        return False
    unsigned = list_unsigned(session, judged.context.payment.id)
    being_asked = [entry for entry in unsigned if entry.state is InboxState.RECEIVED]
    if sum(1 + entry.duplicates for entry in unsigned) >= UNSIGNED_MAX or len(being_asked) >= UNSIGNED_OPEN_MAX:
        return False
    return all((entry.word, entry.gateway_reference) != (told.word, told.gateway_reference) for entry in being_asked)


def _entry_of(judged: _Judged, arrival: Arrival, notification_id: str, *, received_at: datetime) -> InboxNotification:
    notification = judged.notification
    return InboxNotification(
        id=notification_id,
        payment_id=judged.context.payment.id,
        identity=notification.identity,
        state=InboxState.RECEIVED,
        word=notification.word,
        gateway_reference=notification.gateway_reference,
        reason=notification.reason,
        is_signed=judged.is_signed,
        media_type=arrival.media_type,
        raw=arrival.raw,
        received_at=received_at,
    )
