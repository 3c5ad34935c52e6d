"""What surrounds every operation: who asks, what the journal is told, and how what is raised is worded."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import cast

import structlog

from contracts.binding import Answer, Call, NoAnswer, Refusal
from reference_server import journal
from reference_server.clock import Clock
from reference_server.database import Database
from reference_server.door.visit import current_visit
from reference_server.errors import ForgedError, GatewayError, OurError, ServerError, UnauthenticatedError
from reference_server.idempotency.asked import ask_under_key, ask_without_key
from reference_server.merchants.known import KnownMerchants
from reference_server.merchants.model import Merchant
from reference_server.problems import word_bug, word_error, word_refusal

_log = structlog.get_logger()
_merchant: ContextVar[Merchant | None] = ContextVar("merchant", default=None)


def authenticated_merchant() -> Merchant:
    """Return whose call this is; only in operations that the document marks `x-authentication: merchant`."""
    merchant = _merchant.get()
    if merchant is None:
        raise UnauthenticatedError("X-Api-Key and X-Api-Secret are wanted")
    return merchant


def find_merchant() -> Merchant | None:
    """Return whose call this is, where the document marks the operation `x-authentication: optional`."""
    return _merchant.get()


def refuse(refusal: Refusal) -> Answer:
    """Word what the kit turned away, and note for the journal why."""
    journal.annotate(note="; ".join(f"{it.pointer}: {it.message}" for it in refusal.violations)[:2_000])
    return word_refusal(refusal)


class Door:
    """`around` is for the kit; `guard` may turn a call away before anything is looked at, `limit` a merchant's."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        guard: Callable[[Call], None] | None = None,
        known: KnownMerchants | None = None,
        limit: Callable[[Merchant], Awaitable[None]] | None = None,
    ) -> None:
        self._guard = guard
        self._known = known or KnownMerchants(database, clock)
        self._limit = limit

    async def around(self, call: Call, proceed: Callable[[], Awaitable[Answer | NoAnswer]]) -> Answer | NoAnswer:
        """Let a call in whose sender is known, and word whatever is raised on the way."""
        _introduce(call)
        try:
            if self._guard is not None:
                self._guard(call)
            await self._authenticate(call)
            return await proceed()
        except ServerError as error:
            return _word(error, call)
        except Exception:  # noqa: BLE001  # no input may end in a traceback on the wire
            _log.exception("an operation raised", operation=call.operation.operation_id)
            return word_bug(request_id=_request_id())

    async def _authenticate(self, call: Call) -> None:
        _merchant.set(None)
        ask_without_key()
        asked = call.operation.extensions.get("x-authentication")
        key, secret = header_of(call, b"x-api-key"), header_of(call, b"x-api-secret")
        if asked != "merchant" and not (asked == "optional" and (key or secret)):
            return
        merchant = await self._known.authenticate(key, secret)
        _merchant.set(merchant)
        ask_under_key(call, merchant.id)
        journal.annotate(account=merchant.name)
        if self._limit is not None:
            await self._limit(merchant)


def _word(error: ServerError, call: Call) -> Answer:
    if isinstance(error, ForgedError):
        journal.annotate(note=f"{error.message}: {error.note}", forged=True)
    elif isinstance(error, GatewayError):
        journal.annotate(note=error.message)
    elif isinstance(error, OurError):
        _log.error("an operation could not be done", operation=call.operation.operation_id, error=repr(error))
    return word_error(error, request_id=_request_id())


def _request_id() -> str:
    visit = current_visit()
    return "" if visit is None else visit.request_id


def _introduce(call: Call) -> None:
    """Tell the journal what the document says of the operation."""
    exchange = journal.current()
    said = call.operation.extensions.get("x-journal")
    if exchange is None or not isinstance(said, dict):
        return
    told = cast("dict[str, object]", said)
    exchange.sender = str(told.get("from", "stranger"))
    exchange.kind = str(told.get("kind", "call"))
    exchange.operation = str(told.get("operation", call.operation.operation_id))
    exchange.is_private = told.get("private") is True


def header_of(call: Call, name: bytes) -> str:
    """Return a header as text; empty where there is none."""
    for key, value in call.raw_headers:
        if key.lower() == name:
            # Latin-1 never fails, and what is not ASCII is in no key of ours.
            return value.decode("latin-1")
    return ""
