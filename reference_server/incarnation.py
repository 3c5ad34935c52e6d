"""What a store remembers of the servers on it: how often one started, where the virtual clock stands, what all know."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, Session

from reference_server.columns import Instant, Row


class Incarnation(Row, table=True):
    """One row, which every process on the store shares. `instant` is the last that a virtual clock was set to."""

    id: int = Field(default=1, primary_key=True)
    starts: int = 0
    instant: datetime | None = Field(default=None, sa_type=Instant)
    # Names this store, and no other that anything outside of it may remember.
    installation: str = ""
    # Grows with each change of what every process keeps of the merchants without asking.
    knowledge: int = Field(default=0, sa_type=BigInteger)


def count_start(session: Session) -> Incarnation:
    """Count this start and return what is remembered."""
    remembered = _own(session)
    remembered.starts += 1
    session.add(remembered)
    return remembered


def know_installation(session: Session, drawn: str) -> str:
    """Return the name of this store, which is `drawn` where it has none yet."""
    remembered = _own(session)
    remembered.installation = remembered.installation or drawn
    session.add(remembered)
    return remembered.installation


def rename_installation(session: Session, drawn: str) -> str:
    """Be another store: what is remembered outside of this one is not of its orders any more."""
    remembered = _own(session)
    remembered.installation = drawn
    session.add(remembered)
    return drawn


def remember_instant(session: Session, instant: datetime) -> None:
    """Keep where the virtual clock stands, so that a killed server and every other on this store go on from there."""
    remembered = _own(session)
    remembered.instant = instant if remembered.instant is None else max(remembered.instant, instant)
    session.add(remembered)


def note_knowledge(session: Session) -> None:
    """Let every process look anew at the merchants: their frontends, and what of them is secret."""
    remembered = _own(session)
    remembered.knowledge += 1
    session.add(remembered)


def read_remembered(session: Session) -> Incarnation:
    """Look at what is remembered; nothing is, before the first start."""
    return session.get(Incarnation, 1) or Incarnation()


def _own(session: Session) -> Incarnation:
    return session.get(Incarnation, 1, with_for_update=True) or Incarnation()
