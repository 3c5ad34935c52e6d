"""Long flows made short: bursts as one arrow with its count, a window around what broke, faults told once."""

from dataclasses import replace
from datetime import timedelta

from scenarios.exchanges import Actor, Kind
from scenarios.reports.flow import Answered, Broken, Changed, Sent, tell_flow
from scenarios.reports.folding import MOMENTS_MAX, fold_bursts, fold_faults, window
from scenarios.verdicts import Verdict
from tests.scenarios.told import START, Wire, a_change, a_finding, an_end

WAY = (Actor.GATEWAY, Actor.SERVER)


def a_burst(count: int, *, odd_status: int = 200) -> Wire:
    """Write so many copies at one instant, of which the third changes something and the last is answered otherwise."""
    wire = Wire()
    told = {"kind": Kind.NOTIFICATION, "operation": "ipn"}
    sent = [
        wire.begin(WAY, "POST /ipn", **told, faults=("late 1 h", f"duplicate {number} of {count}"))
        for number in range(1, count + 1)
    ]
    for number, one in enumerate(sent, start=1):
        changes = (a_change("PENDING", "CAPTURED"),) if number == 3 else ()
        wire.end(wire.take(one), one, status=odd_status if number == count else 200, changes=changes)
    return wire


def test_a_burst_is_one_arrow_that_says_how_many_and_keeps_its_change() -> None:
    flow = fold_bursts(tell_flow(an_end(a_burst(50).exchanges)))

    (sent,) = [one for one in flow.moments if isinstance(one, Sent)]
    assert sent.arrow.call_faults == ("late 1 h", "50 at one instant")
    assert sum(isinstance(one, Answered) for one in flow.moments) == 1
    assert sum(isinstance(one, Changed) for one in flow.moments) == 1


def test_a_copy_that_was_answered_otherwise_keeps_its_own_arrow() -> None:
    flow = fold_bursts(tell_flow(an_end(a_burst(50, odd_status=500).exchanges)))

    answers = [one.arrow.answer for one in flow.moments if isinstance(one, Answered)]
    assert sorted(answer.status for answer in answers if answer) == [200, 500]


def test_a_few_copies_are_told_one_by_one() -> None:
    told = tell_flow(an_end(a_burst(3).exchanges))

    assert fold_bursts(told) == told


def test_a_long_flow_is_cut_to_a_window_that_shows_the_break() -> None:
    wire = Wire()
    for _ in range(MOMENTS_MAX):
        wire.later(seconds=1).call((Actor.MERCHANT, Actor.SERVER), "GET /payment/status/1")
    broken = a_finding(at=START + timedelta(seconds=MOMENTS_MAX))
    told = tell_flow(an_end(wire.exchanges, findings=(broken,), verdict=Verdict.BROKEN))

    flow, left_out = window(told)

    assert len(flow.moments) == MOMENTS_MAX
    assert left_out == len(told.moments) - MOMENTS_MAX
    assert any(isinstance(one, Broken) for one in flow.moments)


def test_a_short_flow_is_left_whole() -> None:
    told = tell_flow(an_end(a_burst(3).exchanges))

    assert window(told) == (told, 0)


def test_numbered_faults_are_told_once_with_their_count() -> None:
    burst = [(START, f"duplicate {number} of 50") for number in range(1, 51)]
    spread = [(START + timedelta(hours=number), f"duplicate {number} of 3") for number in range(1, 4)]

    told = fold_faults([*burst, *spread, (START, "never answered"), (START, "never answered")])

    assert told == ("duplicate × 50 at one instant", "duplicate × 3", "never answered")


def test_folding_changes_no_record() -> None:
    told = tell_flow(an_end(a_burst(50).exchanges))

    assert fold_bursts(told).arrows == replace(told).arrows
