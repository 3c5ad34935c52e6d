"""The notification is another account's: a payment there under this order's id, proven with that account's key."""

from dataclasses import dataclass

from simulators.faults.fault import FaultOnNotifications, Place
from simulators.faults.plan import Plan
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Values
from simulators.gateways.gateway import Spoilable


@dataclass(frozen=True, slots=True)
class OtherAccount(FaultOnNotifications):
    name = "other_account"
    summary = "the notification is another account's, about a payment there under this order's id, proven with its key"
    settings = ()

    def needs(self) -> Spoilable | None:
        return Spoilable.ACCOUNT

    def traits(self, values: Values) -> Traits:
        return Traits(sets=frozenset({Aspect.PROOF}), edits=frozenset({Aspect.FIELDS}))

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        spoilt = [place.spoiler.of_other_account(place.desk, send.notification) for send in plan]
        return [send.saying(one.notification, one.words) for send, one in zip(plan, spoilt, strict=True)]
