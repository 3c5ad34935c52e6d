"""The table of idempotency keys: which request each named, and its first answer or how far it came."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlmodel import Field

from reference_server.columns import Instant, Row
from reference_server.ids import MerchantId


class IdempotencyKey(Row, table=True):
    """One key of one merchant for one operation. `response_status` is None while the request is under way."""

    merchant_id: MerchantId = Field(primary_key=True, sa_type=String)
    key: str = Field(primary_key=True, max_length=255)
    # The operation's name with the values of its path.
    operation: str = Field(primary_key=True)
    request_hash: str
    created_at: datetime = Field(sa_type=Instant)
    # The key is free again from this instant on.
    expires_at: datetime = Field(sa_type=Instant, index=True)

    # The first answer as it went out, byte for byte.
    response_status: int | None = None
    response_type: str | None = None
    response_headers: str = "[]"
    response_body: bytes = Field(default=b"", sa_type=LargeBinary, repr=False)

    # Of a request that calls a gateway in its middle: what it stored first, and who is at it.
    resume_point: str = ""
    holder: str = ""
    # The machine's time, in seconds since 1970; past it whoever held the lease counts as dead.
    lease_until: float = 0
    fence: int = 0

    # In place of the answer's body where that shows a secret; last, since migrations add columns there.
    sealed_body: bytes | None = Field(default=None, sa_type=LargeBinary, repr=False)
