"""What is owed: once, at its instant, by whoever holds the lease, and again after any death."""

from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from sqlmodel import Session

from reference_server.database import Database
from reference_server.jobs import store
from reference_server.jobs.model import Job
from reference_server.jobs.queues import QUEUES, Queue, queue_of
from reference_server.jobs.schedule import next_after_crash, next_after_death, next_due_at, next_reconciliation
from reference_server.jobs.store import Claim, Claimant, Claimed, Duty, Ended
from tests.reference_server.engine import placed_url

T = TypeVar("T")
AT = datetime(2030, 1, 1, tzinfo=UTC)
ME, OTHER = Claimant("me", wall_seconds=1000.0), Claimant("other", wall_seconds=1000.0)
DUTY = Duty("fulfil_order", "ord_1", "GW1")


class Desk:
    """A database with the units that tests ask of it."""

    def __init__(self, url: str) -> None:
        self.database = Database(url, inline=lambda: True)
        self.database.open()

    def do(self, unit: Callable[[Session], T]) -> T:
        return self.database.run_now(unit)

    def owe(self, duty: Duty = DUTY, *, minutes: float = 0) -> None:
        self.do(lambda session: store.owe(session, duty, due_at=AT + timedelta(minutes=minutes)))

    def claim(self, claimant: Claimant = ME, *, minutes: float = 0) -> Claim | None:
        return self.do(lambda session: store.claim_next(session, claimant, now=AT + timedelta(minutes=minutes)))

    def claim_due(self, room: Mapping[Queue, int], claimant: Claimant = ME) -> Claimed:
        return self.do(lambda session: store.claim_due(session, claimant, now=AT, room=room))

    def claimed(self, claimant: Claimant = ME) -> Claim:
        claim = self.claim(claimant)
        assert claim is not None
        return claim

    def conclude(self, claim: Claim, *, again_minutes: float | None = None) -> None:
        again_at = None if again_minutes is None else AT + timedelta(minutes=again_minutes)
        self.do(lambda session: store.conclude(session, claim, again_at=again_at))

    def jobs(self) -> list[Job]:
        return self.do(lambda session: store.list_free(session, Claimant("looks", 10**12), limit=99))


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest) -> Generator[Desk]:
    """Return a desk on each engine: what is owed is written in each one's own words."""
    url: str = placed_url("sqlite://") if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    it = Desk(url)
    yield it
    it.database.close()


def test_nothing_is_claimed_before_its_instant(desk: Desk) -> None:
    desk.owe(minutes=1)
    assert desk.claim(minutes=0.99) is None
    assert desk.claim(minutes=1) is not None


def test_what_is_due_first_is_claimed_first_and_then_in_the_order_of_owing(desk: Desk) -> None:
    for name, minutes in (("late", 2.0), ("b", 1.0), ("c", 1.0), ("first", 0.0)):
        desk.owe(Duty(name, "x", ""), minutes=minutes)
    claims = [desk.claim(minutes=5) for _ in range(4)]
    assert [claim.duty.name for claim in claims if claim] == ["first", "b", "c", "late"]


def test_owing_twice_is_owing_once_at_the_earlier_instant(desk: Desk) -> None:
    for minutes in (5, 1, 9):
        desk.owe(minutes=minutes)
    assert [(job.name, job.due_at) for job in desk.jobs()] == [("fulfil_order", AT + timedelta(minutes=1))]


def test_a_lease_keeps_others_away_until_it_lapses(desk: Desk) -> None:
    desk.owe()
    desk.claimed(ME)
    assert desk.claim(OTHER) is None
    assert desk.claim(Claimant("other", wall_seconds=1000.0 + store.LEASE_SECONDS - 0.01)) is None
    assert desk.claim(Claimant("other", wall_seconds=1000.0 + store.LEASE_SECONDS)) is not None


def test_a_heartbeat_keeps_a_lease_alive(desk: Desk) -> None:
    desk.owe()
    claim = desk.claimed()
    later = Claimant("me", wall_seconds=1001.5, running=(claim.job_id,))
    desk.do(lambda session: store.extend(session, later))
    assert desk.claim(Claimant("other", wall_seconds=1003.4)) is None
    assert desk.claim(Claimant("other", wall_seconds=1003.5)) is not None


def test_a_lease_is_not_judged_by_the_products_clock(desk: Desk) -> None:
    desk.owe()
    desk.claimed(ME)
    assert desk.claim(OTHER, minutes=10**6) is None


