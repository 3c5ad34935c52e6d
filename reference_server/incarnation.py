"""What the server remembers of itself between starts: how often it has started, and where its virtual clock stood."""

from datetime import datetime

from sqlmodel import Field, Session

from reference_server.columns import Instant, Row


class Incarnation(Row, table=True):
    """One row. `instant` is the last that a virtual clock was set to."""

    id: int = Field(default=1, primary_key=True)
    starts: int = 0
    instant: datetime | None = Field(default=None, sa_type=Instant)
    # Names this store, and no other that anything outside of it may remember.
    installation: str = ""


def count_start(session: Session) -> Incarnation:
    """Count this start and return what is remembered."""
    remembered = session.get(Incarnation, 1) or Incarnation()
    remembered.starts += 1
    session.add(remembered)
    return remembered


def know_installation(session: Session, drawn: str) -> str:
    """Return the name of this store, which is `drawn` where it has none yet."""
    remembered = session.get(Incarnation, 1) or Incarnation()
    remembered.installation = remembered.installation or drawn
    session.add(remembered)
    return remembered.installation


def rename_installation(session: Session, drawn: str) -> str:
    """Be another store: what is remembered outside of this one is not of its orders any more."""
    remembered = session.get(Incarnation, 1) or Incarnation()
    remembered.installation = drawn
    session.add(remembered)
    return drawn


def remember_instant(session: Session, instant: datetime) -> None:
    """Keep where the virtual clock stands, so that a killed server goes on from there."""
    remembered = session.get(Incarnation, 1) or Incarnation()
    remembered.instant = instant
    session.add(remembered)
