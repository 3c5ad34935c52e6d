"""What is back and on its way never exceeds what was captured, however many ask at once (failure catalogue E04)."""

from collections.abc import Iterator

from contracts.checks.truth import Broken, Truth

_PROMISE = "refunds never exceed what was captured"


def refunds_never_exceed_what_was_captured(truth: Truth) -> Iterator[Broken]:
    """Find orders of which either side gives back more than the gateway took."""
    for order in sorted({one.order for one in truth.gateway}):
        taken = truth.taken_minor(order)
        for currency, gone in truth.gone_minor(order).items():
            if gone > taken.get(currency, 0):
                yield Broken(_PROMISE, f"{order}: at most {taken} given back by the gateway", f"{gone} {currency}")
    for one in truth.merchant_orders():
        taken_minor = truth.taken_minor(one.order).get(one.currency, 0)
        gone = one.refunded_minor + one.refunding_minor
        if gone > taken_minor:
            expected = f"{one.order}: at most {taken_minor} {one.currency} given back by the merchant"
            yield Broken(_PROMISE, expected, f"{one.refunded_minor}, and {one.refunding_minor} on the way")
