"""Owing, claiming and ending duties. Everything is a unit of work on somebody's session; nothing here runs a duty.

Rows are written without the ORM: each payment owes and ends several, and what the ORM adds costs more than the row.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_, bindparam, case, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningUpdate
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from reference_server.changes import Aftermath
from reference_server.columns import Instant
from reference_server.database import aftermath_of
from reference_server.jobs.model import Job, table_of
from reference_server.jobs.queues import QUEUES, Queue, queue_of
from reference_server.jobs.schedule import next_after_death
from reference_server.prepared import Prepared

LEASE_SECONDS = 2.0

_JOB = table_of(Job)
_NEW = {"tries": 0, "crashes": 0, "owed_again": False, "fence": 0, "lease_until": 0.0}
_FREED = {"lease_owner": None, "owed_again": False}


@dataclass(frozen=True, slots=True)
class Duty:
    """What is owed: the kind, the resource it is about, and the order that people know it by."""

    name: str
    about: str
    subject: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A duty that somebody holds the lease of. `tries` counts the tries before this one, crashes left out."""

    job_id: int
    duty: Duty
    due_at: datetime
    tries: int
    fence: int
    crashes: int = 0


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who claims, at which instant of the machine, and which jobs it is running already."""

    worker: str
    wall_seconds: float
    running: Collection[int] = ()

    @property
    def lease_until(self) -> float:
        """When what is claimed now lapses."""
        return self.wall_seconds + LEASE_SECONDS


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch, earliest first. Where all that is due was looked at, `next_due_at` is when more will be."""

    claims: list[Claim]
    has_more: bool
    next_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A claim that was run, and when it wants to be run again: None when the duty is done."""

    claim: Claim
    again_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Found:
    claim: Claim
    # Its lease has lapsed: whoever held it died at it, or is cut off.
    is_leased: bool


def owe(session: Session, duty: Duty, *, due_at: datetime) -> None:
    """Owe it in the transaction of whatever causes it. Owed already, it is done at the earlier of both instants."""
    note_owed(aftermath_of(session), due_at)
    connection, new = session.connection(), _NEW | {"due_at": due_at}
    new |= {"name": duty.name, "about": duty.about, "subject": duty.subject}
    _OWE[connection.dialect.name].write(session, new)


def note_owed(aftermath: Aftermath, due_at: datetime) -> None:
    """Leave to be told, once it is committed, that something is due then: workers are woken for what is due soon."""
    aftermath.owed = True
    first = aftermath.first_due_at
    aftermath.first_due_at = due_at if first is None else min(first, due_at)


def forgive(session: Session, name: str, *, about: str) -> None:
    """Owe it no longer; whoever is at it loses the lease, and with it any effect."""
    gone = delete(_JOB).where(_JOB.c.name == name, _JOB.c.about == about).returning(_JOB.c.id, _JOB.c.fence)
    # A duty may forgive itself: it loses nothing then.
    _forgiven(session).update(session.connection().execute(gone).all())


def was_begun(session: Session, name: str, *, about: str) -> bool:
    """Say whether it is owed and somebody has been at it; where nobody has, nobody begins before this ends."""
    found = select(_JOB.c.fence).where(_JOB.c.name == name, _JOB.c.about == about).with_for_update()
    # Each claim raises the fence.
    return bool(session.connection().execute(found).scalar())


def is_under_way(session: Session, name: str, *, about: str) -> bool:
    """Say whether somebody is at it; where nobody is, nobody begins before this transaction ends."""
    found = select(_JOB.c.lease_owner).where(_JOB.c.name == name, _JOB.c.about == about).with_for_update()
    return session.connection().execute(found).scalar() is not None


def claim_due(
    session: Session, claimant: Claimant, *, now: datetime, room: Mapping[Queue, int], avoided: Collection[str] = ()
) -> Claimed:
    """Take what is due, earliest first, as far as there is `room` in each queue; there is some in one at least.

    What is about one of `avoided` is left for another time.
    """
    free, limit = and_(_is_free(claimant), _stands_in(room)), max(room.values())
    if avoided:
        free = and_(free, _JOB.c.about.not_in(avoided))
    due = _lock(session, free, _JOB.c.due_at <= now, limit=limit)
    claims = _lease(session, _fitting(due, room), claimant, now=now)
    if len(due) == limit:
        return Claimed(claims, has_more=True)
    following = select(func.min(_JOB.c.due_at)).where(free, _JOB.c.due_at > now)
    return Claimed(claims, has_more=False, next_due_at=session.connection().execute(following).scalar())


def claim_next(session: Session, claimant: Claimant, *, now: datetime) -> Claim | None:
    """Take the duty that is due first, if its instant has come."""
    first = _lock(session, _is_free(claimant), _JOB.c.due_at <= now, limit=1)
    return next(iter(_lease(session, first, claimant, now=now)), None)


def claim_duty(session: Session, duty: Duty, claimant: Claimant) -> Claim | None:
    """Take this duty at once, unless somebody is at it."""
    this = and_(_JOB.c.name == duty.name, _JOB.c.about == duty.about)
    found = _lock(session, _is_free(claimant), this, limit=1)
    return next(iter(_lease(session, found, claimant, now=None)), None)


def list_free(session: Session, claimant: Claimant, *, limit: int) -> list[Job]:
    """Return what nobody is at, whether its instant has come or not, by due time and then in the order of owing."""
    free = select_rows(Job).where(_is_free(claimant)).order_by(col(Job.due_at), col(Job.id))
    return list(session.exec(free.limit(limit)))


def holds(session: Session, claim: Claim) -> bool:
    """Say whether the lease is still the claim's, as far as can be seen; `conclude` has the last word."""
    fence = select(_JOB.c.fence).where(_JOB.c.id == claim.job_id)
    return session.connection().execute(fence).scalar() == claim.fence


