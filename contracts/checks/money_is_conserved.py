"""When all is quiet, what was captured is kept for an order, is back, or is on its way: told alike by both sides.

Failure catalogue D02, D03 and E03: money is never kept for an order that ended without it.
"""

from collections.abc import Iterator

from contracts.checks.truth import Broken, MerchantOrder, Truth

_PROMISE = "money is conserved"
_ENDED = frozenset({"FAILED", "CANCELLED", "EXPIRED"})


def money_is_conserved(truth: Truth) -> Iterator[Broken]:
    """Find orders whose refunds the sides tell differently, and ended orders whose money is kept."""
    for one in truth.merchant_orders():
        yield from _find_untold(truth, one)
    keepers: set[str] = set()
    for one in truth.merchant:
        is_waived = one.fulfilment == "WAIVED"
        if not one.kept_minor or one.asks_about_refunds:
            continue
        if one.state in _ENDED or is_waived or one.order in keepers:
            ended = "waived" if is_waived else "paid by another payment" if one.order in keepers else one.state
            yield Broken(_PROMISE, f"{one.order}, {ended}: nothing kept", f"{one.kept_minor} {one.currency} kept")
        keepers.add(one.order)


def _find_untold(truth: Truth, one: MerchantOrder) -> Iterator[Broken]:
    rows = [row for row in truth.gateway if row.order == one.order and row.currency == one.currency]
    back = sum(row.refunded_minor for row in rows)
    gone = truth.gone_minor(one.order).get(one.currency, 0)
    if one.refunded_minor > back:
        expected = f"{one.order}: back what the gateway gave back, {back} {one.currency}"
        yield Broken(_PROMISE, expected, f"the merchant says that {one.refunded_minor} are back")
    # What the gateway took and gave back by itself, the merchant need never have had.
    is_its_own = not one.captured_minor and gone == truth.taken_minor(one.order).get(one.currency, 0)
    if gone > one.refunded_minor + one.refunding_minor and not one.asks_about_refunds and not is_its_own:
        expected = f"{one.order}: all that the gateway gives back is known, {gone} {one.currency}"
        yield Broken(_PROMISE, expected, f"the merchant knows of {one.refunded_minor + one.refunding_minor}")
