"""The notification's proof does not hold: what arrives is not what the gateway vouches for."""

from dataclasses import dataclass

from simulators.faults.fault import FaultOnNotifications, Place
from simulators.faults.plan import Plan
from simulators.faults.traits import Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values
from simulators.gateways.gateway import BrokenProof, Spoilable


@dataclass(frozen=True, slots=True)
class BadProof(FaultOnNotifications):
    name = "bad_proof"
    summary = (
        "the notification's proof does not hold: missing, made with a wrong_key, for an altered_field, "
        "or reserialised by somebody in between"
    )
    settings = (
        Setting(
            "kind",
            SettingKind.CHOICE,
            "in which way it does not hold",
            options=tuple(kind.value for kind in BrokenProof),
            default=BrokenProof.WRONG_KEY.value,
        ),
        Setting(
            "field",
            SettingKind.TEXT,
            "which field is changed with altered_field; without it, chance decides",
            least=1,
            most=80,
            may_be_absent=True,
        ),
    )

    def needs(self) -> Spoilable | None:
        return Spoilable.PROOF

    def contradiction(self, values: Values) -> str | None:
        if values.find_word("field") is not None and values.word("kind") != BrokenProof.ALTERED_FIELD.value:
            return "field goes with kind altered_field"
        return None

    def traits(self, values: Values) -> Traits:
        return Traits(sets=frozenset({Aspect.PROOF}))

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        how, altered = BrokenProof(values.word("kind")), values.find_word("field")
        spoilt = [place.spoiler.break_proof(place.desk, send.notification, how=how, altered=altered) for send in plan]
        return [send.saying(one.notification, one.words) for send, one in zip(plan, spoilt, strict=True)]
