"""What was paid is provisioned in the end, or a person is asked to look; it is never forgotten (catalogue O03)."""

from collections.abc import Iterator

from contracts.checks.truth import Broken, Truth

_UNDER_WAY = frozenset({"OWED", "RETRYING"})


def paid_is_provisioned(truth: Truth) -> Iterator[Broken]:
    """Find captured orders whose provisioning nobody owes, or that is called done without an effect."""
    done = {one.order for one in truth.provisioned if one.done}
    for one in truth.merchant if truth.provisions else ():
        if one.state != "CAPTURED":
            continue
        if one.fulfilment is None or (one.fulfilment in _UNDER_WAY and one.order not in truth.owed):
            yield Broken(
                "paid is provisioned", f"{one.order} provisioned or owed", f"fulfilment {one.fulfilment}, nothing owed"
            )
        if one.fulfilment == "DONE" and one.order not in done:
            yield Broken(
                "paid is provisioned", f"{one.order} provisioned, as its fulfilment says", "no effect at the sink"
            )
