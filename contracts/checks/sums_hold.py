"""In every payment that is told, no more is back than was captured, and no more captured than was asked (O01, O02)."""

from collections.abc import Iterator, Mapping

from contracts.checks.asking import Told, objects_of
from contracts.checks.truth import Broken

_SUMS = ("amount_refunded", "amount_captured", "amount")


def sums_hold(told: Told) -> Iterator[Broken]:
    """Look at whatever in the answer is a payment by its members."""
    for one in objects_of(told.body) if told.is_success else ():
        if one.keys() >= {*_SUMS, "status"}:
            yield from _find_wrong(one)


def _find_wrong(payment: Mapping[str, object]) -> Iterator[Broken]:
    name, sums = str(payment.get("id", "a payment")), [payment[name] for name in _SUMS]
    told = ", ".join(f"{name} {value}" for name, value in zip(_SUMS, sums, strict=True))
    minor = [value for value in sums if isinstance(value, int) and not isinstance(value, bool)]
    if len(minor) != len(sums):
        yield Broken("sums hold", f"{name}: whole minor units", told)
        return
    if not 0 <= minor[0] <= minor[1] <= minor[2]:
        yield Broken("sums hold", f"{name}: 0 ≤ refunded ≤ captured ≤ asked", told)
    if payment["status"] == "success" and not minor[1]:
        yield Broken("sums hold", f"{name}: something captured, since it is a success", told)
