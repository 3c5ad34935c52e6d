"""Writing out all that is kept about a shopper's orders: each row, and each column but what is nobody's to read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum

from sqlmodel import Session

from reference_server.columns import Row
from reference_server.ids import OrderId
from reference_server.privacy.fields import PLACE_OF
from reference_server.privacy.store import list_rows


def export_orders(session: Session, order_ids: list[OrderId]) -> Mapping[str, list[dict[str, object]]]:
    """Return the rows that hang on the orders, by table."""
    return {name: [_write(row) for row in rows] for name, rows in list_rows(session, order_ids).items()}


def _write(row: Row) -> dict[str, object]:
    hidden = PLACE_OF[type(row)].hidden
    return {name: _value(value) for name, value in row.model_dump().items() if name not in hidden}


def _value(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.value if isinstance(value, Enum) else value
