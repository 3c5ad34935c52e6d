"""Verdicts and exit codes."""

import pytest

from scenarios.verdicts import Verdict, exit_code

KEPT, BROKEN, INCONCLUSIVE = Verdict.KEPT, Verdict.BROKEN, Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([KEPT, KEPT], 0),
        ([KEPT, BROKEN], 1),
        ([BROKEN, INCONCLUSIVE], 1),
        ([KEPT, INCONCLUSIVE], 2),
        ([], 2),
    ],
)
def test_exit_code_follows_the_worst_verdict(verdicts: list[Verdict], code: int) -> None:
    assert exit_code(verdicts) == code


def test_each_verdict_has_words_and_a_mark_of_its_own() -> None:
    assert [verdict.words for verdict in Verdict] == ["kept", "broken", "could not tell"]
    assert len({verdict.mark for verdict in Verdict}) == len(Verdict)