def test_a_zombie_that_lost_its_lease_ends_nothing_and_holds_nothing(desk: Desk) -> None:
    desk.owe()
    zombie = desk.claimed(ME)
    heir = desk.claimed(Claimant("other", wall_seconds=1002.0))
    assert heir.fence > zombie.fence
    assert not desk.do(lambda session: store.holds(session, zombie))
    desk.conclude(zombie)
    assert len(desk.jobs()) == 1
    desk.conclude(heir)
    assert desk.jobs() == []


def test_a_worker_that_starts_again_under_its_name_takes_over_at_once(desk: Desk) -> None:
    desk.owe()
    desk.claimed(ME)
    desk.do(lambda session: store.release_all(session, "other", now=AT))
    assert desk.claim(ME) is None
    desk.do(lambda session: store.release_all(session, "me", now=AT))
    assert desk.claim(ME) is not None


def test_what_runs_here_is_not_claimed_again_even_when_its_lease_has_lapsed(desk: Desk) -> None:
    desk.owe()
    claim = desk.claimed(ME)
    assert desk.claim(Claimant("me", wall_seconds=9999.0, running=(claim.job_id,))) is None


def test_a_duty_owed_again_while_somebody_is_at_it_stays_owed(desk: Desk) -> None:
    desk.owe()
    claim = desk.claimed()
    desk.owe()
    desk.conclude(claim)
    again = desk.claimed()
    assert again.tries == 0
    desk.conclude(again)
    assert desk.jobs() == []


def test_a_duty_to_be_tried_again_waits_for_its_instant_and_counts_its_tries(desk: Desk) -> None:
    desk.owe()
    desk.conclude(desk.claimed(), again_minutes=5)
    assert desk.claim(minutes=4) is None
    claim = desk.claim(minutes=5)
    assert claim is not None
    assert claim.tries == 1


def test_of_a_retry_and_a_duty_owed_anew_the_earlier_instant_counts(desk: Desk) -> None:
    desk.owe()
    claim = desk.claimed()
    desk.owe(minutes=3)
    desk.conclude(claim, again_minutes=5)
    assert [job.due_at for job in desk.jobs()] == [AT]


def test_a_forgiven_duty_is_gone_and_whoever_is_at_it_has_lost_the_lease(desk: Desk) -> None:
    desk.owe()
    claim = desk.claimed()
    desk.do(lambda session: store.forgive(session, "fulfil_order", about="ord_1"))
    assert not desk.do(lambda session: store.holds(session, claim))
    desk.conclude(claim, again_minutes=1)
    assert desk.jobs() == []


def test_a_duty_is_claimed_by_name_unless_somebody_is_at_it(desk: Desk) -> None:
    desk.owe(minutes=60)
    assert desk.do(lambda session: store.claim_duty(session, DUTY, ME)) is not None
    assert desk.do(lambda session: store.claim_duty(session, DUTY, OTHER)) is None


def test_what_was_owed_in_a_unit_that_was_undone_is_not_owed(desk: Desk) -> None:

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


def test_a_job_that_raises_keeps_its_tries_and_counts_its_crashes_until_it_ends_well(desk: Desk) -> None:
    desk.owe()
    for _ in range(3):
        claim = desk.claimed()
        desk.do(lambda session, claim=claim: store.postpone(session, claim, again_at=AT))
    claim = desk.claimed()
    assert (claim.tries, claim.crashes) == (0, 3)
    desk.conclude(claim, again_minutes=0)
    claim = desk.claimed()
    assert (claim.tries, claim.crashes) == (1, 0)


def test_a_crash_of_somebody_who_lost_the_lease_postpones_nothing(desk: Desk) -> None:
    desk.owe()
    stale = desk.claimed()
    desk.do(lambda session: store.release_all(session, ME.worker, now=AT))
    fresh = desk.claimed(OTHER)
    desk.do(lambda session: store.postpone(session, stale, again_at=AT + timedelta(days=1)))
    desk.conclude(fresh)
    assert desk.jobs() == []


def test_a_job_that_raises_is_run_again_ever_later_and_never_given_up() -> None:
    told = [(next_after_crash(tries, now=AT) - AT).total_seconds() for tries in (0, 1, 2, 3, 4, 5, 6, 7, 1000)]
    assert told == [1, 1, 5, 30, 120, 600, 3600, 3600, 3600]


def test_workers_that_die_are_no_reason_to_leave_a_job_alone_until_several_have() -> None:
    told = [next_after_death(crashes, now=AT) for crashes in (0, 1, 2, 3, 4)]
    assert told == [None, None, None, AT + timedelta(seconds=1), AT + timedelta(seconds=5)]


