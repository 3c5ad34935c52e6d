"""What stands around operations and jobs counts how each came out, and changes nothing of it."""

import pytest

from contracts.binding import Answer, NoAnswer, Refusal, RefusalKind
from reference_server.jobs.store import Claim
from reference_server.jobs.worker import Conclusion
from reference_server.operating.measuring import measure_jobs, measure_operations, measure_refusals
from reference_server.operating.meters import Meters
from tests.reference_server.apis.test_door import a_call, raising
from tests.reference_server.operating.shown import seen

CLAIM: Claim = None  # pyright: ignore[reportAssignmentType]  # nobody looks at it


def shown(meters: Meters) -> str:
    return meters.render(seen()).decode()


async def conclude_nothing(claim: Claim) -> Conclusion:
    return lambda session: None


async def break_down(claim: Claim) -> Conclusion:
    raise ZeroDivisionError


async def test_a_job_that_raised_is_told_from_one_that_did_not() -> None:
    meters = Meters()
    functions = measure_jobs({"well": conclude_nothing, "ill": break_down}, meters)
    await functions["well"](CLAIM)
    with pytest.raises(ZeroDivisionError):
        await functions["ill"](CLAIM)
    told = shown(meters)
    assert 'gatewright_job_runs_total{job="well",outcome="done"} 1.0' in told
    assert 'gatewright_job_runs_total{job="ill",outcome="raised"} 1.0' in told
    assert 'gatewright_job_run_seconds_count{job="ill"} 1.0' in told


@pytest.mark.parametrize(("answer", "status"), [(Answer(201), 201), (NoAnswer(), 0), (None, 0)])
async def test_an_operation_is_counted_by_its_status_however_it_ends(
    answer: Answer | NoAnswer | None, status: int
) -> None:
    meters = Meters()

    async def proceed() -> Answer | NoAnswer:
        return answer if answer is not None else await raising(ZeroDivisionError())()

    measured = measure_operations(lambda call, go_on: go_on(), meters)
    if answer is None:
        with pytest.raises(ZeroDivisionError):
            await measured(a_call(), proceed)
    else:
        assert await measured(a_call(), proceed) is answer
    assert f'gatewright_requests_total{{operation="readStatus",status="{status}"}} 1.0' in shown(meters)


def test_a_refusal_is_counted_by_its_kind_and_worded_as_before() -> None:
    meters, worded = Meters(), Answer(413)
    refuse = measure_refusals(lambda refusal: worded, meters)
    assert refuse(Refusal(RefusalKind.TOO_LARGE, (), (), None)) is worded
    assert 'gatewright_refusals_total{reason="too_large"} 1.0' in shown(meters)
