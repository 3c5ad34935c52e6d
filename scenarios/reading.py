"""From a file's judged tree to a scenario's values: defaults filled in, durations and instants parsed, lines kept."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import cast

from scenarios import model
from scenarios.consistency import DEFAULT_NAME
from scenarios.durations import is_duration, parse_duration
from scenarios.model import Arguments, Count, Expectation, Scalar, Scenario, ShopperAction, ShopperVisit, Step
from scenarios.schema import durations_of_fault
from scenarios.tree import Pointer, Tree, TreeValue

START = datetime(2026, 1, 1, tzinfo=UTC)
SEED = 1

Members = dict[str, TreeValue]


def read_scenario(tree: Tree, *, source: Path, row: int | None = None) -> Scenario:
    """Read a tree in which no mistake was found; `row` is its place in the file's table of examples."""
    root = _members(tree.root)
    start = _instant(root["start"]) if "start" in root else START
    horizon = root.get("horizon")
    return Scenario(
        version=cast("int", root["version"]),
        name=str(root["name"]),
        description=str(root["description"]),
        gateway=str(root["gateway"]),
        steps=tuple(_read_step(tree, index, start) for index in range(len(_items(root["steps"])))),
        finally_=tuple(
            _read_expectation(_members(expectation), _line(tree, ("finally", index)))
            for index, expectation in enumerate(_items(root.get("finally")))
        ),
        start=start,
        seed=int(str(root.get("seed", SEED))),
        server=model.Placement(root.get("server", "here")),
        settings={room: _scalars(settings) for room, settings in _members(root.get("settings")).items()},
        tags=tuple(str(tag) for tag in _items(root.get("tags"))),
        horizon=parse_duration(str(horizon)) if horizon else model.HORIZON,
        source=source,
        row=row,
    )


def _read_step(tree: Tree, index: int, start: datetime) -> Step:
    step = _items(_members(tree.root)["steps"])[index]
    verb, arguments = (step, None) if isinstance(step, str) else next(iter(_members(step).items()))
    line = _line(tree, ("steps", index))
    return Step(verb=verb, arguments=_read_arguments(verb, arguments, line=line, start=start), line=line)


def _read_arguments(verb: str, written: TreeValue, *, line: int, start: datetime) -> Arguments:
    match verb:
        case "advance":
            return model.Advance(by=parse_duration(str(written)))
        case "expect":
            return _read_expectation(_members(written), line)
        case "inject_fault":
            return _read_faults(_members(written), start)
        case _:
            return _READERS[verb](_members(written))


def _read_payment(written: Members) -> model.OpenPayment:
    return model.OpenPayment(
        name=_text(written, "as") or DEFAULT_NAME,
        amount=str(written["amount"]),
        currency=_text(written, "currency") or "BDT",
        items=tuple(_scalars(item) for item in _items(written.get("items"))),
        customer=_scalars(written.get("customer")),
        chassis_no=_text(written, "chassisNo"),
        product_key=_text(written, "productKey"),
        expect_status=_integer(written, "expect_status"),
        again=_text(written, "again"),
    )


def _read_refund(written: Members) -> model.Refund:
    return model.Refund(
        order=_text(written, "order"),
        amount=_text(written, "amount"),
        name=_text(written, "as"),
        expect_status=_integer(written, "expect_status"),
    )


def _read_decision(written: Members) -> model.Decide:
    return model.Decide(
        decision=model.Decision(written["decision"]),
        order=_text(written, "order"),
        expect_status=_integer(written, "expect_status"),
    )


def _read_gateway_decision(written: Members) -> model.GatewayDecides:
    return model.GatewayDecides(action=model.GatewayAction(written["action"]), order=_text(written, "order"))


def _visit(action: ShopperAction) -> Callable[[Members], ShopperVisit]:
    def read(written: Members) -> ShopperVisit:
        return ShopperVisit(
            action=action,
            order=_text(written, "order"),
            method=_text(written, "method"),
            reason=_text(written, "reason"),
            amount=_text(written, "amount"),
            currency=_text(written, "currency"),
            risk_level=_integer(written, "risk_level"),
            returns=written.get("returns", True) is True,
        )

    return read


def _read_forgery(written: Members) -> model.ForgeNotification:
    proof = _text(written, "proof")
    return model.ForgeNotification(
        order=_text(written, "order"),
        proof=model.ForgedProof(proof) if proof else model.ForgedProof.WRONG_KEY,
        fields=_texts(written.get("fields")),
        taken_from=_read_taken(written),
    )


def _read_forged_return(written: Members) -> model.ForgeReturn:
    return model.ForgeReturn(
        to=model.ReturnAddress(written["to"]),
        order=_text(written, "order"),
        fields=_texts(written.get("fields")),
        taken_from=_read_taken(written),
    )


def _read_taken(written: Members) -> model.TakenFields | None:
    taken = _members(written.get("taken_from"))
    return model.TakenFields(str(taken["order"]), tuple(map(str, _items(taken["fields"])))) if taken else None


