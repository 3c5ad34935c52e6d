"""Fault rules: when they strike, and which are refused because they never could."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.binding import NoAnswer
from simulators.activity import Activity
from simulators.chance import Chance
from simulators.clock import Clock
from simulators.errors import NoSuchThing, NotPossible, RuleRefused
from simulators.faults.engine import RULES_MAX, Ask, FaultEngine
from simulators.faults.fault import Target
from simulators.faults.rules import Occasion, Stage, When
from simulators.gateways.gateway import Spoilable
from tests.simulators.faults.spoilt import a_place, a_send

START = datetime(2031, 5, 1, tzinfo=UTC)
SPOILABLE = {Spoilable.CREATION: ("createSession",), Spoilable.STATE: ("validateOrder",), Spoilable.FIELDS: ("ipn",)}
STAGES = (
    Stage("sslcommerz", ("createSession", "validateOrder"), ("ipn",), SPOILABLE),
    Stage("merchant", ("provision",), ()),
)
PLACE = a_place()
DROP: Mapping[str, Mapping[str, object]] = {"drop": {}}


def an_engine(seed: int = 1) -> FaultEngine:
    clock = Clock(Activity(), virtual_from=START)
    return FaultEngine("mine", clock=clock, chance=Chance(seed), stages=STAGES)


def arm(engine: FaultEngine, when: When, *faults: Mapping[str, Mapping[str, object]]) -> str:
    return engine.arm(Ask(when, faults or (DROP,), {})).id


def struck(engine: FaultEngine, order: str = "A-1", *, at: datetime = START, event: str = "ipn") -> bool:
    occasion = Occasion("sslcommerz", Target.NOTIFICATION, event, order, at)
    return engine.spoil([a_send()], occasion, place=PLACE)[0].dropped


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (When(), [1, 1, 1, 1, 1, 1]),
        (When(event="ipn"), [1, 1, 1, 1, 1, 1]),
        (When(gateway="sslcommerz"), [1, 1, 1, 1, 1, 1]),
        (When(nth=2), [0, 1, 0, 0, 0, 0]),
        (When(first=2), [1, 1, 0, 0, 0, 0]),
        (When(every=3), [0, 0, 1, 0, 0, 1]),
        (When(first=4, every=2), [0, 1, 0, 1, 0, 0]),
        (When(order="A-1"), [1, 1, 1, 1, 1, 1]),
        (When(order="B-1"), [0, 0, 0, 0, 0, 0]),
        (When(probability=1), [1, 1, 1, 1, 1, 1]),
    ],
)
def test_a_rule_strikes_when_all_its_conditions_hold(when: When, expected: list[int]) -> None:
    engine = an_engine()
    arm(engine, when)
    assert [struck(engine) for _ in expected] == [bool(one) for one in expected]
    assert engine.rules[0].matched == sum(expected)


def test_only_times_at_which_the_other_conditions_hold_are_counted() -> None:
    engine = an_engine()
    arm(engine, When(order="B-1", nth=2))
    assert [struck(engine, order) for order in ("A-1", "B-1", "A-1", "B-1", "B-1")] == [0, 0, 0, 1, 0]


def test_a_rule_between_two_times_strikes_from_the_first_to_before_the_second() -> None:
    engine = an_engine()
    arm(engine, When(after=START + timedelta(hours=1), before=START + timedelta(hours=2)))
    hours = (0, 0.999, 1, 1.5, 1.999, 2, 3)
    assert [struck(engine, at=START + timedelta(hours=hour)) for hour in hours] == [0, 0, 1, 1, 1, 0, 0]


@given(st.integers(0, 2**32))
def test_what_is_left_to_chance_follows_the_seed(seed: int) -> None:
    engines = [an_engine(seed), an_engine(seed)]
    for engine in engines:
        arm(engine, When(probability=0.5))
    first, second = ([struck(engine) for _ in range(20)] for engine in engines)
    assert first == second


def test_chance_strikes_about_as_often_as_asked() -> None:
    engine = an_engine()
    arm(engine, When(probability=0.25))
    # Six standard deviations of 2,000 draws: sqrt(2000 * 0.25 * 0.75) is 19.4.
    assert abs(sum(struck(engine) for _ in range(2_000)) - 500) < 117


def test_an_answer_and_a_notification_are_not_taken_for_each_other() -> None:
    engine = an_engine()
    arm(engine, When(operation="validateOrder"), {"reset_after_work": {}})
    assert not struck(engine)
    assert not struck(engine, event="validateOrder")
    assert engine.rules[0].met == 0


def test_a_rule_with_faults_of_both_kinds_strikes_each_where_it_fits() -> None:
    engine = an_engine()
    arm(engine, When(), {"reset_after_work": {}}, DROP)
    assert struck(engine)


CANNOT_STRIKE: list[tuple[When, tuple[Mapping[str, Mapping[str, object]], ...], str]] = [
    (When(gateway="stripe"), (DROP,), "there are sslcommerz, merchant"),
    (When(operation="validate"), ({"never_answer": {}},), "createSession, validateOrder, provision"),
    (When(gateway="merchant", operation="validateOrder"), ({"never_answer": {}},), "there are provision"),
    (When(gateway="merchant", event="ipn"), (DROP,), "merchant sends none"),
    (When(event="webhook"), (DROP,), "there are ipn"),
    (When(operation="createSession", event="ipn"), (DROP,), "give operation or event"),
    (When(operation="createSession"), (DROP,), "early, status, delay, never_answer, reset_before_work"),
    (When(event="ipn"), ({"never_answer": {}},), "late, duplicate, drop, reorder, burst"),
    (When(nth=3, first=2), (DROP,), "not among the first 2"),
    (When(nth=3, every=2), (DROP,), "not one of every 2"),
    (When(first=2, every=3), (DROP,), "no 3th"),
    (When(probability=0), (DROP,), "never happens"),
    (When(before=START), (DROP,), "that instant is past"),
    (When(after=START + timedelta(2), before=START + timedelta(1)), (DROP,), "no time between"),
    (When(), ({"explode": {}},), "there is no fault 'explode'; there are late: "),
    (When(), ({"late": {}},), "/faults/0/late/by_seconds: must be a number from"),
    (When(), ({"late": {"by_seconds": True}},), "by_seconds: must be a number"),
    (When(), ({"late": {"by_seconds": -1}},), "by_seconds: must be a number"),
    (When(), ({"late": {"by_seconds": "60"}},), "by_seconds: must be a number"),
    (When(), ({"bad_proof": {"kind": "worse"}},), "must be one of missing, wrong_key, altered_field, reserialised"),
    (When(), ({"bad_proof": {"kind": True}},), "must be one of missing, wrong_key"),
    (When(), ({"redirect": {"code": 304}},), "must be one of 301, 302, 303, 307, 308"),
    (When(), ({"redirect": {"to": "http://a b"}},), "must be an address of up to 255 visible characters"),
    (When(), ({"redirect": {"to": "x" * 256}},), "must be an address"),
    (When(), ({"content_type": {"as": "text/html\r\nx: y"}},), "must be a media type such as text/plain"),
    (When(), ({"tamper": {"amount": "1e5"}},), 'must be "+0.01", "-0.01", half, double'),
    (When(), ({"tamper": {"amount": -0.01}},), 'must be "+0.01"'),
    (When(), ({"tamper": {"field": ""}},), "must be text of up to 80 characters"),
    (When(), ({"tamper": {"value": "1"}},), "field and value go together"),
    (When(), ({"tamper": {}},), "nothing is tampered with"),
    (When(), ({"bad_proof": {"field": "amount"}},), "field goes with kind altered_field"),
    (When(), ({"status": {"code": 500, "body": "kept", "work": "skipped"}},), "no body to be kept"),
    (When(), ({"status": {"code": 204, "body": "kept"}},), "an answer 204 has no body"),
    (When(), ({"status": {"code": 199}},), "must be a whole number from 200 to 599"),
    (When(), ({"wrong_length": {"by": 0}},), "by 0 the length is right"),
    (When(), ({"wrong_length": {}},), "/by: must be a whole number"),
    (
        When(operation="validateOrder"),
        ({"early": {}},),
        "/faults/0/early: cannot strike validateOrder; it can strike sslcommerz createSession",
    ),
    (When(operation="createSession"), ({"stale_state": {}},), "it can strike sslcommerz validateOrder"),
    (
        When(gateway="merchant"),
        ({"stale_state": {}},),
        "cannot strike merchant; it can strike sslcommerz validateOrder",
    ),
    (When(event="ipn"), ({"other_account": {}},), "cannot strike ipn; no gateway here can"),
    (When(), ({"other_account": {}},), "cannot strike anything; no gateway here can"),
    (
        When(),
        (DROP, {"duplicate": {"copies": 1.5}}),
        "/faults/1/duplicate/copies: must be a whole number from 2 to 1000",
    ),
    (When(), ({"duplicate": {"at_once": 1}},), "at_once: must be true or false"),
    (When(), ({"duplicate": {"at_once": True, "every_seconds": 5}},), "exclude each other"),
    (When(), ({"late": {"by": 1, "by_seconds": 1}},), "late has no setting 'by'; it takes by_seconds, a number"),
    (When(), ({"drop": {"x": 1}},), "it takes no settings"),
]


@pytest.mark.parametrize(("when", "faults", "said"), CANNOT_STRIKE)
def test_a_rule_that_can_never_strike_is_refused_saying_what_could(
    when: When, faults: tuple[Mapping[str, Mapping[str, object]], ...], said: str
) -> None:
    engine = an_engine()
    with pytest.raises(RuleRefused) as refused:
        arm(engine, when, *faults)
    assert said in str(refused.value)
    assert engine.rules == ()


def test_every_mistake_is_told_and_not_the_first_alone() -> None:
    with pytest.raises(RuleRefused) as refused:
        arm(an_engine(), When(), {"late": {}}, {"explode": {}}, {"duplicate": {"copies": 0}})
    pointers = [pointer for pointer, _ in refused.value.mistakes]
    assert pointers == ["/faults/0/late/by_seconds", "/faults/1/explode", "/faults/2/duplicate/copies"]


def test_numbers_are_read_as_json_gives_them() -> None:
    engine = an_engine()
    arm(engine, When(), {"late": {"by_seconds": Decimal("0.5")}}, {"duplicate": {"copies": 2.0}})
    [(_, late), (_, duplicate)] = engine.rules[0].faults
    assert late.given == {"by_seconds": 0.5}
    assert duplicate.given == {"copies": 2, "every_seconds": 0, "at_once": False}


def test_a_choice_of_numbers_is_read_as_json_gives_it() -> None:
    engine = an_engine()
    arm(engine, When(), {"redirect": {"code": Decimal(307)}})
    assert engine.rules[0].faults[0][1].given == {"code": 307}


def test_a_fault_strikes_only_what_its_gateway_lends_itself_to() -> None:
    engine = an_engine()
    arm(engine, When(), {"stale_state": {}})
    for name in ("createSession", "validateOrder", "createSession"):
        asyncio.run(ask(engine, name))
    assert (engine.rules[0].met, engine.rules[0].matched) == (1, 1)


async def ask(engine: FaultEngine, operation: str) -> None:
    async def refuse() -> NoAnswer:
        return NoAnswer()

    struck: Any = None
    occasion = Occasion("sslcommerz", Target.ANSWER, operation, "A-1", START)
    assert isinstance(await engine.around(occasion, struck, work=refuse), NoAnswer)


def test_rules_that_would_multiply_a_plan_without_end_are_left_out_and_say_so() -> None:
    engine = an_engine()
    for _ in range(4):
        arm(engine, When(), {"duplicate": {"copies": 30}})
    plan = engine.spoil([a_send()], Occasion("sslcommerz", Target.NOTIFICATION, "ipn", "A-1", START), place=PLACE)
    assert len(plan) == 900
    assert plan[0].faults[2:] == ("duplicate left out: 900 sends already",) * 2


def test_rules_are_removed_by_name_and_all_together() -> None:
    engine = an_engine()
    first, second = arm(engine, When()), arm(engine, When())
    engine.remove(first)
    assert [rule.id for rule in engine.rules] == [second]
    with pytest.raises(NoSuchThing, match=f"in force are {second}"):
        engine.remove(first)
    engine.clear()
    assert not struck(engine)


def test_an_account_holds_a_bounded_number_of_rules() -> None:
    engine = an_engine()
    for _ in range(RULES_MAX):
        arm(engine, When())
    with pytest.raises(NotPossible):
        arm(engine, When())
