"""What the delivery sink refused is told on one line, in its words; faults that a case injects are no refusals."""

import json

from scenarios.conformance.sink import Refused, list_refused, tell_refused

REFUSAL = {"title": "The keys differ", "detail": "they must be the same"}


def called(status: int, body: str, operation: str = "provision") -> dict[str, object]:
    return {"operation": operation, "answer": {"status": status, "body": body}}


def test_only_refusals_of_the_sink_itself_count() -> None:
    made = [
        called(422, json.dumps(REFUSAL)),
        called(200, "{}"),
        called(503, "down by a fault"),
        called(404, "{}", "validateOrder"),
        {"operation": "provision", "answer": None},
        called(400, "plain words"),
    ]

    told = list_refused(made)

    assert told == (Refused(422, "The keys differ: they must be the same"), Refused(400, "plain words"))


def test_refusals_are_told_on_one_line() -> None:
    one, other = Refused(422, "the keys differ"), Refused(404, "no such account")

    assert tell_refused([]) == ""
    assert tell_refused([one]) == "your shop called the delivery sink 1 time, refused 422: the keys differ"
    assert tell_refused([one] * 2) == "your shop called the delivery sink 2 times, each refused 422: the keys differ"
    assert tell_refused([one, one, other]).endswith(
        "2 calls refused 422: the keys differ; 1 call refused 404: no such account"
    )
