"""The stretch of both journals around a finding."""

from datetime import timedelta

from scenarios.exchanges import Actor
from scenarios.reports.journals import LINES_AFTER, LINES_BEFORE, journal_lines, lines_around
from tests.scenarios.told import START, Wire, a_finding, an_end

WAY = (Actor.SERVER, Actor.GATEWAY)


def a_wire(*hours: int) -> Wire:
    """Write a call at each hour: two lines each, of the sender and of the receiver."""
    wire = Wire()
    for hour in hours:
        wire.at = START + timedelta(hours=hour)
        wire.call(WAY, f"GET /{hour}")
    return wire


def around(wire: Wire, *, hour: int | None = None, place: int | None = None) -> tuple[list[str], list[str]]:
    at = None if hour is None else START + timedelta(hours=hour)
    before, after = lines_around(journal_lines(an_end(wire.exchanges)), a_finding(at=at, place=place))
    return [line.when for line in before], [line.when for line in after]


def test_a_finding_stands_behind_all_of_its_instant_and_before_what_followed() -> None:
    assert around(a_wire(0, 1, 2), hour=1) == (["+0 s", "+0 s", "+1 h", "+1 h"], ["+2 h", "+2 h"])


def test_a_finding_with_a_place_stands_between_exchanges_of_one_instant() -> None:
    wire = a_wire(1, 1, 2)

    assert around(wire, hour=1, place=wire.exchanges[2].order) == (["+1 h", "+1 h"], ["+1 h", "+1 h", "+2 h", "+2 h"])


def test_a_finding_without_an_instant_stands_at_the_end() -> None:
    assert around(a_wire(0, 1)) == (["+0 s", "+0 s", "+1 h", "+1 h"], [])


def test_only_the_nearest_lines_are_shown() -> None:
    before, after = around(a_wire(*range(20)), hour=9)

    assert (len(before), len(after)) == (LINES_BEFORE, LINES_AFTER)
    assert (before[-1], after[0]) == ("+9 h", "+10 h")


def test_a_line_reads_as_one_sentence_of_its_parts() -> None:
    line, _ = journal_lines(an_end(a_wire(0).exchanges))

    assert str(line) == "+0 s  server  server → gateway  GET /0  200 OK"
