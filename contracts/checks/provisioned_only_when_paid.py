"""Nothing is provisioned unless the gateway really took the whole sum (failure catalogue A01, A04, B01 to B04)."""

from collections.abc import Iterator

from contracts.checks.truth import Broken, Truth


def provisioned_only_when_paid(truth: Truth) -> Iterator[Broken]:
    """Find provisioned orders whose sum the gateway does not have."""
    merchant = {one.order: one for one in truth.merchant_orders()}
    for order in sorted({one.order for one in truth.provisioned if one.done}):
        wanted = merchant.get(order)
        taken = truth.taken_minor(order)
        if wanted is None:
            yield Broken("provisioned only when paid", f"{order} known to the merchant", "unknown")
        elif taken.get(wanted.currency, 0) < wanted.amount_minor and not wanted.is_accepted:
            yield Broken(
                "provisioned only when paid",
                f"{order} paid with {wanted.amount_minor} {wanted.currency}",
                f"the gateway took {taken}",
            )
