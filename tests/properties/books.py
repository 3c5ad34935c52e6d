"""The second set of books: what a merchant knows from its own requests and the answers to them, and nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec

from contracts.checks.asking import Asked, Told, object_of

Shown = Mapping[str, Any]

# Where a payment by the sandbox may go on to: nothing leads out of an end, since the sandbox never has late news.
_ONWARD: Mapping[str, frozenset[str]] = {
    "PENDING": frozenset({"PENDING", "AUTHORIZED", "CAPTURED", "FAILED", "CANCELLED", "EXPIRED"}),
    "AUTHORIZED": frozenset({"AUTHORIZED", "CAPTURED", "CANCELLED", "EXPIRED"}),
}
_REFUND_ONWARD: Mapping[str, frozenset[str]] = {"PENDING": frozenset({"PENDING", "PROCESSED"})}
ENDS = frozenset({"CAPTURED", "FAILED", "CANCELLED", "EXPIRED"})


@dataclass(frozen=True, slots=True)
class Done:
    """A request that was taken, with its first answer."""

    asked: Asked
    told: Told
    # In seconds since the first of them.
    at: int


@dataclass(slots=True)
class Books:
    """What was taken, and how each payment and refund was last seen."""

    done: list[Done] = field(default_factory=list[Done])
    payments: dict[str, Shown] = field(default_factory=dict[str, Shown])
    refunds: dict[str, Shown] = field(default_factory=dict[str, Shown])

    def take(self, asked: Asked, told: Told, *, at: int) -> Shown | None:
        """Write down an answer; what it shows, if the request was taken."""
        if not told.is_success:
            return None
        self.done.append(Done(asked, told, at))
        shown = object_of(told.body)
        assert shown is not None
        (self.refunds if "payment_id" in shown else self.payments).setdefault(str(shown["id"]), shown)
        return shown

    def see_payments(self, shown: Sequence[Shown]) -> Iterator[str]:
        """Compare what is listed with what was taken; yields what cannot be."""
        yield from _find_wrong(self.payments, shown, onward=_ONWARD)
        for one in shown:
            known = self.payments.get(one["id"])
            if known is not None and (one["amount"], one["currency"]) != (known["amount"], known["currency"]):
                yield f"{one['id']} was asked for {known['amount']} and is {one['amount']}"
            self.payments[one["id"]] = one

    def see_refunds(self, shown: Sequence[Shown]) -> Iterator[str]:
        """Compare likewise, and each payment's refunds with what the payment says of them."""
        yield from _find_wrong(self.refunds, shown, onward=_REFUND_ONWARD)
        self.refunds |= {one["id"]: one for one in shown}
        for payment in self.payments.values():
            ours = [one for one in shown if one["payment_id"] == payment["id"]]
            sums = {word: sum(one["amount"] for one in ours if one["status"] == word) for word in _WORDS}
            told = {"processed": payment["amount_refunded"], "pending": payment["amount_refund_pending"]}
            if sums != told:
                yield f"{payment['id']} says {told}, its refunds say {sums}"


_WORDS = ("processed", "pending")


def _find_wrong(
    known: Mapping[str, Shown], shown: Sequence[Shown], *, onward: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    listed = [one["id"] for one in shown]
    if len(set(listed)) != len(listed):
        yield f"listed twice: {listed}"
    for lost in sorted(known.keys() - set(listed)):
        yield f"{lost} was taken, and is gone"
    for one in shown:
        before = known.get(one["id"])
        was = one["state"] if before is None else before["state"]
        if one["state"] != was and one["state"] not in onward.get(was, ()):
            yield f"{one['id']} went from {was} to {one['state']}"


def items_of(told: Told) -> list[Shown]:
    """Return the items of a list."""
    assert told.status == 200, told.shortly()
    return cast("list[Shown]", msgspec.json.decode(told.body)["items"])
