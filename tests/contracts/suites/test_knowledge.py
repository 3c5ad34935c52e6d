"""As whom generated requests go: a stranger changes nothing, a knower names what is genuine, in turns."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

from contracts.suites.knowledge import Guise, Knowledge, Wardrobe

IPN = {"tran_id": "T-1", "val_id": "V-1", "status": "VALID", "amount": "1250.00"}
REVIEW = "POST /review/{sessionId}"
KNOWLEDGE = Knowledge(
    {"X-Key": "k"},
    {"store_id": "testbox"},
    {"sessionId": ("s1", "s2")},
    of_operation={REVIEW: {"sessionId": ("held",)}},
    messages=(IPN,),
)


def a_case(**parts: Any) -> Any:
    operation = SimpleNamespace(label="GET /orders/{sessionId}")
    return SimpleNamespace(
        **{"headers": None, "query": {}, "path_parameters": {}, "body": None, "operation": operation, **parts}
    )


def dressed(guise: Guise, **parts: Any) -> list[Any]:
    """Dress twenty such cases and return those that went in this guise."""
    wardrobe = Wardrobe(KNOWLEDGE)
    cases = [a_case(**deepcopy(parts)) for _ in range(20)]
    return [case for case in cases if wardrobe.dress(case) is guise]


def test_every_guise_has_its_turn() -> None:
    wardrobe = Wardrobe(KNOWLEDGE)

    assert {wardrobe.dress(a_case()) for _ in range(5)} == set(Guise)


def test_a_stranger_shows_nothing() -> None:
    for case in dressed(Guise.STRANGER, query={"a": "1"}):
        assert (case.headers, case.query) == (None, {"a": "1"})


def test_behind_the_door_credentials_stand_in_headers_query_and_body() -> None:
    for case in dressed(Guise.BEHIND_THE_DOOR, query={"a": "1"}, body={"b": "2"}):
        assert case.headers == {"X-Key": "k"}
        assert case.query == {"a": "1", "store_id": "testbox"}
        assert case.body == {"b": "2", "store_id": "testbox"}


def test_genuine_names_take_turns() -> None:
    cases = dressed(Guise.KNOWING_NAMES, path_parameters={"sessionId": "x"})

    assert {case.path_parameters["sessionId"] for case in cases} == {"s1", "s2"}


def test_an_operation_that_asks_for_an_order_of_one_standing_is_told_such_ones() -> None:
    cases = dressed(Guise.KNOWING_NAMES, path_parameters={"sessionId": "x"}, operation=SimpleNamespace(label=REVIEW))

    assert {case.path_parameters["sessionId"] for case in cases} == {"held"}


def test_what_the_run_relies_on_is_never_used_up_whoever_names_it() -> None:
    wardrobe = Wardrobe(Knowledge(of_operation={REVIEW: {"sessionId": ("held",)}}, relied_on="hearing"))
    cases = [
        a_case(path_parameters={"sessionId": "hearing"}, operation=SimpleNamespace(label=REVIEW)) for _ in range(5)
    ]
    reading = a_case(path_parameters={"sessionId": "hearing"})

    for case in (*cases, reading):
        wardrobe.dress(case)

    assert {case.path_parameters["sessionId"] for case in cases} == {"held"}
    assert reading.path_parameters["sessionId"] == "hearing"


def test_a_body_of_its_kind_gives_way_to_a_genuine_message_every_other_time() -> None:
    cases = dressed(Guise.KNOWING_NAMES, body={"tran_id": "x", "val_id": "y", "status": "z"})

    assert [case.body == IPN for case in cases] == [False, True] * (len(cases) // 2)


def test_an_answer_is_never_asked_to_be_held() -> None:
    case = a_case(query={"wait": "20"})

    Wardrobe(KNOWLEDGE).dress(case)

    assert case.query["wait"] == 0


PAY, ROTATE = "POST /payments", "POST /merchants/me/key"
MORE = Knowledge(
    {"X-Key": "k"},
    bodies={PAY: ({"amount": 1}, {"amount": 2})},
    headers_of={ROTATE: ({"X-Key": "spent 1"}, {"X-Key": "spent 2"})},
    inward="http://127.0.0.1:9/in",
)


def dressed_as(knowledge: Knowledge, label: str, **parts: Any) -> list[tuple[Guise, Any]]:
    """Dress twenty cases of one operation."""
    wardrobe = Wardrobe(knowledge, idempotent={PAY})
    cases = [a_case(operation=SimpleNamespace(label=label), **deepcopy(parts)) for _ in range(20)]
    return [(wardrobe.dress(case), case) for case in cases]


def test_knowing_names_an_idempotent_request_has_a_key_of_its_own() -> None:
    keys = [key_of(case) for guise, case in dressed_as(MORE, PAY) if guise is Guise.KNOWING_NAMES]

    assert "" not in keys
    assert len(set(keys)) == len(keys)
    assert {key_of(case) for _, case in dressed_as(MORE, "POST /other")} == {""}


def key_of(case: Any) -> str:
    headers: dict[str, str] = case.headers or {}
    return headers.get("Idempotency-Key", "")


def test_genuine_bodies_of_an_operation_take_turns() -> None:
    bodies = [case.body for _, case in dressed_as(MORE, PAY, body={"amount": "x"})]

    assert {"amount": 1} in bodies
    assert {"amount": 2} in bodies


def test_credentials_that_may_be_used_up_are_not_the_suites_own() -> None:
    shown = {case.headers["X-Key"] for guise, case in dressed_as(MORE, ROTATE) if guise is not Guise.STRANGER}

    assert shown == {"spent 1", "spent 2"}


def test_no_request_names_an_address_out_in_the_world() -> None:
    bodies = [case.body for _, case in dressed_as(MORE, "POST /endpoints", body={"url": "https://a.example", "n": 5})]

    assert bodies == [{"url": "http://127.0.0.1:9/in", "n": 5}] * 20
