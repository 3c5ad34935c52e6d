"""Puts the meters around operations and jobs. Neither knows that it is measured."""

from collections.abc import Awaitable, Callable, Mapping

import structlog

from contracts.binding import Answer, Around, Call, NoAnswer, Refusal, Refuse
from reference_server.clock import machine_ordinal
from reference_server.jobs.store import Claim
from reference_server.jobs.worker import Conclusion, JobFunction
from reference_server.log import is_told
from reference_server.operating.meters import Meters
from reference_server.settings import LogLevel

_log = structlog.get_logger()


def measure_operations(around: Around, meters: Meters) -> Around:
    """Return what surrounds an operation, with its requests counted and timed, and at `debug` logged as they arrive."""

    async def measured(call: Call, proceed: Callable[[], Awaitable[Answer | NoAnswer]]) -> Answer | NoAnswer:
        began, status = machine_ordinal(), 0
        operation = call.operation
        if is_told(LogLevel.DEBUG):
            # The document's path: what stands in its place names sessions and people.
            _log.debug("request", method=operation.method, path=operation.path, operation=operation.operation_id)
        try:
            answer = await around(call, proceed)
            status = answer.status if isinstance(answer, Answer) else 0
        finally:
            meters.count_request(operation.operation_id, status, seconds=_seconds_since(began))
        return answer

    return measured


def measure_refusals(refuse: Refuse, meters: Meters) -> Refuse:
    """Return what words a refusal, with each counted by its kind."""

    def measured(refusal: Refusal) -> Answer:
        meters.count_refusal(refusal.kind.name.lower())
        return refuse(refusal)

    return measured


def measure_jobs(functions: Mapping[str, JobFunction], meters: Meters) -> dict[str, JobFunction]:
    """Return what does each kind of job, with its runs counted and timed."""
    return {name: _measure_job(name, function, meters) for name, function in functions.items()}


def _measure_job(name: str, function: JobFunction, meters: Meters) -> JobFunction:
    async def measured(claim: Claim) -> Conclusion:
        began, has_raised = machine_ordinal(), True
        try:
            conclusion = await function(claim)
            has_raised = False
        finally:
            meters.count_run(name, has_raised=has_raised, seconds=_seconds_since(began))
        return conclusion

    return measured


def _seconds_since(began: int) -> float:
    return (machine_ordinal() - began) / 1e9
