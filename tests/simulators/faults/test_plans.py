"""Faults on notifications: a plan in, a plan out."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.binding import Answer
from simulators.faults import FAULTS
from simulators.faults.fault import Target, in_words
from simulators.faults.plan import Plan
from simulators.faults.reply import Reply
from tests.simulators.faults.spoilt import START, Bench, a_place, a_send, values_of

BENCH = Bench(a_place())


def seconds_of(plan: Plan) -> list[float]:
    return [(send.at - START).total_seconds() for send in plan]


def words_of(plan: Plan) -> list[str]:
    return [", ".join(send.faults) for send in plan]


def test_a_late_notification_leaves_later_and_says_so() -> None:
    send = BENCH.one("late", by_seconds=3600)
    assert (send.at, send.faults) == (START + timedelta(hours=1), ("late 1 h",))


def test_a_dropped_notification_stays_in_the_plan_to_be_journaled() -> None:
    send = BENCH.one("drop")
    assert (send.dropped, send.faults) == (True, ("dropped",))


def test_copies_come_one_after_the_other() -> None:
    plan = BENCH.spoil([a_send()], ("duplicate", {"copies": 3, "every_seconds": 600}))
    assert seconds_of(plan) == [0, 600, 1200]
    assert words_of(plan) == ["duplicate 1 of 3", "duplicate 2 of 3", "duplicate 3 of 3"]
    assert {send.burst for send in plan} == {None}


def test_copies_at_once_are_one_burst_and_a_burst_is_no_other() -> None:
    at_once = BENCH.spoil([a_send()], ("duplicate", {"copies": 4, "at_once": True}))
    burst = BENCH.spoil([a_send()], ("burst", {"copies": 4}))
    for plan in (at_once, burst):
        assert (seconds_of(plan), {send.burst for send in plan}) == ([0] * 4, {0})
    assert words_of(burst)[3] == "burst 4 of 4"


def test_a_replay_is_the_same_bytes_long_after() -> None:
    first, again = BENCH.spoil([a_send()], ("stale_replay", {"after_seconds": 8 * 86_400}))
    assert again.notification is first.notification
    assert (again.at - first.at, again.faults, first.faults) == (
        timedelta(days=8), ("replayed 8 d after the first",), (),
    )  # fmt: skip


def test_faults_of_a_stack_strike_in_the_order_given() -> None:
    late, three = ("late", {"by_seconds": 60}), ("duplicate", {"copies": 3, "every_seconds": 10})
    assert seconds_of(BENCH.spoil([a_send()], late, three)) == [60, 70, 80]
    assert words_of(BENCH.spoil([a_send()], late, three))[1] == "late 1 min, duplicate 2 of 3"
    assert words_of(BENCH.spoil([a_send()], three, late))[1] == "duplicate 2 of 3, late 1 min"
    replayed_then_late = BENCH.spoil([a_send()], ("stale_replay", {"after_seconds": 100}), late)
    assert seconds_of(replayed_then_late) == [60, 160]


def test_tampering_before_copying_makes_copies_of_the_lie() -> None:
    plan = BENCH.spoil([a_send()], ("tamper", {"amount": "half"}), "duplicate", ("late", {"by_seconds": 5}))
    assert len({send.notification.body for send in plan}) == 1
    assert all(b"amount=625.00" in send.notification.body for send in plan)


@pytest.mark.parametrize("again", ["burst", "duplicate"])
def test_copies_of_two_sends_at_once_are_two_bursts_and_copies_of_a_burst_stay_in_it(again: str) -> None:
    given: dict[str, float | bool | str] = {"copies": 2}
    given |= {"at_once": True} if again == "duplicate" else {}
    apart = ("duplicate", {"copies": 2, "every_seconds": 10})
    assert [send.burst for send in BENCH.spoil([a_send()], apart, (again, given))] == [0, 0, 1, 1]
    assert [send.burst for send in BENCH.spoil([a_send()], "burst", (again, given))] == [0] * 20


def test_of_a_window_each_waits_for_the_next_and_the_last_for_none() -> None:
    reorder, values = FAULTS["reorder"], values_of("reorder", {"window": 3, "within_seconds": 600})
    plans = [reorder.spoil([a_send()], values, place=BENCH.place) for _ in range(4)]
    first, second, third, fourth = [plan[0] for plan in plans]
    assert seconds_of([first, second, third, fourth]) == [600, 600, 0, 600]
    assert (first.frees, second.frees, third.frees, fourth.frees) == (None, first.held, second.held, None)
    assert (third.held, third.faults) == (None, ("reordered: 3 of 3",))
    assert first.faults == ("reordered: 1 of 3, waiting 10 min at most to be overtaken",)
    assert None not in {first.held, second.held, fourth.held}
    assert first.held is not None
    first.held.let_go()


def test_two_rules_that_reorder_keep_their_windows_apart() -> None:
    reorder = FAULTS["reorder"]
    mine, yours = values_of("reorder", {}), values_of("reorder", {})
    reorder.spoil([a_send()], mine, place=BENCH.place)
    [first_of_yours] = reorder.spoil([a_send()], yours, place=BENCH.place)
    assert first_of_yours.held is not None


CHEAP = ["late", "drop", "duplicate", "reorder", "stale_replay", "bad_proof", "stale_stamp", "tamper", "other_account"]
GIVEN: dict[str, dict[str, float | bool | str]] = {
    "late": {"by_seconds": 1},
    "stale_replay": {"after_seconds": 1},
    "stale_stamp": {"by_seconds": 1},
    "tamper": {"amount": "+0.01", "currency": "USD"},
}


@given(st.lists(st.sampled_from(CHEAP), max_size=6), st.integers(0, 2**20))
def test_no_stack_loses_a_send_and_one_seed_makes_one_plan(names: list[str], seed: int) -> None:
    stack = [(name, GIVEN.get(name, {})) for name in names]
    plan, again = (Bench(a_place(seed)).spoil([a_send()], *stack) for _ in range(2))
    assert len(plan) == 2 ** (names.count("duplicate") + names.count("stale_replay"))
    assert [(send.at, send.notification, send.faults, send.dropped) for send in plan] == [
        (send.at, send.notification, send.faults, send.dropped) for send in again
    ]
    assert all(send.dropped == ("drop" in names) for send in plan)
    assert all(send.notification.order == "ORDER-1" for send in plan)


def test_faults_on_answers_let_plans_be() -> None:
    for fault in FAULTS.values():
        if fault.target is Target.ANSWER:
            plan = [a_send()]
            assert fault.spoil(plan, values_of(*settled(fault.name)), place=BENCH.place) is plan


def settled(name: str) -> tuple[str, dict[str, float | bool | str]]:
    needed: dict[str, dict[str, float | bool | str]] = {
        "delay": {"by_seconds": 1}, "status": {"code": 500}, "wrong_length": {"by": 1}, "content_type": {"as": "a/b"},
    }  # fmt: skip
    return name, GIVEN.get(name) or needed.get(name, {})


async def test_faults_let_be_what_they_are_not_aimed_at() -> None:
    struck: Any = None
    reply = Reply(Answer.text(200, "ok"))
    for fault in FAULTS.values():
        if fault.target is Target.NOTIFICATION:
            values = values_of(*settled(fault.name))
            assert await fault.before_work(struck, values) is None
            assert await fault.after_work(struck, reply, values=values) is reply


def test_spans_are_worded_for_people() -> None:
    said = [in_words(seconds) for seconds in (0, 0.25, 59, 60, 90, 3600, 3660, 86_400 + 1.5)]
    assert said == ["0 s", "0.25 s", "59 s", "1 min", "1 min 30 s", "1 h", "1 h 1 min", "1 d 1.5 s"]
