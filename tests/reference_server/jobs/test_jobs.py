"""What is owed: once, at its instant, by whoever holds the lease, and again after any death."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from sqlmodel import Session

from reference_server.database import Database
from reference_server.jobs import store
from reference_server.jobs.model import Job
from reference_server.jobs.schedule import next_after_crash, next_due_at, next_reconciliation
from reference_server.jobs.store import Claim, Claimant, Duty

T = TypeVar("T")
AT = datetime(2030, 1, 1, tzinfo=UTC)
ME, OTHER = Claimant("me", wall_seconds=1000.0), Claimant("other", wall_seconds=1000.0)
DUTY = Duty("fulfil_order", "ord_1", "GW1")


class Desk:
    """A database in memory with the units that tests ask of it."""

    def __init__(self) -> None:
        self.database = Database("sqlite://", inline=lambda: True)
        self.database.open()

    def do(self, unit: Callable[[Session], T]) -> T:
        return self.database.run_now(unit)

    def owe(self, duty: Duty = DUTY, *, minutes: float = 0) -> None:
        self.do(lambda session: store.owe(session, duty, due_at=AT + timedelta(minutes=minutes)))

    def claim(self, claimant: Claimant = ME, *, minutes: float = 0) -> Claim | None:
        return self.do(lambda session: store.claim_next(session, claimant, now=AT + timedelta(minutes=minutes)))

    def claimed(self, claimant: Claimant = ME) -> Claim:
        claim = self.claim(claimant)
        assert claim is not None
        return claim

    def conclude(self, claim: Claim, *, again_minutes: float | None = None) -> None:
        again_at = None if again_minutes is None else AT + timedelta(minutes=again_minutes)
        self.do(lambda session: store.conclude(session, claim, again_at=again_at))

    def jobs(self) -> list[Job]:
        return self.do(lambda session: store.list_free(session, Claimant("looks", 10**12), limit=99))


def test_nothing_is_claimed_before_its_instant() -> None:
    desk = Desk()
    desk.owe(minutes=1)
    assert desk.claim(minutes=0.99) is None
    assert desk.claim(minutes=1) is not None


def test_what_is_due_first_is_claimed_first_and_then_in_the_order_of_owing() -> None:
    desk = Desk()
    for name, minutes in (("late", 2.0), ("b", 1.0), ("c", 1.0), ("first", 0.0)):
        desk.owe(Duty(name, "x", ""), minutes=minutes)
    claims = [desk.claim(minutes=5) for _ in range(4)]
    assert [claim.duty.name for claim in claims if claim] == ["first", "b", "c", "late"]


def test_owing_twice_is_owing_once_at_the_earlier_instant() -> None:
    desk = Desk()
    for minutes in (5, 1, 9):
        desk.owe(minutes=minutes)
    assert [(job.name, job.due_at) for job in desk.jobs()] == [("fulfil_order", AT + timedelta(minutes=1))]


def test_a_lease_keeps_others_away_until_it_lapses() -> None:
    desk = Desk()
    desk.owe()
    desk.claimed(ME)
    assert desk.claim(OTHER) is None
    assert desk.claim(Claimant("other", wall_seconds=1000.0 + store.LEASE_SECONDS - 0.01)) is None
    assert desk.claim(Claimant("other", wall_seconds=1000.0 + store.LEASE_SECONDS)) is not None


def test_a_heartbeat_keeps_a_lease_alive() -> None:
    desk = Desk()
    desk.owe()
    claim = desk.claimed()
    later = Claimant("me", wall_seconds=1001.5, running=(claim.job_id,))
    desk.do(lambda session: store.extend(session, later))
    assert desk.claim(Claimant("other", wall_seconds=1003.4)) is None
    assert desk.claim(Claimant("other", wall_seconds=1003.5)) is not None


def test_a_lease_is_not_judged_by_the_products_clock() -> None:
    desk = Desk()
    desk.owe()
    desk.claimed(ME)
    assert desk.claim(OTHER, minutes=10**6) is None


def test_a_zombie_that_lost_its_lease_ends_nothing_and_holds_nothing() -> None:
    desk = Desk()
    desk.owe()
    zombie = desk.claimed(ME)
    heir = desk.claimed(Claimant("other", wall_seconds=1002.0))
    assert heir.fence > zombie.fence
    assert not desk.do(lambda session: store.holds(session, zombie))
    desk.conclude(zombie)
    assert len(desk.jobs()) == 1
    desk.conclude(heir)
    assert desk.jobs() == []


def test_a_worker_that_starts_again_under_its_name_takes_over_at_once() -> None:
    desk = Desk()
    desk.owe()
    desk.claimed(ME)
    desk.do(lambda session: store.release_all(session, "other"))
    assert desk.claim(ME) is None
    desk.do(lambda session: store.release_all(session, "me"))
    assert desk.claim(ME) is not None


def test_what_runs_here_is_not_claimed_again_even_when_its_lease_has_lapsed() -> None:
    desk = Desk()
    desk.owe()
    claim = desk.claimed(ME)
    assert desk.claim(Claimant("me", wall_seconds=9999.0, running=(claim.job_id,))) is None


def test_a_duty_owed_again_while_somebody_is_at_it_stays_owed() -> None:
    desk = Desk()
    desk.owe()
    claim = desk.claimed()
    desk.owe()
    desk.conclude(claim)
    again = desk.claimed()
    assert again.tries == 0
    desk.conclude(again)
    assert desk.jobs() == []


def test_a_duty_to_be_tried_again_waits_for_its_instant_and_counts_its_tries() -> None:
    desk = Desk()
    desk.owe()
    desk.conclude(desk.claimed(), again_minutes=5)
    assert desk.claim(minutes=4) is None
    claim = desk.claim(minutes=5)
    assert claim is not None
    assert claim.tries == 1


def test_of_a_retry_and_a_duty_owed_anew_the_earlier_instant_counts() -> None:
    desk = Desk()
    desk.owe()
    claim = desk.claimed()
    desk.owe(minutes=3)
    desk.conclude(claim, again_minutes=5)
    assert [job.due_at for job in desk.jobs()] == [AT]


def test_a_forgiven_duty_is_gone_and_whoever_is_at_it_has_lost_the_lease() -> None:
    desk = Desk()
    desk.owe()
    claim = desk.claimed()
    desk.do(lambda session: store.forgive(session, "fulfil_order", about="ord_1"))
    assert not desk.do(lambda session: store.holds(session, claim))
    desk.conclude(claim, again_minutes=1)
    assert desk.jobs() == []


def test_a_duty_is_claimed_by_name_unless_somebody_is_at_it() -> None:
    desk = Desk()
    desk.owe(minutes=60)
    assert desk.do(lambda session: store.claim_duty(session, DUTY, ME)) is not None
    assert desk.do(lambda session: store.claim_duty(session, DUTY, OTHER)) is None


def test_what_was_owed_in_a_unit_that_was_undone_is_not_owed() -> None:
    desk = Desk()

    def unit(session: Session) -> None:
        store.owe(session, DUTY, due_at=AT)
        raise ZeroDivisionError

    try:
        desk.do(unit)
    except ZeroDivisionError:
        assert desk.jobs() == []


def test_a_schedule_gives_the_gaps_between_tries_and_ends() -> None:
    gaps = (timedelta(minutes=1), timedelta(minutes=5))
    told = [next_due_at(gaps, tries, now=AT) for tries in range(4)]
    assert told == [None, AT + timedelta(minutes=1), AT + timedelta(minutes=5), None]


def test_reconciliation_keeps_to_its_instants_after_the_opening() -> None:
    expires_at = AT + timedelta(minutes=15)
    minutes = [0, 20, 59, 60, 1439, 1440]
    told = [next_reconciliation(AT, expires_at=expires_at, now=AT + timedelta(minutes=after)) for after in minutes]
    due = [20, 60, 60, 360, 1440]
    assert told == [*(AT + timedelta(minutes=after) for after in due), None]


@pytest.mark.parametrize("life", [1, 15, 1081, 1440])
def test_the_last_reconciliation_lies_well_after_the_end_of_the_session(life: int) -> None:
    expires_at = last = AT + timedelta(minutes=life)
    while (instant := next_reconciliation(AT, expires_at=expires_at, now=last)) is not None:
        last = instant
    assert last >= max(expires_at + timedelta(hours=6), AT + timedelta(days=1))


def test_a_job_that_raises_keeps_its_tries_and_counts_its_crashes_until_it_ends_well() -> None:
    desk = Desk()
    desk.owe()
    for _ in range(3):
        claim = desk.claimed()
        desk.do(lambda session, claim=claim: store.postpone(session, claim, again_at=AT))
    claim = desk.claimed()
    assert (claim.tries, claim.crashes) == (0, 3)
    desk.conclude(claim, again_minutes=0)
    claim = desk.claimed()
    assert (claim.tries, claim.crashes) == (1, 0)


def test_a_crash_of_somebody_who_lost_the_lease_postpones_nothing() -> None:
    desk = Desk()
    desk.owe()
    stale = desk.claimed()
    desk.do(lambda session: store.release_all(session, ME.worker))
    fresh = desk.claimed(OTHER)
    desk.do(lambda session: store.postpone(session, stale, again_at=AT + timedelta(days=1)))
    desk.conclude(fresh)
    assert desk.jobs() == []


def test_a_job_that_raises_is_run_again_ever_later_and_never_given_up() -> None:
    told = [(next_after_crash(tries, now=AT) - AT).total_seconds() for tries in (0, 1, 2, 3, 4, 5, 6, 7, 1000)]
    assert told == [1, 1, 5, 30, 120, 600, 3600, 3600, 3600]
