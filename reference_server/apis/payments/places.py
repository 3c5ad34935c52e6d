"""Where a list that is gone through in steps goes on: the cursor on the wire, which only we read."""

import re
from datetime import UTC, datetime, timedelta

from reference_server.errors import InvalidError
from reference_server.webhooks.model import Delivery, DeliveryId
from reference_server.webhooks.store import Gone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# The instant in microseconds, and the delivery's id: its own number would tell how many there are of all merchants.
_WRITTEN = re.compile(r"([0-9]{1,16})-(whd_[A-Za-z0-9]{1,64})", re.ASCII)


def render_place(last: Delivery) -> str:
    """Write the place behind a delivery."""
    return f"{(last.created_at - _EPOCH) // _MICROSECOND}-{last.id}"


def read_place(text: str, *, pointer: str) -> Gone:
    """Read a place. Raises `InvalidError` for what was never one."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise InvalidError("is not the `next` of an answer", pointer=pointer, rule="cursor")
    return Gone(_EPOCH + int(found[1]) * _MICROSECOND, DeliveryId(found[2]))
