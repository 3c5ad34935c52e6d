"""What the runner concludes when a story cannot be told, or tells of something broken."""

from pathlib import Path

import pytest

from scenarios.conductor import Caps
from scenarios.loader import load
from scenarios.verdicts import Verdict
from tests.wire.telling import Told, tell

HEAD = "version: 1\nname: A story\ndescription: What it guards.\ngateway: sslcommerz\nsteps:\n"


async def told(folder: Path, steps: str, *, finally_: str = "", head: str = HEAD, caps: Caps | None = None) -> Told:
    file = folder / "story.yaml"
    file.write_text(f"{head}{steps}{finally_}")
    return await tell(load([file])[0], caps=caps)


async def test_a_claim_that_does_not_hold_breaks_the_story_and_says_how_to_repeat_it(tmp_path: Path) -> None:
    ended = (await told(tmp_path, '  - open_payment: {amount: "10.00"}\n  - expect: {status: SUCCESS}\n')).ended

    assert ended.verdict is Verdict.BROKEN
    assert (ended.findings[0].title, ended.findings[0].expected) == ("status of the payment", "SUCCESS")
    assert ended.findings[0].seen.startswith("PENDING")
    assert ended.findings[0].repeat == f"gatewright run --seed {ended.seed} {tmp_path / 'story.yaml'}"


async def test_a_last_expectation_sees_what_came_after_the_last_step(tmp_path: Path) -> None:
    steps = (
        '  - open_payment: {amount: "10.00"}\n  - pay: {returns: false}\n  - expect: {within: 1m, status: SUCCESS}\n'
    )
    ended = (await told(tmp_path, steps, finally_="finally:\n  - {provisioned: 2}\n")).ended

    assert [(one.title, one.seen) for one in ended.findings] == [("provisionings done", "1")]


async def test_a_step_that_cannot_be_done_makes_the_story_inconclusive(tmp_path: Path) -> None:
    ended = (await told(tmp_path, "  - pay\n")).ended

    assert ended.verdict is Verdict.INCONCLUSIVE
    assert "no payment was opened" in ended.findings[0].seen


async def test_sides_that_never_rest_make_the_story_inconclusive(tmp_path: Path) -> None:
    ended = (await told(tmp_path, '  - open_payment: {amount: "10.00"}\n', caps=Caps(real_seconds=0))).ended

    assert ended.verdict is Verdict.INCONCLUSIVE


async def test_a_setting_of_the_server_is_named_as_its_environment_variable_is(tmp_path: Path) -> None:
    head = HEAD.replace("steps:", "settings: {server: {SESSION_MINUTES: 1}}\nsteps:")
    steps = '  - open_payment: {amount: "10.00"}\n  - advance: 2m\n  - expect: {state: EXPIRED}\n'

    assert (await told(tmp_path, steps, head=head)).broken == []


@pytest.mark.parametrize("placement", ["here", "own process"])
async def test_a_setting_that_the_server_has_not_makes_the_story_inconclusive(tmp_path: Path, placement: str) -> None:
    settings = f"server: {placement}\nsettings: {{server: {{SESION_MINUTES: 1, LATE_CAPTURE: sometimes}}}}\nsteps:"
    ended = (await told(tmp_path, "  - quiesce\n", head=HEAD.replace("steps:", settings))).ended

    assert ended.verdict is Verdict.INCONCLUSIVE
    assert "SESION_MINUTES: Extra inputs are not permitted" in ended.findings[0].seen
    assert "LATE_CAPTURE: Input should be 'accept', 'review' or 'refund'" in ended.findings[0].seen
