"""Whatever arrives how often, an order is provisioned at most once (failure catalogue C01, C02, C05)."""

from collections import Counter
from collections.abc import Iterator

from contracts.checks.truth import Broken, Truth


def provisioned_at_most_once(truth: Truth) -> Iterator[Broken]:
    """Find orders with more than one provisioning that was done."""
    done = Counter(one.order for one in truth.provisioned if one.done)
    for order, times in done.items():
        if times > 1:
            yield Broken("provisioned at most once", f"1 provisioning of {order}", f"{times}")
