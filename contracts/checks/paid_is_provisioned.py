"""What was paid is provisioned in the end, or a person is asked to look; it is never forgotten (catalogue O03)."""

from collections.abc import Iterator

from contracts.checks.truth import Broken, Truth

_LEFT_OPEN = frozenset({"OWED"})


def paid_is_provisioned(truth: Truth) -> Iterator[Broken]:
    """Find captured orders whose fulfilment was never tried, or is called done without an effect."""
    done = {one.order for one in truth.provisioned if one.done}
    for one in truth.merchant:
        if one.state != "CAPTURED" or one.fulfilment is None:
            continue
        if one.fulfilment in _LEFT_OPEN:
            yield Broken("paid is provisioned", f"{one.order} provisioned", f"fulfilment {one.fulfilment}")
        if one.fulfilment == "DONE" and one.order not in done:
            yield Broken(
                "paid is provisioned", f"{one.order} provisioned, as its fulfilment says", "no effect at the sink"
            )
