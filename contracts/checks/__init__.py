"""One promise a file, each a function from the truth of both sides to what was found broken.

Used by scenarios, exploration and property tests alike.
"""

from collections.abc import Callable, Iterator, Mapping

from contracts.checks.money_agrees import money_agrees
from contracts.checks.money_is_conserved import money_is_conserved
from contracts.checks.paid_is_provisioned import paid_is_provisioned
from contracts.checks.provisioned_at_most_once import provisioned_at_most_once
from contracts.checks.provisioned_only_when_paid import provisioned_only_when_paid
from contracts.checks.refunds_never_exceed_what_was_captured import refunds_never_exceed_what_was_captured
from contracts.checks.truth import Broken, GatewayOrder, MerchantOrder, Provisioned, Truth

Check = Callable[[Truth], Iterator[Broken]]

CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        money_agrees,
        money_is_conserved,
        paid_is_provisioned,
        provisioned_at_most_once,
        provisioned_only_when_paid,
        refunds_never_exceed_what_was_captured,
    )
}

__all__ = ["CHECKS", "Broken", "Check", "GatewayOrder", "MerchantOrder", "Provisioned", "Truth"]
