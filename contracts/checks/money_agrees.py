"""When all is quiet the merchant has captured just what the gateway took, or asks a person (catalogue, probe P-QUI)."""

from collections.abc import Iterator

from contracts.checks.truth import Broken, MerchantOrder, Truth

_ASKS_A_PERSON = frozenset({"NEEDS_REVIEW", "HELD"})


def money_agrees(truth: Truth) -> Iterator[Broken]:
    """Find orders whose captured sum differs between the two sides and that nobody was asked to look at."""
    known = {one.order for one in truth.merchant}
    for order in sorted({one.order for one in truth.gateway if one.captured_minor} - known):
        yield Broken(
            "money agrees", f"{order} known to the merchant", f"the gateway took {truth.taken_minor(order)} for it"
        )
    for one in truth.merchant_orders():
        taken = _not_given_back(truth, one)
        if one.state in _ASKS_A_PERSON or _explained(one, taken.get(one.currency, 0), in_all=sum(taken.values())):
            continue
        yield Broken(
            "money agrees",
            f"{one.order}: the merchant has captured what the gateway took ({taken or 'nothing'})",
            f"{one.captured_minor} {one.currency}, {one.state}",
        )


def _not_given_back(truth: Truth, one: MerchantOrder) -> dict[str, int]:
    """Leave out what went back whole and nobody captured: of a payment refused after all, or in another currency."""
    gone = truth.gone_minor(one.order)
    return {
        currency: minor
        for currency, minor in truth.taken_minor(one.order).items()
        if (currency == one.currency and one.captured_minor) or minor != gone.get(currency)
    }


def _explained(one: MerchantOrder, taken: int, *, in_all: int) -> bool:
    """A surplus that is refunded is explained; money in another currency never is."""
    return one.captured_minor == taken == in_all or one.captured_minor + one.refunded_minor == taken == in_all
