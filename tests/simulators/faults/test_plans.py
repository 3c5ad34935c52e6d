"""Faults on notifications: a plan in, a plan out."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.binding import Answer
from simulators.faults import FAULTS
from simulators.faults.fault import Plan, PlannedSend, Target, Values, in_words
from simulators.gateways.gateway import Notification

START = datetime(2031, 5, 1, tzinfo=UTC)
A_SEND = PlannedSend(START, Notification("ipn", "A-1", "http://shop.test/ipn", b"a=1", "text/plain", 5))


def spoil(plan: Plan, *faults: tuple[str, Values]) -> Plan:
    for name, values in faults:
        plan = FAULTS[name].spoil(plan, values)
    return plan


def seconds_of(plan: Plan) -> list[float]:
    return [(send.at - START).total_seconds() for send in plan]


def test_a_late_notification_leaves_later_and_says_so() -> None:
    [send] = spoil([A_SEND], ("late", {"by_seconds": 3600}))
    assert (send.at, send.faults) == (START + timedelta(hours=1), ("late 1 h",))


def test_a_dropped_notification_stays_in_the_plan_to_be_journaled() -> None:
    [send] = spoil([A_SEND], ("drop", {}))
    assert (send.dropped, send.faults) == (True, ("dropped",))


def test_copies_come_one_after_the_other() -> None:
    plan = spoil([A_SEND], ("duplicate", {"copies": 3, "every_seconds": 600, "at_once": False}))
    assert seconds_of(plan) == [0, 600, 1200]
    assert [send.faults for send in plan] == [("duplicate 1 of 3",), ("duplicate 2 of 3",), ("duplicate 3 of 3",)]
    assert {send.burst for send in plan} == {None}


def test_copies_at_once_are_one_burst() -> None:
    plan = spoil([A_SEND], ("duplicate", {"copies": 4, "every_seconds": 0, "at_once": True}))
    assert (seconds_of(plan), {send.burst for send in plan}) == ([0] * 4, {0})


def test_late_and_duplicate_stack_in_the_order_given() -> None:
    late, three = ("late", {"by_seconds": 60}), ("duplicate", {"copies": 3, "every_seconds": 10, "at_once": False})
    assert seconds_of(spoil([A_SEND], late, three)) == [60, 70, 80]
    assert spoil([A_SEND], late, three)[1].faults == ("late 1 min", "duplicate 2 of 3")
    assert spoil([A_SEND], three, late)[1].faults == ("duplicate 2 of 3", "late 1 min")


def test_copies_of_two_plans_at_once_are_two_bursts_and_copies_of_a_burst_stay_in_it() -> None:
    apart = ("duplicate", {"copies": 2, "every_seconds": 10, "at_once": False})
    at_once = ("duplicate", {"copies": 2, "every_seconds": 0, "at_once": True})
    assert [send.burst for send in spoil([A_SEND], apart, at_once)] == [0, 0, 1, 1]
    assert [send.burst for send in spoil([A_SEND], at_once, at_once)] == [0, 0, 0, 0]


@given(st.lists(st.sampled_from(["late", "drop", "twice"]), max_size=6))
def test_no_stack_of_faults_loses_bytes_or_count(names: list[str]) -> None:
    known: dict[str, tuple[str, Values]] = {
        "late": ("late", {"by_seconds": 1}),
        "drop": ("drop", {}),
        "twice": ("duplicate", {"copies": 2, "every_seconds": 0, "at_once": False}),
    }
    plan = spoil([A_SEND], *(known[name] for name in names))
    assert len(plan) == 2 ** names.count("twice")
    assert all(send.notification is A_SEND.notification and len(send.faults) == len(names) for send in plan)


def test_faults_on_answers_let_plans_be() -> None:
    for fault in FAULTS.values():
        if fault.target is Target.ANSWER:
            assert list(fault.spoil([A_SEND], {"by_seconds": 1})) == [A_SEND]


async def test_faults_let_be_what_they_are_not_aimed_at() -> None:
    struck: Any = None
    answer = Answer.text(200, "ok")
    for fault in FAULTS.values():
        if fault.target is Target.NOTIFICATION:
            assert await fault.before_work(struck, {}) is None
            assert await fault.after_work(struck, answer, values={}) is answer
        else:
            assert fault.contradiction({}) is None
    assert await FAULTS["delay"].before_work(struck, {}) is None
    assert await FAULTS["reset_before_work"].after_work(struck, answer, values={}) is answer


def test_spans_are_worded_for_people() -> None:
    said = [in_words(seconds) for seconds in (0, 0.25, 59, 60, 90, 3600, 3660, 86_400 + 1.5)]
    assert said == ["0 s", "0.25 s", "59 s", "1 min", "1 min 30 s", "1 h", "1 h 1 min", "1 d 1.5 s"]
