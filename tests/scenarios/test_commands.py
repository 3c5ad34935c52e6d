"""Which scenarios a run takes, and what it says when none is left or a URL cannot be."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from scenarios.cli import app
from scenarios.commands import Wanted
from scenarios.repeating import repeat_command
from tests.scenarios.told import a_scenario


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (Wanted(()), True),
        (Wanted((), tags=("late", "other")), True),
        (Wanted((), tags=("other",)), False),
        (Wanted((), names=("hour LATE",)), True),
        (Wanted((), names=("nothing", "late")), True),
        (Wanted((), tags=("late",), names=("nothing",)), False),
    ],
)
def test_tags_and_words_of_the_name_choose(wanted: Wanted, *, taken: bool) -> None:
    assert wanted.has(a_scenario()) is taken


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tag", "lat"], "no scenario has the tag lat; did you mean `late`?"),
        (["-k", "no such story"], "holds 'no such story'"),
        (["--url", "server=http://127.0.0.1:9"], "--url simulators=http://HOST:PORT is missing"),
        (["--url", "gateway=http://127.0.0.1:9"], "write server=http://HOST:PORT"),
        (["--url", "server=https://127.0.0.1:9"], "write server=http://HOST:PORT"),
    ],
)
def test_what_cannot_be_run_ends_with_2_and_says_why(arguments: list[str], words: str) -> None:
    done = CliRunner().invoke(app, ["run", *arguments])

    assert done.exit_code == 2
    assert words in done.output


def test_the_command_that_repeats_names_the_row_of_a_table() -> None:
    scenario = a_scenario(name="It's late (seed 3)")

    assert repeat_command(scenario, 3) == "gatewright run --seed 3 library/late.yaml"
    again = repeat_command(replace(scenario, row=2), 3)
    assert again == "gatewright run --seed 3 library/late.yaml --only 'It'\"'\"'s late'"
