"""From a right file to the values of a scenario."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scenarios import model
from scenarios.loader import LoadError, load
from scenarios.model import (
    Arguments,
    Count,
    Expectation,
    Fault,
    FaultCondition,
    InjectFault,
    NotificationCounts,
    OpenPayment,
    Placement,
    Scenario,
    ShopperAction,
    ShopperVisit,
)
from tests.scenarios.files import HEAD, with_steps, write

START = datetime(2026, 1, 1, tzinfo=UTC)
OPEN = "open_payment: {amount: 100.50}"


def scenario_of(tmp_path: Path, text: str) -> Scenario:
    (scenario,) = load([write(tmp_path / "story.yaml", text)])
    return scenario


STEPS: dict[str, Arguments] = {
    OPEN: OpenPayment("order", "100.50"),
    'open_payment: {as: x, amount: "7", currency: USD, items: [{name: A, weight: 1.5}], customer: {name: N}, '
    "chassisNo: C, productKey: P, expect_status: 502}": OpenPayment(
        "x", "7", "USD", ({"name": "A", "weight": 1.5},), {"name": "N"}, "C", "P", 502
    ),
    "pay": ShopperVisit(ShopperAction.PAY),
    "pay: {method: bkash, amount: 99.99, currency: USD, risk_level: 1, returns: no}": ShopperVisit(
        ShopperAction.PAY, method="bkash", amount="99.99", currency="USD", risk_level=1, returns=False
    ),
    "decline: {reason: Insufficient funds}": ShopperVisit(ShopperAction.DECLINE, reason="Insufficient funds"),
    "cancel: {}": ShopperVisit(ShopperAction.CANCEL),
    "leave": ShopperVisit(ShopperAction.LEAVE),
    "look": ShopperVisit(ShopperAction.LOOK),
    "inject_fault: {faults: [drop]}": InjectFault((Fault("drop", {}),)),
    "inject_fault: {faults: [late: {by: 1h}, duplicate: {copies: 3, every: 0.5s, at_once: true}, drop: ]}": InjectFault(
        (
            Fault("late", {"by_seconds": 3600}),
            Fault("duplicate", {"copies": 3, "every_seconds": 0.5, "at_once": True}),
            Fault("drop", {}),
        )
    ),
    "inject_fault: {faults: [malformed_body], when: {gateway: merchant, operation: provision, nth: 1, first: 2, "
    "every: 3, probability: 0.5, after: 10m, before: 2026-01-02T06:00:00+06:00}}": InjectFault(
        (Fault("malformed_body", {}),),
        FaultCondition(
            gateway="merchant",
            operation="provision",
            nth=1,
            first=2,
            every=3,
            probability=0.5,
            after=START + timedelta(minutes=10),
            before=START + timedelta(days=1),
        ),
    ),
    "inject_fault: {faults: [drop], when: {event: ipn}}": InjectFault(
        (Fault("drop", {}),), FaultCondition(event="ipn")
    ),
    "clear_faults": model.ClearFaults(),
    "advance: 1h 30m": model.Advance(timedelta(minutes=90)),
    "quiesce": model.Quiesce(),
    "forge_notification": model.ForgeNotification(),
    'forge_notification: {proof: missing, fields: {status: VALID, amount: "1"}}': model.ForgeNotification(
        None, model.ForgedProof.MISSING, {"status": "VALID", "amount": "1"}
    ),
    "forge_notification: {taken_from: {order: order, fields: [val_id]}}": model.ForgeNotification(
        taken_from=model.TakenFields("order", ("val_id",))
    ),
    "forge_return: {to: cancel}": model.ForgeReturn(model.ReturnAddress.CANCEL),
    'forge_return: {to: success, fields: {amount: "1"}, taken_from: {order: order, fields: [a, b]}}': model.ForgeReturn(
        model.ReturnAddress.SUCCESS, None, {"amount": "1"}, model.TakenFields("order", ("a", "b"))
    ),
    "ask_status": model.AskStatus(),
    "refund": model.Refund(),
    'refund: {amount: "20.00", as: first, expect_status: 409}': model.Refund(None, "20.00", "first", 409),
    "decide: {decision: waive, expect_status: 409}": model.Decide(model.Decision.WAIVE, expect_status=409),
    "gateway_decides: {action: release_risk}": model.GatewayDecides(model.GatewayAction.RELEASE_RISK),
    "expect: {state: CAPTURED}": Expectation(6, state="CAPTURED"),
    "expect: {refunded: 20.00, refunds: {processed: 1, pending: {at_most: 2}}}": Expectation(
        6, refunded="20.00", refunds=model.RefundCounts(pending=Count(0, 2), processed=Count(1, 1))
    ),
    "expect: {within: 1d, status: SUCCESS, fulfilment: DONE, provisioned: 1, provision_calls: {at_most: 3}, "
    "validations: {at_least: 1}, answer: 200, notifications: {sent: 3, answered: {at_least: 2}}}": Expectation(
        6,
        within=timedelta(days=1),
        status="SUCCESS",
        fulfilment="DONE",
        provisioned=Count(1, 1),
        provision_calls=Count(0, 3),
        validations=Count(1),
        notifications=NotificationCounts(Count(3, 3), Count(2)),
        answer=200,
    ),
}


@pytest.mark.parametrize(("step", "arguments"), STEPS.items())
def test_a_step_is_read_with_its_defaults_and_its_line(tmp_path: Path, step: str, arguments: Arguments) -> None:
    opened = [OPEN] if "order: order" in step else []
    read = scenario_of(tmp_path, with_steps(*opened, step)).steps[-1]

    assert read == model.Step(step.partition(":")[0], arguments, 6 + len(opened))


def test_steps_that_kill_and_start_the_server_are_read(tmp_path: Path) -> None:
    head = f"{HEAD}server: own process\n"
    text = with_steps("kill_server: {before: fulfil_order}", "start_server", "kill_server", head=head)

    assert [step.arguments for step in scenario_of(tmp_path, text).steps] == [
        model.KillServer(before="fulfil_order"),
        model.StartServer(),
        model.KillServer(),
    ]


def test_a_further_session_means_a_payment_that_is_open(tmp_path: Path) -> None:
    text = with_steps(OPEN, "open_payment: {as: second, again: order, amount: 100.50}")

    assert scenario_of(tmp_path, text).steps[1].arguments == OpenPayment("second", "100.50", again="order")
    with pytest.raises(LoadError, match="no payment is named `nobody`"):
        scenario_of(tmp_path, with_steps("open_payment: {again: nobody, amount: 100.50}"))


def test_a_payment_is_meant_by_its_name(tmp_path: Path) -> None:
    text = with_steps(
        OPEN, "pay: {order: order}", "expect: {order: order, state: PENDING}", "ask_status: {order: order}"
    )

    meant = [getattr(step.arguments, "order", None) for step in scenario_of(tmp_path, text).steps]

    assert meant == [None, "order", "order", "order"]


def test_a_scenario_that_says_the_least_gets_every_default(tmp_path: Path) -> None:
    scenario = scenario_of(tmp_path, with_steps("quiesce"))

    assert scenario == Scenario(
        version=1,
        name="A story",
        description="What it guards.",
        gateway="sslcommerz",
        steps=(model.Step("quiesce", model.Quiesce(), 6),),
        finally_=(),
        start=START,
        seed=1,
        server=Placement.HERE,
        settings={},
        tags=(),
        horizon=timedelta(days=7),
        source=tmp_path / "story.yaml",
    )


def test_a_scenario_that_says_everything_is_read_whole(tmp_path: Path) -> None:
    head = (
        f"{HEAD}tags: [late, first]\nseed: 7\nstart: 2027-05-01T06:00:00+06:00\nserver: own process\nhorizon: 2d\n"
        "settings: {server: {VALIDATION_LIMIT_SECONDS: 5}, sslcommerz: {ratio: 0.5, strict: true}}\n"
    )
    scenario = scenario_of(tmp_path, with_steps(OPEN, head=head, tail="finally:\n  - {state: CAPTURED}\n"))

    assert scenario == replace(
        scenario,
        tags=("late", "first"),
        seed=7,
        start=datetime(2027, 5, 1, tzinfo=UTC),
        server=Placement.OWN_PROCESS,
        horizon=timedelta(days=2),
        settings={"server": {"VALIDATION_LIMIT_SECONDS": 5}, "sslcommerz": {"ratio": 0.5, "strict": True}},
        finally_=(Expectation(14, state="CAPTURED"),),
    )


def test_an_amount_keeps_the_digits_it_was_written_with(tmp_path: Path) -> None:
    text = with_steps(
        *(
            f"open_payment: {{as: {name}, amount: {amount}}}"
            for name, amount in zip("abc", ("1500.00", '"0.10"', "7"), strict=True)
        )
    )

    amounts = [
        step.arguments.amount for step in scenario_of(tmp_path, text).steps if isinstance(step.arguments, OpenPayment)
    ]

    assert amounts == ["1500.00", "0.10", "7"]
