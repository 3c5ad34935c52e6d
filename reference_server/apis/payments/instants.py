"""Instants on the wire of the payments API: ISO 8601 in UTC, with a Z."""

from datetime import UTC, datetime

from reference_server.errors import InvalidError


def render_instant(at: datetime) -> str:
    """Write an instant."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def render_if(at: datetime | None) -> str | None:
    """Write an instant, where there is one."""
    return None if at is None else render_instant(at)


def read_instant(text: str, *, name: str) -> datetime:
    """Read an instant with its offset. Raises `InvalidError` that points at the query's parameter of that name."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidError("is not an instant such as 2030-01-01T00:00:00Z", pointer=name, rule="format", place="query")