def conclude(session: Session, claim: Claim, *, again_at: datetime | None) -> bool:
    """End the duty, or owe it again at that instant; what was owed anew meanwhile stays owed.

    Answers whether the lease was still the claim's. Where it was not, nothing else of the transaction may be: this is
    its last part, since whoever changes a resource locks that first and what is owed for it later.
    """
    return conclude_all(session, [Ended(claim, again_at)])


def conclude_all(session: Session, ended: Sequence[Ended]) -> bool:
    """End each of them; answers whether every lease was still the claim's."""
    forgiven = _forgiven(session)
    left = [one for one in ended if (one.claim.job_id, one.claim.fence) not in forgiven]
    kept = [_owe_again(session, one.claim, one.again_at) for one in left if one.again_at is not None]
    return _end(session, [one.claim for one in left if one.again_at is None]) and all(kept)


def postpone(session: Session, claim: Claim, *, again_at: datetime) -> None:
    """Owe a duty again that raised: that was no try."""
    note_owed(aftermath_of(session), again_at)
    later = update(_JOB).where(_are_held([claim])).values(**_FREED, due_at=again_at, crashes=_JOB.c.crashes + 1)
    session.connection().execute(later)


def release_all(session: Session, worker: str, *, now: datetime) -> None:
    """Free every lease of that worker: it starts again, so whoever held them is dead."""
    held = select(_JOB).where(_JOB.c.lease_owner == worker).with_for_update()
    for row in session.connection().execute(held).mappings().all():
        found = _as_found(row)
        later = next_after_death(found.claim.crashes + 1, now=now)
        _release(session, found.claim, due_at=later or found.claim.due_at)


def hand_back(session: Session, worker: str, *, now: datetime) -> None:
    """Free every lease of that worker, which stops in good order: others take them at once."""
    freed = update(_JOB).where(_JOB.c.lease_owner == worker).values(lease_owner=None, fence=_JOB.c.fence + 1)
    if session.connection().execute(freed.returning(_JOB.c.id)).all():
        note_owed(aftermath_of(session), now)


def extend(session: Session, claimant: Claimant) -> None:
    """Hold on to what is running: the heartbeat of the worker."""
    held = and_(_JOB.c.id.in_(claimant.running), _JOB.c.lease_owner == claimant.worker)
    session.connection().execute(update(_JOB).where(held).values(lease_until=claimant.lease_until))


def _forgiven(session: Session) -> set[tuple[int, int]]:
    """Ids and fences of what this unit forgave."""
    forgiven: set[tuple[int, int]] = session.info.setdefault("forgiven", set())
    return forgiven


def _is_free(claimant: Claimant) -> ColumnElement[bool]:
    is_unleased = or_(_JOB.c.lease_owner.is_(None), _JOB.c.lease_until <= claimant.wall_seconds)
    # What runs here is not free even when its lease has lapsed: on a virtual clock nobody keeps it alive.
    return and_(is_unleased, _JOB.c.id.not_in(claimant.running)) if claimant.running else is_unleased


def _stands_in(room: Mapping[Queue, int]) -> ColumnElement[bool]:
    has_room = {queue: room.get(queue, 0) > 0 for queue in Queue}
    if has_room[Queue.OTHER]:
        # Kinds that this version does not know stand there: by name only the others can be left out.
        return _JOB.c.name.not_in([name for name, queue in QUEUES.items() if not has_room[queue]])
    return _JOB.c.name.in_([name for name, queue in QUEUES.items() if has_room[queue]])


