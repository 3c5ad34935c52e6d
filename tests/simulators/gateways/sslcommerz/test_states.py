"""The session's lifecycle as a table, and the account's settings of it."""

import pytest

from simulators.errors import NoSuchThing, NotPossible, SettingsError
from simulators.gateways.sslcommerz.memory import Memory
from simulators.gateways.sslcommerz.settings import read_settings
from simulators.gateways.sslcommerz.states import SessionEvent, SessionState, advance, convert, is_final
from simulators.money import Money

TABLE = """
            paid   declined  cancelled  abandoned    timed_out  validated  refused
PENDING     VALID  FAILED    CANCELLED  UNATTEMPTED  EXPIRED    -          -
VALID       -      -         -          -            -          VALIDATED  FAILED
VALIDATED   -      -         -          -            -          VALIDATED  FAILED
FAILED      -      -         -          -            -          -          -
CANCELLED   -      -         -          -            -          -          -
UNATTEMPTED -      -         -          -            -          -          -
EXPIRED     -      -         -          -            -          -          -
"""
EVENTS, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [(row[0], event, after) for row in ROWS for event, after in zip(EVENTS, row[1:], strict=True)]


@pytest.mark.parametrize(("before", "event", "after"), CELLS)
def test_a_session_moves_as_the_table_says(before: str, event: str, after: str) -> None:
    state, happened = SessionState(before), SessionEvent(event)
    if after == "-":
        with pytest.raises(NotPossible, match=f"the session is {before}"):
            advance(state, happened)
    else:
        assert advance(state, happened) is SessionState(after)


def test_the_table_is_complete() -> None:
    assert len(CELLS) == len(SessionState) * len(SessionEvent)
    assert [state.value for state in SessionState if not is_final(state)] == ["PENDING"]


def test_another_currency_becomes_taka_at_its_rate() -> None:
    # The figures of vector V4 (fact sheet section 6).
    assert convert(Money(1_000, "USD"), {"USD": "121.6000"}) == (Money(121_600, "BDT"), "121.6000")
    assert convert(Money(1_000, "BDT"), {}) == (Money(1_000, "BDT"), "1.0000")
    assert convert(Money(1_000, "CHF"), {}) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"session_secs": 5}, "session_secs"),
        ({"session_seconds": 0}, "session_seconds"),
        ({"session_seconds": "soon"}, "session_seconds"),
        ({"rates": {"USD": "121.6"}}, "rates"),
        ({"ipn_retries": 1_000}, "ipn_retries"),
    ],
)
def test_a_wrong_setting_is_named_with_what_there_is(given: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as wrong:
        read_settings(given)
    assert "there are session_seconds, expiry_sends_ipn" in str(wrong.value)


def test_a_session_that_nobody_opened_is_not_found() -> None:
    with pytest.raises(NoSuchThing, match="the latest orders are none"):
        Memory().get(key="ABC", tran_id=None)
    with pytest.raises(NoSuchThing):
        Memory().get(key=None, tran_id="A-1")
    with pytest.raises(NoSuchThing):
        Memory().get(key=None, tran_id=None)
