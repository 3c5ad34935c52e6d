"""What a terminal and a log of CI show."""

import io

from rich.console import Console

from scenarios.reports.console_report import ConsoleReport
from tests.scenarios.reports.run import events_of, feed, three_ends


def printed(*, terminal: bool) -> str:
    written = io.StringIO()
    feed(
        ConsoleReport(Console(file=written, force_terminal=terminal, width=80, color_system=None, legacy_windows=False))
    )
    return written.getvalue()


def test_where_no_terminal_is_each_scenario_is_a_line_without_colour_or_movement() -> None:
    lines = printed(terminal=False).splitlines()

    assert lines[0] == "3 scenarios"
    assert "● kept            The good story  7 d virtual, 0.25 s wall" in lines
    assert "▲ broken          The bad story  7 d virtual, 0.25 s wall" in lines
    assert "◆ could not tell  The odd story  0 s virtual, 0.25 s wall" in lines
    assert lines[-1] == "1 kept, 1 broken, 1 could not tell · 14 d virtual, 1.50 s wall"
    assert "\x1b" not in "".join(lines)


def test_a_failure_shows_expected_seen_place_and_the_command_that_repeats_it() -> None:
    lines = printed(terminal=False).splitlines()

    assert "  expected  exactly 1" in lines
    assert "  seen      2 <b>effects</b> & a \\x00" in lines
    assert "  asked in  library/bad.yaml:7" in lines
    assert "  repeat    gatewright run --seed 1 library/late.yaml" in lines


def test_a_failure_shows_both_journals_up_to_the_place_where_it_was_found() -> None:
    lines = printed(terminal=False).splitlines()
    here = lines.index("  ▲ here")

    around = lines[lines.index("  both journals around it") + 1 : here]

    assert len(around) == 8
    told = "+1 h simulators server ⇥ provisioning POST /story/provision 200 OK ⚡ answer lost after the work"
    assert " ".join(around[-1].split()) == told
    assert any("payment PENDING → CAPTURED" in line for line in around)
    assert {"server", "simulators"} <= {word for line in around for word in line.split()}


def test_a_terminal_shows_the_step_at_work_and_leaves_none_of_it_behind() -> None:
    text = printed(terminal=True)

    assert "○ The good story  step 1 of 1, expect  +0 s" in text
    assert text.rstrip().endswith("1 kept, 1 broken, 1 could not tell · 14 d virtual, 1.50 s wall")


def test_a_run_that_is_broken_off_leaves_the_terminal_as_it_was() -> None:
    written = io.StringIO()
    report = ConsoleReport(Console(file=written, force_terminal=True, width=80, legacy_windows=False))
    for event in list(events_of(*three_ends()))[:3]:
        report.take(event)

    report.close()

    assert written.getvalue().count("\x1b[?25l") == written.getvalue().count("\x1b[?25h")
