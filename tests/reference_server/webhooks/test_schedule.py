"""When a delivery is attempted again, in the seconds of document 001: written out here, not read from the code."""

from datetime import UTC, datetime, timedelta

import pytest

from reference_server.webhooks.schedule import TEST_GAPS, Schedule, no_jitter

BEGUN = datetime(2030, 1, 1, tzinfo=UTC)


def waited(schedule: Schedule, attempts: int, *, asked: float | None = None) -> float | None:
    """Return the seconds from the start of the last attempt to the next; `asked` counts from there, too."""
    wanted = None if asked is None else BEGUN + timedelta(seconds=asked)
    due = schedule.next_attempt_at(attempts, begun_at=BEGUN, asked=wanted)
    return None if due is None else (due - BEGUN).total_seconds()


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [(Schedule(), (0, 60, 300, 1_800, 7_200)), (Schedule(TEST_GAPS), (0, 5, 10, 15, 20))],
    ids=["document 001", "for tests"],
)
def test_the_gaps_are_the_documents_and_end_after_five_attempts(schedule: Schedule, seconds: tuple[int, ...]) -> None:
    assert [waited(schedule, attempts) for attempts in range(6)] == [*seconds, None]


@pytest.mark.parametrize(("share", "seconds"), [(0.0, 60), (0.1, 66), (1.0, 120)])
def test_jitter_makes_a_gap_longer_by_its_share(share: float, seconds: int) -> None:
    assert waited(Schedule(draw_jitter=lambda: share), 1) == seconds


def test_no_jitter_adds_nothing() -> None:
    assert no_jitter() == 0


@pytest.mark.parametrize(
    ("asked", "seconds"), [(-9, 60), (59, 60), (60, 60), (61, 61), (7_199, 7_199), (7_200, 7_200), (7_201, 7_200)]
)
def test_a_receiver_may_ask_for_a_longer_wait_up_to_two_hours(asked: int, seconds: int) -> None:
    assert waited(Schedule(), 1, asked=asked) == seconds


def test_what_a_receiver_asks_never_makes_the_longest_gap_shorter() -> None:
    assert waited(Schedule(draw_jitter=lambda: 0.5), 4, asked=9_999) == 10_800
