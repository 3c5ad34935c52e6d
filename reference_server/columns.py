"""What all tables share: their naming, and an instant that keeps its zone on every engine."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum

import msgspec
from sqlalchemy import Column, DateTime, Dialect, TypeDecorator
from sqlalchemy import Enum as StoredEnum
from sqlalchemy.orm import declared_attr
from sqlmodel import SQLModel

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


class Row(SQLModel):
    """A table named after its class: PaymentAttempt is payment_attempts."""

    # SQLModel types this member as something that only SQLAlchemy's own mixin could fill.
    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  # see above
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower() + "s"


class Instant(TypeDecorator[datetime]):
    """UTC on every engine; SQLite's own type forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def words_of(kind: type[Enum]) -> "Column[object]":
    """Return a column that holds the enum's names as text, the same on every engine."""
    return Column(StoredEnum(kind, native_enum=False, length=24), nullable=False)


def encode_json(value: object) -> bytes:
    """Write JSON in which a decimal keeps its digits."""
    return _encoder.encode(value)


def store_json(value: object) -> str:
    """Write the text of a JSON column."""
    return _encoder.encode(value).decode()


def read_json(text: str) -> object:
    """Read the text of a JSON column; a fraction is a Decimal."""
    return _decoder.decode(text)
