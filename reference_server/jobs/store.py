"""Owing, claiming and ending duties. Everything is a unit of work on somebody's session; nothing here runs a duty."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from reference_server.database import aftermath_of
from reference_server.jobs.model import Job

LEASE_SECONDS = 2.0


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


def owe(session: Session, duty: Duty, *, due_at: datetime) -> None:
    """Owe it in the transaction of whatever causes it. Owed already, it is done at the earlier of both instants."""
    aftermath_of(session).owed = True
    job = _find(session, duty.name, about=duty.about)
    if job is None:
        session.add(Job(name=duty.name, about=duty.about, subject=duty.subject, due_at=due_at))
        session.flush()
        return
    job.owed_again = job.lease_owner is not None
    job.due_at = min(job.due_at, due_at)
    session.add(job)


def forgive(session: Session, name: str, *, about: str) -> None:
    """Owe it no longer; whoever is at it loses the lease, and with it any effect."""
    session.exec(delete(Job).where(col(Job.name) == name, col(Job.about) == about))


def is_under_way(session: Session, name: str, *, about: str) -> bool:
    """Say whether somebody is at it."""
    job = _find(session, name, about=about)
    return job is not None and job.lease_owner is not None


def claim_next(session: Session, claimant: Claimant, *, now: datetime) -> Claim | None:
    """Take the duty that is due first, if its instant has come."""
    first = session.exec(_free(claimant).where(col(Job.due_at) <= now).limit(1)).first()
    return None if first is None else _lease(session, first, claimant)


def claim_duty(session: Session, duty: Duty, claimant: Claimant) -> Claim | None:
    """Take this duty at once, unless somebody is at it."""
    job = session.exec(_free(claimant).where(col(Job.name) == duty.name, col(Job.about) == duty.about)).first()
    return None if job is None else _lease(session, job, claimant)


def list_free(session: Session, claimant: Claimant, *, limit: int) -> list[Job]:
    """Return what nobody is at, whether its instant has come or not, by due time and then in the order of owing."""
    return list(session.exec(_free(claimant).limit(limit)))


def holds(session: Session, claim: Claim) -> bool:
    """Say whether the lease is still the claim's; asked in the transaction that would change something."""
    job = session.get(Job, claim.job_id)
    return job is not None and job.fence == claim.fence


def conclude(session: Session, claim: Claim, *, again_at: datetime | None) -> None:
    """End the duty, or owe it again at that instant; what was owed anew meanwhile stays owed."""
    job = session.get(Job, claim.job_id)
    if job is None or job.fence != claim.fence:
        return
    if again_at is None and not job.owed_again:
        session.delete(job)
        return
    aftermath_of(session).owed = True
    if again_at is None:
        job.tries = 0
    else:
        job.due_at = min(job.due_at, again_at) if job.owed_again else again_at
        job.tries += 1
    job.owed_again, job.lease_owner, job.crashes = False, None, 0
    session.add(job)


def postpone(session: Session, claim: Claim, *, again_at: datetime) -> None:
    """Owe a duty again that raised: that was no try."""
    job = session.get(Job, claim.job_id)
    if job is None or job.fence != claim.fence:
        return
    aftermath_of(session).owed = True
    job.due_at, job.crashes = again_at, job.crashes + 1
    job.owed_again, job.lease_owner = False, None
    session.add(job)


def release_all(session: Session, worker: str) -> None:
    """Free every lease of that worker: it starts again, so whoever held them is dead."""
    session.exec(update(Job).where(col(Job.lease_owner) == worker).values(lease_owner=None))


def extend(session: Session, claimant: Claimant) -> None:
    """Hold on to what is running: the heartbeat of the worker."""
    session.exec(
        update(Job)
        .where(col(Job.id).in_(claimant.running), col(Job.lease_owner) == claimant.worker)
        .values(lease_until=claimant.wall_seconds + LEASE_SECONDS)
    )


def _find(session: Session, name: str, *, about: str) -> Job | None:
    return session.exec(select(Job).where(Job.name == name, Job.about == about).with_for_update()).one_or_none()


def _free(claimant: Claimant) -> SelectOfScalar[Job]:
    is_unleased = or_(col(Job.lease_owner).is_(None), col(Job.lease_until) <= claimant.wall_seconds)
    return (
        select(Job)
        # What runs here is not free even when its lease has lapsed: on a virtual clock nobody keeps it alive.
        .where(is_unleased, col(Job.id).not_in(claimant.running))
        .order_by(col(Job.due_at), col(Job.id))
        .with_for_update(skip_locked=True)
    )


def _lease(session: Session, job: Job, claimant: Claimant) -> Claim:
    job.fence += 1
    job.lease_owner = claimant.worker
    job.lease_until = claimant.wall_seconds + LEASE_SECONDS
    session.add(job)
    session.flush()
    assert job.id is not None  # noqa: S101  # a row that was read has its key
    return Claim(job.id, Duty(job.name, job.about, job.subject), job.due_at, job.tries, job.fence, job.crashes)
