"""What the server remembers of itself between starts: how often it has started, and where its virtual clock stood."""

from datetime import datetime

from sqlmodel import Field, Session

from reference_server.columns import Instant, Row


class Incarnation(Row, table=True):
    """One row. `instant` is the last that a virtual clock was set to."""

    id: int = Field(default=1, primary_key=True)
    starts: int = 0
    instant: datetime | None = Field(default=None, sa_type=Instant)


def count_start(session: Session) -> Incarnation:
    """Count this start and return what is remembered."""
    remembered = session.get(Incarnation, 1) or Incarnation()
    remembered.starts += 1
    session.add(remembered)
    return remembered


def remember_instant(session: Session, instant: datetime) -> None:
    """Keep where the virtual clock stands, so that a killed server goes on from there."""
    remembered = session.get(Incarnation, 1) or Incarnation()
    remembered.instant = instant
    session.add(remembered)
