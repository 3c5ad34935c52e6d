"""A commit that was cut off may have been made: nobody is told to ask again, and it is never made again by itself."""

import pytest

from reference_server.engines.refusals import Try, cure_of

CUT_OFF = (ConnectionResetError(), TimeoutError(), OSError("no route"))


@pytest.mark.parametrize("error", CUT_OFF, ids=lambda error: type(error).__name__)
def test_a_commit_that_was_cut_off_is_told_as_unknown(error: Exception) -> None:
    cure = cure_of(error, Try(is_connected=True, is_committing=True))
    assert cure.tries_max == 1
    assert cure.refusal is not None
    assert "not known" in cure.refusal.message


@pytest.mark.parametrize("error", CUT_OFF, ids=lambda error: type(error).__name__)
def test_before_the_commit_it_is_known_that_nothing_was_made(error: Exception) -> None:
    cure = cure_of(error, Try(is_connected=True))
    assert cure.refusal is not None
    assert "not known" not in cure.refusal.message
