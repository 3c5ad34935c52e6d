"""Alembic's own entry: runs migrations on the connection that `engines/schema.py` hands over, of either engine."""

from typing import Literal

from alembic import context
from sqlalchemy import Connection, Enum
from sqlmodel import AutoString

from reference_server.columns import Instant
from reference_server.tables import ALL


def _render_type(kind: str, shown: object, *_: object) -> str | Literal[False]:
    # A migration stands by itself: what a type of ours becomes later must not change what was done.
    if kind != "type":
        return False
    match shown:
        case Instant():
            return "sa.DateTime(timezone=True)"
        case Enum():
            # A further word is no change of the table.
            return f"sa.String({shown.length})"
        case AutoString():
            return f"sa.String({shown.length or ''})"
        case _:
            return False


def _run() -> None:
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        # Of any table: all share one.
        target_metadata=ALL[0].metadata,
        # SQLite cannot alter most of a table: it is made anew and filled from the old one.
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
        render_item=_render_type,
        user_module_prefix="sa.",
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