def _lock(session: Session, *where: ColumnElement[bool], limit: int) -> list[_Found]:
    first = select(_JOB).where(*where).order_by(_JOB.c.due_at, _JOB.c.id).limit(limit)
    # Read first and changed then: PostgreSQL may run the subquery of an UPDATE again, and answers in no order.
    rows = session.connection().execute(first.with_for_update(skip_locked=True))
    return [_as_found(row) for row in rows.mappings()]


def _fitting(due: list[_Found], room: Mapping[Queue, int]) -> list[_Found]:
    left, fitting = Counter(room), list[_Found]()
    for found in due:
        queue = queue_of(found.claim.duty.name)
        left[queue] -= 1
        if left[queue] >= 0:
            fitting.append(found)
    return fitting


def _lease(session: Session, due: list[_Found], claimant: Claimant, *, now: datetime | None) -> list[Claim]:
    claims: list[Claim] = []
    for found in due:
        crashes = found.claim.crashes + found.is_leased
        later = next_after_death(crashes, now=now) if found.is_leased and now is not None else None
        if later is None:
            claims.append(replace(found.claim, fence=found.claim.fence + 1, crashes=crashes))
        else:
            # It takes its worker with it, again and again: nobody else's work may wait until it has taken them all.
            _release(session, found.claim, due_at=later)
    if claims:
        values = {
            "fence": _JOB.c.fence + 1,
            "crashes": _JOB.c.crashes + case((_JOB.c.lease_owner.is_not(None), 1), else_=0),
            "lease_owner": claimant.worker,
            "lease_until": claimant.lease_until,
        }
        ids = [claim.job_id for claim in claims]
        session.connection().execute(update(_JOB).where(_JOB.c.id.in_(ids)).values(values))
    return claims


def _release(session: Session, claim: Claim, *, due_at: datetime) -> None:
    released = {"lease_owner": None, "fence": claim.fence + 1, "crashes": claim.crashes + 1, "due_at": due_at}
    session.connection().execute(update(_JOB).where(_JOB.c.id == claim.job_id).values(released))


def _end(session: Session, claims: list[Claim]) -> bool:
    if not claims:
        return True
    gone = delete(_JOB).where(_are_held(claims), _JOB.c.owed_again.is_(other=False)).returning(_JOB.c.id)
    left = len(claims) - len(session.connection().execute(gone).all())
    if left == 0:
        return True
    anew = update(_JOB).where(_are_held(claims)).values(**_FREED, tries=0, crashes=0)
    return _note_all(session, anew.returning(_JOB.c.due_at)) == left


def _owe_again(session: Session, claim: Claim, again_at: datetime) -> bool:
    is_owed_sooner = and_(_JOB.c.owed_again, _JOB.c.due_at < again_at)
    due_at = case((is_owed_sooner, _JOB.c.due_at), else_=bindparam(None, again_at, Instant))
    again = update(_JOB).where(_are_held([claim])).values(**_FREED, tries=_JOB.c.tries + 1, crashes=0, due_at=due_at)
    return _note_all(session, again.returning(_JOB.c.due_at)) == 1


def _note_all(session: Session, owed: ReturningUpdate[datetime]) -> int:
    due = session.connection().execute(owed).scalars().all()
    for due_at in due:
        note_owed(aftermath_of(session), due_at)
    return len(due)


def _are_held(claims: list[Claim]) -> ColumnElement[bool]:
    if len(claims) == 1:
        return and_(_JOB.c.id == claims[0].job_id, _JOB.c.fence == claims[0].fence)
    # By id alone too: an index serves that, and none a pair.
    pairs = tuple_(_JOB.c.id, _JOB.c.fence).in_([(claim.job_id, claim.fence) for claim in claims])
    return and_(_JOB.c.id.in_([claim.job_id for claim in claims]), pairs)


def _as_found(row: RowMapping) -> _Found:
    duty = Duty(row["name"], row["about"], row["subject"])
    claim = Claim(row["id"], duty, row["due_at"], row["tries"], row["fence"], row["crashes"])
    return _Found(claim, row["lease_owner"] is not None)


def _owe_on(new: postgresql.Insert | sqlite.Insert) -> postgresql.Insert | sqlite.Insert:
    is_sooner = new.excluded.due_at < _JOB.c.due_at
    hastened = {
        "due_at": case((is_sooner, new.excluded.due_at), else_=_JOB.c.due_at),
        "owed_again": _JOB.c.lease_owner.is_not(None),
    }
    return new.on_conflict_do_update(index_elements=["name", "about"], set_=hastened)


_GIVEN = dict.fromkeys((*_NEW, "due_at", "name", "about", "subject"))
_OWE = {
    "postgresql": Prepared(_owe_on(postgresql.insert(_JOB)), inserts=_GIVEN),
    "sqlite": Prepared(_owe_on(sqlite.insert(_JOB)), inserts=_GIVEN),
}
