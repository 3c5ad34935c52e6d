"""Whatever the instants at which somebody asks, no span of the rule's length holds more than the rule lets through."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_server.door.spans import PIECES, Spans, Taken
from tests.counts import large

SPAN_US = 60_000_000
PIECE_US = SPAN_US // PIECES
# Close together, a piece apart, and as far as a span: where a rule could be cut wrongly.
GAPS = st.one_of(
    st.integers(0, 3),
    st.sampled_from([PIECE_US - 1, PIECE_US, PIECE_US + 1, SPAN_US - 1, SPAN_US, SPAN_US + 1]),
    st.integers(0, 2 * PIECE_US),
    st.integers(0, SPAN_US),
)


def asked_at(instants: Sequence[int], *, most: int) -> list[Taken]:
    spans = Spans(counted_max=1)
    return [spans.take("a", most, span_us=SPAN_US, now_us=now_us) for now_us in instants]


def instants_of(gaps: Sequence[int]) -> list[int]:
    return [sum(gaps[: number + 1]) for number in range(len(gaps))]


@settings(max_examples=large(3_000))
@given(st.lists(GAPS, min_size=1, max_size=60), st.integers(1, 8))
def test_no_span_holds_more_than_the_rule_lets_through(gaps: list[int], most: int) -> None:
    instants = instants_of(gaps)
    let = [at for at, taken in zip(instants, asked_at(instants, most=most), strict=True) if taken.is_let]
    for first in let:
        assert sum(first <= at < first + SPAN_US for at in let) <= most


@settings(max_examples=large(3_000))
@given(st.lists(GAPS, min_size=1, max_size=60), st.integers(1, 8))
def test_nobody_is_refused_who_asked_less_often_within_a_span_and_a_piece(gaps: list[int], most: int) -> None:
    instants = instants_of(gaps)
    let: list[int] = []
    for at, taken in zip(instants, asked_at(instants, most=most), strict=True):
        if not taken.is_let:
            assert sum(at - SPAN_US - PIECE_US < earlier for earlier in let) >= most
        else:
            let.append(at)


@settings(max_examples=large(3_000))
@given(st.lists(GAPS, min_size=1, max_size=40), st.integers(1, 8))
def test_whoever_waits_as_long_as_is_told_is_let_through(gaps: list[int], most: int) -> None:
    spans, now_us = Spans(counted_max=1), 0
    for gap in gaps:
        now_us += gap
        taken = spans.take("a", most, span_us=SPAN_US, now_us=now_us)
        if not taken.is_let:
            assert 0 < taken.free_in_us <= SPAN_US
            assert not spans.take("a", most, span_us=SPAN_US, now_us=now_us + taken.free_in_us - 1).is_let
            now_us += taken.free_in_us
            assert spans.take("a", most, span_us=SPAN_US, now_us=now_us).is_let


@pytest.mark.parametrize("most", [1, 100])
def test_a_burst_over_the_end_of_a_minute_has_the_rule_once(most: int) -> None:
    burst = [SPAN_US - 1] * most + [SPAN_US + 1] * most
    # The first of all has left by then.
    assert sum(taken.is_let for taken in asked_at([0, *burst], most=most)) == most + 1


def test_a_clock_that_is_set_back_shuts_nobody_out_for_longer_than_a_span() -> None:
    later, year_us = 10 * SPAN_US, 365 * 24 * 60 * SPAN_US
    behind = asked_at([later, later - SPAN_US, later - SPAN_US - 1], most=1)
    assert [taken.is_let for taken in behind] == [True, False, True]
    assert [taken.is_let for taken in asked_at([year_us, 0, 1], most=1)] == [True, True, False]
