"""What all tables share: their naming, and an instant that keeps its zone on every engine."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

import msgspec
from sqlalchemy import BigInteger, Column, DateTime, Dialect, Integer, TypeDecorator, insert
from sqlalchemy import Enum as StoredEnum
from sqlalchemy.orm import declared_attr
from sqlmodel import Session, SQLModel
from sqlmodel.sql.expression import SelectOfScalar

from reference_server.prepared import Prepared

T = TypeVar("T")

# A migration can change only what has a name, and the same name on every engine.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# A key that the engine counts up. SQLite counts only one that is declared INTEGER, which has 64 bits there anyway.
COUNTED = BigInteger().with_variant(Integer(), "sqlite")

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


class Row(SQLModel):
    """A table named after its class: PaymentAttempt is payment_attempts."""

    # SQLModel types this member as something that only SQLAlchemy's own mixin could fill.
    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  # see above
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower() + "s"


def insert_row(session: Session, kind: type[Row], values: Mapping[str, object]) -> None:
    """Insert a row past the ORM, which costs three times as much; what is left out takes the row's default."""
    known = _INSERTS.get(kind)
    if known is None:
        table, defaults = SQLModel.metadata.tables[kind.__tablename__], _defaults_of(kind)
        # A whole number that is the key is drawn by the engine.
        drawn = table.autoincrement_column
        held = {column.name: defaults.get(column.name) for column in table.columns if column is not drawn}
        known = _INSERTS[kind] = Prepared(insert(table), inserts=held)
    known.write(session, values)


# By the class: its table's name is worked out anew each time that it is asked for.
_INSERTS: dict[type[Row], Prepared] = {}


def _defaults_of(kind: type[Row]) -> Mapping[str, object]:
    # None is left out: of a key that the engine draws it would be a value.
    given = {
        name: field.get_default(call_default_factory=True)
        for name, field in kind.model_fields.items()
        if not field.is_required()
    }
    return {name: default for name, default in given.items() if default is not None}


def locked(wanted: SelectOfScalar[T]) -> SelectOfScalar[T]:
    """Return the query that locks what it finds, where the engine locks rows, and reads it anew.

    A row that the session has looked at before would else be handed out as it stood then, before the lock.
    """
    return wanted.with_for_update().execution_options(populate_existing=True)


class Instant(TypeDecorator[datetime]):
    """UTC on every engine; SQLite's own type forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        # SQLAlchemy's own takes an instant apart and formats it member by member, some ten times a payment.
        return _writes_text() if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def _writes_text() -> Callable[[datetime | None], str | None]:
    """Return what writes instants as SQLAlchemy's type for SQLite does; most rows of a unit name the same one."""
    last: tuple[datetime | None, str | None] = (None, None)

    def write(value: datetime | None) -> str | None:
        nonlocal last
        written = last
        if value is not written[0]:
            text = None if value is None else value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
            last = written = (value, text)
        return written[1]

    return write


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
