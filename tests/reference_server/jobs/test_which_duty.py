"""A duty is one by its name and what it is about: what is so of one is not so of its neighbours."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from itertools import product

from sqlmodel import Session

from reference_server.database import aftermath_of
from reference_server.jobs import store
from reference_server.jobs.store import Claim, Duty
from tests.reference_server.engine import placed_url
from tests.reference_server.jobs.test_jobs import AT, ME, Desk

NAMES, ABOUT = ("acquire_payment", "lapse_hold"), ("pay_1", "pay_2")
DUTIES = [Duty(name, about, "GW1") for name, about in product(NAMES, ABOUT)]
ONE = DUTIES[0]


@contextmanager
def full_desk() -> Generator[Desk]:
    """Open a desk where every duty is owed."""
    with ExitStack() as until:
        desk = Desk(placed_url("sqlite://", until=until))
        until.callback(desk.database.close)
        for duty in DUTIES:
            desk.owe(duty)
        yield desk


def test_only_the_duty_that_somebody_took_is_begun_and_under_way() -> None:
    with full_desk() as desk:
        assert desk.do(lambda session: store.claim_duty(session, ONE, ME)) is not None
        begun = [desk.do(partial(store.was_begun, name=duty.name, about=duty.about)) for duty in DUTIES]
        under_way = [desk.do(partial(store.is_under_way, name=duty.name, about=duty.about)) for duty in DUTIES]
    assert begun == under_way == [True, False, False, False]


def test_what_is_put_off_was_begun_and_is_not_under_way() -> None:
    with full_desk() as desk:
        claim = desk.do(lambda session: store.claim_duty(session, ONE, ME))
        assert claim is not None
        desk.do(lambda session: store.conclude(session, claim, again_at=AT))
        assert desk.do(lambda session: store.was_begun(session, ONE.name, about=ONE.about))
        assert not desk.do(lambda session: store.is_under_way(session, ONE.name, about=ONE.about))


def test_what_is_forgiven_leaves_every_other_duty() -> None:
    with full_desk() as desk:
        desk.do(lambda session: store.forgive(session, ONE.name, about=ONE.about))
        owed = {(job.name, job.about) for job in desk.jobs()}
    assert owed == {(duty.name, duty.about) for duty in DUTIES[1:]}


def test_who_hands_back_has_others_woken_where_something_was_held() -> None:
    def hand_back(session: Session) -> datetime | None:
        store.hand_back(session, ME.worker, now=AT)
        return aftermath_of(session).first_due_at

    with full_desk() as desk:
        assert desk.do(hand_back) is None
        desk.do(lambda session: store.claim_duty(session, ONE, ME))
        assert desk.do(hand_back) == AT
        assert desk.do(hand_back) is None


def test_what_is_owed_anew_while_somebody_is_at_it_begins_without_tries_and_crashes() -> None:
    def claimed() -> Claim:
        claim = desk.do(lambda session: store.claim_duty(session, ONE, ME))
        assert claim is not None
        return claim

    with full_desk() as desk:
        tried = claimed()
        desk.do(lambda session: store.conclude(session, tried, again_at=AT))
        raised = claimed()
        desk.do(lambda session: store.postpone(session, raised, again_at=AT))
        last = claimed()
        assert (last.tries, last.crashes) == (1, 1)
        desk.owe(ONE)
        desk.do(lambda session: store.conclude(session, last, again_at=None))
        anew = claimed()
        assert (anew.tries, anew.crashes) == (0, 0)
