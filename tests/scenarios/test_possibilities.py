"""What a run would refuse in its middle is told by `gatewright check`, with its line and what would be right."""

from pathlib import Path

import pytest

from reference_server import money as server_money
from scenarios.loader import LoadError, load
from scenarios.possibilities import DIGITS, METHODS, ON_NOTIFICATIONS, USUAL_DIGITS
from scenarios.schema import describe_faults, known_gateways
from simulators import money as simulators_money
from simulators.faults import FAULTS
from simulators.faults.fault import Target
from simulators.gateways.sslcommerz.channels import CHANNELS
from tests.scenarios.files import with_steps, write

OPEN = 'open_payment: {amount: "100.00"}'


def told(tmp_path: Path, *steps: str, tail: str = "") -> list[str]:
    path = write(tmp_path / "story.yaml", with_steps(*steps, tail=tail))
    try:
        load([path])
    except LoadError as mistakes:
        return [line.removeprefix(f"{path}:") for line in str(mistakes).splitlines()]
    return []


IMPOSSIBLE = {
    "pay: {method: visaa}": "7:19: sslcommerz has no method `visaa`; did you mean `visa`? Possible: visa, master,",
    "decline: {method: cash}": "7:23: sslcommerz has no method `cash`",
    "pay: {amount: 100.005}": "7:19: found 100.005; BDT has 2 decimals: an amount such as 100.00 was due",
    "pay: {amount: 1.5, currency: JPY}": "7:19: found 1.5; JPY has no decimals: an amount such as 2 was due",
    "refund: {amount: 20.005}": "7:22: found 20.005; BDT has 2 decimals",
    "expect: {refunded: 0.001}": "7:24: found 0.001; BDT has 2 decimals",
    'open_payment: {as: two, amount: "1.2345", currency: KWD}': "7:37: found 1.2345; KWD has 3 decimals",
    "inject_fault: {when: {operation: validateOrder, event: ipn}, faults: [drop]}": (
        "7:53: nothing is both the answer of an operation and a notification: keep `operation` or `event`"
    ),
    "inject_fault: {when: {operation: validateOrder}, faults: [late: {by: 1h}]}": (
        "7:63: `late` strikes notifications: say `event: ipn` in place of the operation, or take early,"
    ),
    "inject_fault: {when: {event: ipn}, faults: [drop, never_answer]}": (
        "7:55: `never_answer` strikes answers: name an `operation` in place of the event, or take late,"
    ),
}


@pytest.mark.parametrize(("step", "words"), IMPOSSIBLE.items())
def test_what_no_side_would_take_is_told_with_its_line_and_what_would_be_right(
    tmp_path: Path, step: str, words: str
) -> None:
    (mistake,) = told(tmp_path, OPEN, step)
    assert mistake.startswith(words), mistake


POSSIBLE = [
    "pay: {method: bkash}",
    "pay: {method: DBBL_Visa}",
    "pay: {method: master, amount: 100.500}",
    'open_payment: {as: two, amount: "1.234", currency: KWD}',
    "refund: {amount: 20.005, expect_status: 400}",
    'open_payment: {as: two, amount: "1.234", expect_status: 400}',
    "inject_fault: {faults: [late: {by: 1h}, delay: {by: 1s}]}",
    "inject_fault: {when: {event: ipn}, faults: [late: {by: 1h}]}",
    "inject_fault: {when: {operation: validateOrder}, faults: [never_answer]}",
]


@pytest.mark.parametrize("step", POSSIBLE)
def test_what_a_run_would_take_is_let_be(tmp_path: Path, step: str) -> None:
    assert told(tmp_path, OPEN, step) == []


def test_an_amount_is_judged_by_the_currency_of_its_payment(tmp_path: Path) -> None:
    dinar = 'open_payment: {as: dinar, amount: "1.234", currency: KWD}'
    steps = (OPEN, dinar, "refund: {amount: 0.001}", "refund: {order: order, amount: 0.001}")
    tail = "finally:\n  - {order: dinar, refunded: 0.001}\n  - {order: order, refunded: 0.001}\n"
    assert [line.partition(":")[0] for line in told(tmp_path, *steps, tail=tail)] == ["9", "12"]


def test_the_facts_are_those_of_the_sides() -> None:
    for exponents in (server_money.EXPONENTS, simulators_money.EXPONENTS):
        assert {name: DIGITS.get(name, USUAL_DIGITS) for name in exponents} == exponents
    assert set(METHODS) == set(known_gateways())
    assert METHODS["sslcommerz"] == {channel.key: channel.keys for channel in CHANNELS.values()}
    of_notifications = {name for name, fault in FAULTS.items() if fault.target is Target.NOTIFICATION}
    assert of_notifications == ON_NOTIFICATIONS
    assert {fault.verb for fault in describe_faults()} == set(FAULTS)
