"""Each promise against truths that keep it and truths that break it, in a table."""

from dataclasses import dataclass, replace

import pytest

from contracts.checks import CHECKS, GatewayOrder, MerchantOrder, Provisioned, Truth


@dataclass(frozen=True, slots=True)
class Sums:
    """What one order came to: the merchant's state and captured sum, the gateway's sum, the work done.

    `refunded` and `refunding` are the merchant's, `back` and `going` the gateway's of the same.
    """

    state: str
    captured: int
    taken: int
    done: int
    fulfilment: str | None = "DONE"
    refunded: int = 0
    refunding: int = 0
    back: int = 0
    going: int = 0
    asks: bool = False
    taken_in: str = "BDT"
    provisions: bool = True
    owed: bool = False


def a_truth(sums: Sums) -> Truth:
    merchant = MerchantOrder(
        "T1", 1000, "BDT", sums.state, sums.fulfilment, captured_minor=sums.captured,
        refunded_minor=sums.refunded, refunding_minor=sums.refunding, asks_about_refunds=sums.asks,
    )  # fmt: skip
    gateway = GatewayOrder(
        "T1", 1000, sums.taken_in, "VALID", sums.taken, refunded_minor=sums.back, refunding_minor=sums.going
    )
    done = [Provisioned(f"k{n}", "T1", 1, done=True) for n in range(sums.done)]
    return Truth([merchant], [gateway], done, provisions=sums.provisions, owed=frozenset({"T1"} if sums.owed else ()))


KEPT = [
    Sums("CAPTURED", captured=1000, taken=1000, done=1),
    Sums("PENDING", captured=0, taken=0, done=0, fulfilment=None),
    Sums("FAILED", captured=0, taken=0, done=0, fulfilment=None),
    Sums("NEEDS_REVIEW", captured=0, taken=999, done=0, fulfilment=None),
    Sums("HELD", captured=0, taken=1000, done=0, fulfilment=None),
    Sums("CAPTURED", captured=1000, taken=1000, done=0, fulfilment="RETRYING", owed=True),
    Sums("CAPTURED", captured=1000, taken=2000, done=1, refunded=1000, back=1000),
    Sums("CAPTURED", captured=1000, taken=1000, done=0, fulfilment=None, provisions=False),
    Sums("CAPTURED", captured=2000, taken=2000, done=1, refunded=400, refunding=600, back=400, going=600),
    Sums("CAPTURED", captured=1000, taken=1000, done=1, refunding=600, back=600),
    Sums("CAPTURED", captured=1000, taken=1000, done=0, fulfilment="WAIVED", refunding=1000),
    Sums("CAPTURED", captured=1000, taken=1000, done=0, fulfilment="WAIVED", refunded=300, back=300, asks=True),
    Sums("CANCELLED", captured=1000, taken=1000, done=0, fulfilment=None, refunded=1000, back=1000),
    Sums("FAILED", captured=0, taken=1000, done=0, fulfilment=None, taken_in="USD", back=1000),
    Sums("FAILED", captured=0, taken=1000, done=0, fulfilment=None, back=1000),
]

BROKEN = [
    ("provisioned_at_most_once", Sums("CAPTURED", captured=1000, taken=1000, done=2)),
    ("provisioned_only_when_paid", Sums("PENDING", captured=0, taken=0, done=1, fulfilment=None)),
    ("provisioned_only_when_paid", Sums("CAPTURED", captured=1000, taken=999, done=1)),
    ("provisioned_only_when_paid", Sums("CAPTURED", captured=1000, taken=1000, done=1, taken_in="USD")),
    ("money_agrees", Sums("PENDING", captured=0, taken=1000, done=0, fulfilment=None)),
    ("money_agrees", Sums("CAPTURED", captured=1000, taken=0, done=0, fulfilment=None)),
    ("money_agrees", Sums("CAPTURED", captured=1000, taken=2000, done=1)),
    ("money_agrees", Sums("CAPTURED", captured=1000, taken=1000, done=1, taken_in="USD")),
    ("money_agrees", Sums("FAILED", captured=0, taken=1000, done=0, fulfilment=None, taken_in="USD", back=999)),
    ("money_is_conserved", Sums("CAPTURED", captured=1000, taken=1000, done=1, refunded=500, back=499)),
    ("money_is_conserved", Sums("CAPTURED", captured=1000, taken=1000, done=1, refunded=500, back=500, going=1)),
    ("money_is_conserved", Sums("CAPTURED", captured=1000, taken=1000, done=0, fulfilment="WAIVED", refunding=999)),
    ("money_is_conserved", Sums("CANCELLED", captured=1000, taken=1000, done=0, fulfilment=None)),
    ("money_is_conserved", Sums("EXPIRED", captured=1000, taken=1000, done=0, fulfilment=None)),
    ("money_is_conserved", Sums("FAILED", captured=1000, taken=1000, done=0, fulfilment=None)),
    ("money_is_conserved", Sums("FAILED", captured=0, taken=1000, done=0, fulfilment=None, back=999)),
    ("refunds_never_exceed_what_was_captured", Sums("CAPTURED", 1000, 1000, done=1, refunded=600, refunding=401)),
    ("refunds_never_exceed_what_was_captured", Sums("CAPTURED", 1000, 1000, done=1, back=600, going=401)),
    ("paid_is_provisioned", Sums("CAPTURED", captured=1000, taken=1000, done=0, fulfilment="OWED")),
    ("paid_is_provisioned", Sums("CAPTURED", captured=1000, taken=1000, done=0, fulfilment="DONE")),
    ("paid_is_provisioned", Sums("CAPTURED", captured=1000, taken=1000, done=0, fulfilment="RETRYING")),
    ("paid_is_provisioned", Sums("CAPTURED", captured=1000, taken=1000, done=0, fulfilment=None)),
]