def _read_faults(written: Members, start: datetime) -> model.InjectFault:
    when = _members(written.get("when"))
    probability = when.get("probability")
    return model.InjectFault(
        faults=tuple(_read_fault(fault) for fault in _items(written["faults"])),
        when=model.FaultCondition(
            gateway=_text(when, "gateway"),
            operation=_text(when, "operation"),
            event=_text(when, "event"),
            order=_text(when, "order"),
            nth=_integer(when, "nth"),
            first=_integer(when, "first"),
            every=_integer(when, "every"),
            probability=None if probability is None else float(str(probability)),
            after=_moment(when.get("after"), start),
            before=_moment(when.get("before"), start),
        ),
    )


def _read_fault(written: TreeValue) -> model.Fault:
    if isinstance(written, str):
        return model.Fault(written, {})
    name, settings = next(iter(_members(written).items()))
    durations = durations_of_fault(name)
    return model.Fault(
        name,
        dict(
            _in_seconds(setting, str(value)) if setting in durations else (setting, value)
            for setting, value in _scalars(settings).items()
        ),
    )


def _in_seconds(name: str, duration: str) -> tuple[str, Scalar]:
    """Word a duration as `contracts/control.yaml` does: `by: 1h` is `by_seconds: 3600`."""
    seconds = parse_duration(duration) / timedelta(seconds=1)
    return f"{name}_seconds", int(seconds) if seconds.is_integer() else seconds


def _read_expectation(written: Members, line: int) -> Expectation:
    within = _text(written, "within")
    notifications = written.get("notifications")
    return Expectation(
        line=line,
        within=parse_duration(within) if within else None,
        order=_text(written, "order"),
        status=_text(written, "status"),
        state=_text(written, "state"),
        fulfilment=_text(written, "fulfilment"),
        provisioned=_count(written.get("provisioned")),
        provision_calls=_count(written.get("provision_calls")),
        validations=_count(written.get("validations")),
        notifications=_read_notifications(_members(notifications)) if notifications else None,
        answer=_integer(written, "answer"),
        refunded=_text(written, "refunded"),
        refunds=_read_refunds(_members(written["refunds"])) if "refunds" in written else None,
    )


def _read_notifications(written: Members) -> model.NotificationCounts:
    counts = (_count(written.get(claim)) for claim in ("sent", "answered", "refused"))
    return model.NotificationCounts(*counts)


def _read_refunds(written: Members) -> model.RefundCounts:
    counts = (_count(written.get(claim)) for claim in ("pending", "processed", "failed", "needs_review"))
    return model.RefundCounts(*counts)


_READERS: Mapping[str, Callable[[Members], Arguments]] = {
    "open_payment": _read_payment,
    "refund": _read_refund,
    "decide": _read_decision,
    "gateway_decides": _read_gateway_decision,
    "pay": _visit(ShopperAction.PAY),
    "decline": _visit(ShopperAction.DECLINE),
    "cancel": _visit(ShopperAction.CANCEL),
    "leave": _visit(ShopperAction.LEAVE),
    "look": _visit(ShopperAction.LOOK),
    "clear_faults": lambda written: model.ClearFaults(),
    "quiesce": lambda written: model.Quiesce(),
    "forge_notification": _read_forgery,
    "forge_return": _read_forged_return,
    "ask_status": lambda written: model.AskStatus(order=_text(written, "order")),
    "kill_server": lambda written: model.KillServer(before=_text(written, "before")),
    "start_server": lambda written: model.StartServer(),
}


def _line(tree: Tree, pointer: Pointer) -> int:
    return tree.place_of(pointer).line


def _members(written: TreeValue) -> Members:
    return written if isinstance(written, dict) else {}


def _items(written: TreeValue) -> list[TreeValue]:
    return written if isinstance(written, list) else []


def _text(written: Members, name: str) -> str | None:
    value = written.get(name)
    return None if value is None else str(value)


def _texts(written: TreeValue) -> dict[str, str]:
    return {name: str(value) for name, value in _members(written).items()}


def _integer(written: Members, name: str) -> int | None:
    value = written.get(name)
    return None if value is None else int(str(value))


def _count(written: TreeValue) -> Count | None:
    if isinstance(written, dict):
        return Count(_integer(written, "at_least") or 0, _integer(written, "at_most"))
    return Count(written, written) if isinstance(written, int) else None


def _scalars(written: TreeValue) -> dict[str, Scalar]:
    """Numbers with a point become floats: a setting or an item's attribute, never money that we compare."""
    return {
        name: float(value) if isinstance(value, Decimal) else cast("Scalar", value)
        for name, value in _members(written).items()
    }


def _moment(written: TreeValue, start: datetime) -> datetime | None:
    if written is None:
        return None
    text = str(written)
    return start + parse_duration(text) if is_duration(text) else _instant(text)


def _instant(written: TreeValue) -> datetime:
    return datetime.fromisoformat(str(written)).astimezone(UTC)
