"""Reading and writing idempotency keys. Everything is a unit of work on somebody's session; no rule lives here.

Written with SQLAlchemy Core: a look and an insert are added to every merchant's POST under a key.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

import msgspec
from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, insert, select, update
from sqlmodel import Session, SQLModel

from contracts.binding import Answer
from reference_server.idempotency.asked import Asked, Scope
from reference_server.idempotency.model import IdempotencyKey
from reference_server.ids import MerchantId
from reference_server.prepared import Prepared

# Longer than any client retries; document 001 and the customer's issue name it.
LIFE = timedelta(hours=24)

_KEYS: Table = SQLModel.metadata.tables[str(IdempotencyKey.__tablename__)]
_Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Lease:
    """Who is at a request, and until when, in the machine's seconds, nobody else may be."""

    holder: str
    until: float
    fence: int = 0


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a key: the first answer, or else how far its request came and who is at it.

    The answer's body is in `sealed_body` where it shows a secret.
    """

    fingerprint: str
    answer: Answer | None
    sealed_body: bytes | None
    resume_point: str
    lease: Lease


class _Known(NamedTuple):
    """What is read of a row."""

    request_hash: str
    expires_at: datetime
    resume_point: str
    holder: str
    lease_until: float
    fence: int
    response_status: int | None
    response_type: str
    response_headers: str
    response_body: bytes
    sealed_body: bytes | None


def _is(scope: Scope) -> ColumnElement[bool]:
    return and_(
        _KEYS.c.merchant_id == scope.merchant_id, _KEYS.c.key == scope.key, _KEYS.c.operation == scope.operation
    )


_WITH_SCOPE = and_(
    _KEYS.c.merchant_id == bindparam("merchant_id"),
    _KEYS.c.key == bindparam("key"),
    _KEYS.c.operation == bindparam("operation"),
)
_WANTED = select(*(_KEYS.c[name] for name in _Known._fields)).where(_WITH_SCOPE)
_FIND, _FIND_LOCKED = Prepared(_WANTED), Prepared(_WANTED.with_for_update())
_ADD_ANSWERED = Prepared(insert(_KEYS), inserts=dict.fromkeys(_KEYS.c.keys()))


def find_live(session: Session, scope: Scope, *, now: datetime, lock: bool = False) -> Remembered | None:
    """Return what is known of a key. One whose time is over is forgotten here, so that it can be used anew."""
    asked = {"merchant_id": scope.merchant_id, "key": scope.key, "operation": scope.operation}
    for row in (_FIND_LOCKED if lock else _FIND).find(session, asked):
        known = _Known(*cast("tuple[Any, ...]", row))
        if known.expires_at <= now:
            forget(session, scope)
            return None
        lease = Lease(known.holder, known.lease_until, known.fence)
        return Remembered(known.request_hash, _answer_of(known), known.sealed_body, known.resume_point, lease)
    return None


def add_answered(session: Session, asked: Asked, answer: Answer, *, now: datetime) -> None:
    """Keep the first answer of a request that is done in this transaction."""
    _ADD_ANSWERED.write(session, _row_of(asked, now) | _columns_of(asked, answer))


def add_begun(session: Session, asked: Asked, lease: Lease, *, resume_point: str, now: datetime) -> None:
    """Keep that a request is under way."""
    begun = {
        "resume_point": resume_point,
        "holder": lease.holder,
        "lease_until": lease.until,
        "fence": lease.fence,
        "response_headers": "[]",
        "response_body": b"",
    }
    session.connection().execute(insert(_KEYS), _row_of(asked, now) | begun)


def take_up(session: Session, scope: Scope, lease: Lease) -> None:
    """Be at a request that somebody else began."""
    held = {"holder": lease.holder, "lease_until": lease.until, "fence": lease.fence}
    session.connection().execute(update(_KEYS).where(_is(scope)).values(held))


def hand_back(session: Session, scope: Scope, fence: int) -> None:
    """Be at it no longer: whoever asks next takes it up."""
    session.connection().execute(
        update(_KEYS).where(_is(scope), _KEYS.c.fence == fence, _KEYS.c.response_status.is_(None)).values(lease_until=0)
    )


def add_answer(session: Session, asked: Asked, *, fence: int, answer: Answer) -> bool:
    """Keep the first answer of a request that was under way; False where somebody else has taken it up."""
    mine = (_is(asked.scope), _KEYS.c.fence == fence, _KEYS.c.response_status.is_(None))
    done = session.connection().execute(update(_KEYS).where(*mine).values(_columns_of(asked, answer)))
    return done.rowcount == 1


def forget(session: Session, scope: Scope, fence: int | None = None) -> None:
    """Free a key; with `fence` only if it is still held under it."""
    held = () if fence is None else (_KEYS.c.fence == fence,)
    session.connection().execute(delete(_KEYS).where(_is(scope), *held))


def forget_merchant(session: Session, merchant_id: MerchantId | None) -> None:
    """Delete every key of a merchant, or of all: what the answers tell of is gone."""
    keys = delete(_KEYS)
    session.connection().execute(keys if merchant_id is None else keys.where(_KEYS.c.merchant_id == merchant_id))


def _row_of(asked: Asked, now: datetime) -> dict[str, object]:
    return {
        "merchant_id": asked.scope.merchant_id,
        "key": asked.scope.key,
        "operation": asked.scope.operation,
        "request_hash": asked.fingerprint,
        "created_at": now,
        "expires_at": now + LIFE,
        "resume_point": "",
        "holder": "",
        "lease_until": 0.0,
        "fence": 0,
    }


def _columns_of(asked: Asked, answer: Answer) -> dict[str, object]:
    return {
        "response_status": answer.status,
        "response_type": answer.media_type,
        "response_headers": msgspec.json.encode(answer.headers).decode() if answer.headers else "[]",
        "response_body": b"" if asked.shows_secret else answer.body,
        "sealed_body": asked.seal.close(answer.body) if asked.shows_secret else None,
    }


def _answer_of(row: _Known) -> Answer | None:
    if row.response_status is None:
        return None
    headers = msgspec.json.decode(row.response_headers, type=_Pairs)
    return Answer(row.response_status, row.response_body, row.response_type, tuple(headers))