@pytest.mark.parametrize("sums", KEPT)
def test_a_truth_in_order_breaks_no_promise(sums: Sums) -> None:
    assert [broken for check in CHECKS.values() for broken in check(a_truth(sums))] == []


@pytest.mark.parametrize(("promise", "sums"), BROKEN)
def test_a_broken_promise_is_found_by_its_check(promise: str, sums: Sums) -> None:
    assert list(CHECKS[promise](a_truth(sums)))


def test_goods_for_an_order_that_the_merchant_does_not_know_are_found() -> None:
    truth = Truth([], [], [Provisioned("k", "T9", 1, done=True)])

    assert [broken.seen for broken in CHECKS["provisioned_only_when_paid"](truth)] == ["unknown"]


def test_money_for_an_order_that_the_merchant_forgot_is_found() -> None:
    truth = Truth([], [GatewayOrder("T9", 1000, "BDT", "VALID", captured_minor=1000)], [])

    assert [broken.expected for broken in CHECKS["money_agrees"](truth)] == ["T9 known to the merchant"]


def test_what_a_person_accepted_may_be_less_than_the_order() -> None:
    accepted = MerchantOrder("T1", 1000, "BDT", "CAPTURED", "DONE", captured_minor=999, is_accepted=True)
    truth = Truth([accepted], [GatewayOrder("T1", 1000, "BDT", "VALID", 999)], [Provisioned("k", "T1", 1, done=True)])

    assert [broken for check in CHECKS.values() for broken in check(truth)] == []


@pytest.mark.parametrize("second", ["CAPTURED", "CANCELLED"])
@pytest.mark.parametrize(("refunding", "found"), [(1000, []), (999, ["1 BDT kept"])])
def test_of_two_payments_of_one_order_one_keeps_its_money(second: str, refunding: int, found: list[str]) -> None:
    merchant = [
        MerchantOrder("T1", 1000, "BDT", "CAPTURED", "DONE", 1000),
        MerchantOrder("T1", 1000, "BDT", second, "DONE", 1000, refunding_minor=refunding),
    ]
    gateway = [GatewayOrder("T1", 1000, "BDT", "VALID", 1000) for _ in merchant]
    truth = Truth(merchant, gateway, [Provisioned("k", "T1", 1, done=True)])

    assert [broken.seen for check in CHECKS.values() for broken in check(truth)] == found


def test_sums_are_of_one_order_and_by_currency() -> None:
    moved = [("T1", "BDT", 1), ("T1", "USD", 2), ("T1", "BDT", 3), ("T2", "BDT", 4)]
    rows = [GatewayOrder(order, 9, currency, "VALID", 10 * n, n, 5) for order, currency, n in moved]
    truth = Truth([], rows, [])

    assert (truth.taken_minor("T1"), truth.taken_minor("T2")) == ({"BDT": 40, "USD": 20}, {"BDT": 40})
    assert (truth.gone_minor("T1"), truth.gone_minor("T2")) == ({"BDT": 14, "USD": 7}, {"BDT": 9})


@pytest.mark.parametrize("member", ["is_accepted", "asks_about_refunds"])
def test_what_one_payment_of_an_order_says_the_order_says(member: str) -> None:
    quiet = MerchantOrder("T1", 1000, "BDT", "FAILED", None, 0)
    for payments in ([quiet, replace(quiet, **{member: True})], [replace(quiet, **{member: True}), quiet]):
        (order,) = Truth(payments, [], []).merchant_orders()
        assert getattr(order, member) is True
