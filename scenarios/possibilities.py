"""What a side would refuse in the middle of a run, told before it: who is asked knows no such thing.

Beside the schema, since a value's rightness depends on another value here: a method on the gateway, an amount's digits
on its currency, a fault on what its rule strikes. The sides keep these facts themselves; a test holds the two together.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from scenarios.consistency import DEFAULT_NAME
from scenarios.mistakes import nearest
from scenarios.schema import describe_faults, value_at
from scenarios.tree import Pointer, Tree, TreeValue

# Decimal digits where a currency has not two of them (ISO 4217, list one), of those that a gateway here can take.
DIGITS = {"BHD": 3, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "OMR": 3, "TND": 3, "UGX": 0, "VND": 0, "XAF": 0, "XOF": 0}
USUAL_DIGITS, CURRENCY = 2, "BDT"
# The ways to pay that a gateway's simulator has; the vendor's further names of one stand behind it.
METHODS = {
    "sslcommerz": {
        "visa": ("city_visa", "ebl_visa", "brac_visa", "dbbl_visa", "sbl_visa", "visacard"),
        "master": ("city_master", "ebl_master", "brac_master", "dbbl_master", "sbl_master", "mastercard"),
        "amex": ("city_amex", "amexcard"),
        **dict.fromkeys(("bkash", "nagad", "dbblmobilebanking", "upay", "tapnpay", "dbbl_nexus", "qcash"), ()),
        **dict.fromkeys(("city", "bankasia", "abbank", "ibbl", "mtbl"), ()),
    }
}
ON_NOTIFICATIONS = frozenset(
    (
        *("late", "duplicate", "drop", "reorder", "burst"),
        *("stale_replay", "bad_proof", "other_account", "stale_stamp", "tamper"),
    )
)
_AMOUNT = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)


def find_impossible(tree: Tree) -> None:
    """Note what no side would take, in a file whose shape may itself be wrong."""
    gateway = value_at(tree.root, ("gateway",))
    opened: dict[str, str] = {}
    for pointer in _steps(tree.root):
        match pointer[-1]:
            case "open_payment":
                _open(tree, pointer, opened)
            case "pay" | "decline":
                _check_method(tree, (*pointer, "method"), str(gateway))
                _check_amount(tree, (*pointer, "amount"), opened)
            case "refund":
                _check_amount(tree, (*pointer, "amount"), opened)
            case "expect":
                _check_amount(tree, (*pointer, "refunded"), opened)
            case "inject_fault":
                _check_rule(tree, pointer)
            case _:
                pass
    expectations = value_at(tree.root, ("finally",))
    for index in range(len(expectations) if isinstance(expectations, list) else 0):
        _check_amount(tree, ("finally", index, "refunded"), opened)


def _steps(root: TreeValue) -> Iterator[Pointer]:
    steps = value_at(root, ("steps",))
    for index, step in enumerate(steps if isinstance(steps, list) else []):
        if isinstance(step, dict) and len(step) == 1:
            yield ("steps", index, next(iter(step)))


def _open(tree: Tree, pointer: Pointer, opened: dict[str, str]) -> None:
    currency = value_at(tree.root, (*pointer, "currency")) or CURRENCY
    # The newest is last; what is named again moves there.
    name = str(value_at(tree.root, (*pointer, "as")) or DEFAULT_NAME)
    opened.pop(name, None)
    opened[name] = str(currency)
    _check_amount(tree, (*pointer, "amount"), opened)


def _check_method(tree: Tree, pointer: Pointer, gateway: str) -> None:
    method, known = value_at(tree.root, pointer), METHODS.get(gateway)
    if not isinstance(method, str) or known is None:
        return
    further = [key for keys in known.values() for key in keys]
    if method.strip().lower() not in {*known, *further}:
        close = nearest(method, [*known, *further]) or "."
        tree.blame(tree.place_of(pointer), f"{gateway} has no method `{method}`{close} Possible: {', '.join(known)}.")


def _check_amount(tree: Tree, pointer: Pointer, opened: dict[str, str]) -> None:
    """Blame an amount that is finer than its currency, unless the story says how the call is refused."""
    around = pointer[:-1]
    amount, is_refused = value_at(tree.root, pointer), value_at(tree.root, (*around, "expect_status")) is not None
    if amount is None or is_refused or not _AMOUNT.fullmatch(str(amount)):
        return
    own, order = value_at(tree.root, (*around, "currency")), value_at(tree.root, (*around, "order"))
    newest = next(reversed(opened.values()), CURRENCY)
    currency = str(own or (newest if order is None else opened.get(str(order), newest)))
    digits = DIGITS.get(currency, USUAL_DIGITS)
    value = Decimal(str(amount))
    if value != round(value, digits):
        right = f"{round(value, digits):.{digits}f}"
        words = f"found {tree.spellings.get(pointer, str(amount))}; {currency} has {digits or 'no'} decimals"
        tree.blame(tree.place_of(pointer), f"{words}: an amount such as {right} was due")


def _check_rule(tree: Tree, pointer: Pointer) -> None:
    when = value_at(tree.root, (*pointer, "when"))
    named = [name for name in ("operation", "event") if isinstance(when, dict) and name in when]
    if len(named) > 1:
        words = "nothing is both the answer of an operation and a notification: keep `operation` or `event`"
        tree.blame(tree.keys[*pointer, "when", "event"], words)
        return
    faults = value_at(tree.root, (*pointer, "faults"))
    for index, fault in enumerate(faults if isinstance(faults, list) and named else []):
        name = next(iter(fault), "") if isinstance(fault, dict) else str(fault)
        _check_target(tree, (*pointer, "faults", index), name, is_event=named == ["event"])


def _check_target(tree: Tree, pointer: Pointer, name: str, *, is_event: bool) -> None:
    known = [fault.verb for fault in describe_faults()]
    if name not in known or (name in ON_NOTIFICATIONS) is is_event:
        return
    can = ", ".join(one for one in known if (one in ON_NOTIFICATIONS) is is_event)
    if is_event:
        words = f"`{name}` strikes answers: name an `operation` in place of the event, or take {can}"
    else:
        words = f"`{name}` strikes notifications: say `event: ipn` in place of the operation, or take {can}"
    tree.blame(tree.place_of(pointer), words)