def test_a_batch_takes_what_is_due_earliest_first_and_says_when_more_will_be(desk: Desk) -> None:
    for about, minutes in (("c", -1.0), ("later", 5.0), ("a", -3.0), ("latest", 9.0), ("b", -2.0)):
        desk.owe(Duty("fulfil_order", about, ""), minutes=minutes)
    first = desk.claim_due({Queue.OTHER: 2})
    rest = desk.claim_due({Queue.OTHER: 2})
    assert [[claim.duty.about for claim in claimed.claims] for claimed in (first, rest)] == [["a", "b"], ["c"]]
    assert (first.has_more, rest.has_more, rest.next_due_at) == (True, False, AT + timedelta(minutes=5))


def test_a_queue_that_has_no_room_keeps_no_other_waiting(desk: Desk) -> None:
    names = ("deliver_webhook", "deliver_webhook", "deliver_webhook", "send_refund", "acquire_payment", "of_tomorrow")
    for number, name in enumerate(names):
        desk.owe(Duty(name, str(number), ""), minutes=-10 + number)
    batches = [desk.claim_due(room) for room in ({Queue.WEBHOOK: 1, Queue.REFUND: 4}, dict.fromkeys(Queue, 5))]
    assert [claim.duty.name for claim in batches[0].claims] == ["deliver_webhook", "send_refund"]
    assert [claim.duty.name for claim in batches[1].claims] == [*names[:2], *names[4:]]


def test_kinds_that_nobody_knows_stand_in_a_queue_of_their_own(desk: Desk) -> None:
    desk.owe(Duty("of_tomorrow", "x", ""))
    assert queue_of("of_tomorrow") is Queue.OTHER
    assert desk.claim_due({Queue.PAYMENT: 9, Queue.OTHER: 0}).claims == []
    assert len(desk.claim_due({Queue.OTHER: 1, Queue.PAYMENT: 0}).claims) == 1


def test_every_kind_of_job_that_is_named_belongs_to_one_of_the_named_queues() -> None:
    assert set(QUEUES.values()) == set(Queue) - {Queue.OTHER}


def test_a_job_at_which_worker_after_worker_dies_is_left_alone_ever_longer(desk: Desk) -> None:
    desk.owe()
    wall, taken = 1000.0, list[int]()
    for _ in range(4):
        claim = desk.claim(Claimant("dies", wall))
        taken.append(-1 if claim is None else claim.crashes)
        wall += store.LEASE_SECONDS
    assert taken == [0, 1, 2, -1]
    assert [(job.due_at, job.lease_owner, job.crashes) for job in desk.jobs()] == [(AT + timedelta(seconds=1), None, 3)]


def test_a_job_whose_worker_starts_again_and_again_is_left_alone_too(desk: Desk) -> None:
    desk.owe()
    for _ in range(3):
        desk.claimed()
        desk.do(lambda session: store.release_all(session, "me", now=AT))
    assert desk.claim() is None
    assert desk.claim(minutes=1) is not None


def test_what_is_handed_back_is_free_at_once_and_counts_as_no_death(desk: Desk) -> None:
    desk.owe()
    claim = desk.claimed()
    desk.do(lambda session: store.hand_back(session, "me", now=AT))
    heir = desk.claimed(OTHER)
    assert (heir.crashes, heir.tries, heir.fence) == (0, 0, claim.fence + 2)
    assert not desk.do(lambda session: store.conclude(session, claim, again_at=None))


def test_a_batch_ends_whole_or_says_that_a_lease_was_lost(desk: Desk) -> None:
    for about in "abcd":
        desk.owe(Duty("fulfil_order", about, ""))
    a, b, c, d = desk.claim_due({Queue.OTHER: 4}).claims
    desk.owe(Duty("fulfil_order", "b", ""), minutes=-1)
    ended = [Ended(a, None), Ended(b, None), Ended(c, AT + timedelta(minutes=3))]
    assert desk.do(lambda session: store.conclude_all(session, ended))
    left = [(job.about, job.due_at - AT, job.tries, job.lease_owner) for job in desk.jobs()]
    assert left == [
        ("b", timedelta(minutes=-1), 0, None),
        ("d", timedelta(0), 0, "me"),
        ("c", timedelta(minutes=3), 1, None),
    ]
    assert not desk.do(lambda session: store.conclude_all(session, [Ended(a, None), Ended(d, None)]))


def test_a_duty_may_forgive_itself_and_another_that_took_it_over_may_not_be_ended_for_it(desk: Desk) -> None:
    desk.owe()
    zombie = desk.claimed()
    heir = desk.claimed(Claimant("heir", 10**12))

    def unit(session: Session) -> list[bool]:
        store.forgive(session, DUTY.name, about=DUTY.about)
        return [store.conclude(session, claim, again_at=AT) for claim in (heir, zombie)]

    assert desk.do(unit) == [True, False]
    assert desk.jobs() == []
