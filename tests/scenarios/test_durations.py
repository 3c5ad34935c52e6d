"""Durations and instants as they are written and told."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.durations import DURATION_MAX, is_duration, is_instant, parse_duration, render_duration

WRITTEN = {
    "0s": timedelta(),
    "250ms": timedelta(milliseconds=250),
    "5s": timedelta(seconds=5),
    "10m": timedelta(minutes=10),
    "1h": timedelta(hours=1),
    "2d": timedelta(days=2),
    "1h30m": timedelta(minutes=90),
    "1h 30m": timedelta(minutes=90),
    "1.5h": timedelta(minutes=90),
    "0.000001s": timedelta(microseconds=1),
    "36525d": DURATION_MAX,
}
READ = {
    "0 s": timedelta(),
    "0.25 s": timedelta(milliseconds=250),
    "5 s": timedelta(seconds=5),
    "1 h 5 s": timedelta(hours=1, seconds=5),
    "2 d 3 h 4 min 5.5 s": timedelta(days=2, hours=3, minutes=4, seconds=5.5),
    "−1 min": timedelta(minutes=-1),
}


@pytest.mark.parametrize(("text", "duration"), WRITTEN.items())
def test_a_written_duration_is_read_as_its_length(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "1", "h", "1 hour", "-1h", "1h-", "1h\n", "٣h", "1..5h", " 1h", "1e3s"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    assert not is_duration(text)
    with pytest.raises(ValueError, match="write one such as 1h"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["36526d", "999999999d", "999999999d" * 50])
def test_more_than_a_hundred_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than a hundred years"):
        parse_duration(text)


@pytest.mark.parametrize(("text", "duration"), READ.items())
def test_a_duration_is_told_in_words_without_empty_parts(text: str, duration: timedelta) -> None:
    assert render_duration(duration) == text


@given(st.timedeltas(min_value=timedelta(), max_value=DURATION_MAX))
def test_what_is_told_can_be_read_back(duration: timedelta) -> None:
    assert parse_duration(render_duration(duration).replace(" min", "m").replace(" ", "")) == duration


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2026-01-01T00:00:00Z", True),
        ("2026-01-01T00:00:00.5+06:00", True),
        ("2026-01-01T00:00:00", False),
        ("2026-02-30T00:00:00Z", False),
        ("9999-12-31T00:00:00Z", False),
        ("1969-12-31T23:59:59Z", False),
        ("yesterday", False),
    ],
)
def test_an_instant_has_its_offset_and_lies_where_sums_cannot_overflow(text: str, right: bool) -> None:  # noqa: FBT001  a table row
    assert is_instant(text) is right
