"""The notification says something else than the truth, rightly proven unless asked otherwise.

What the gateway answers when it is asked stays true: a sum that the gateway itself believes in is the shopper's act.
"""

from dataclasses import dataclass

from simulators.faults.fault import FaultOnNotifications, Place
from simulators.faults.plan import Plan
from simulators.faults.traits import NOTHING, Aspect, Traits
from simulators.faults.values import Setting, SettingKind, Values
from simulators.gateways.gateway import Spoilable, Tampering

# Said once more for stories in scenario.schema.json.
_AMOUNT = r"half|double|[+-]?[0-9]{1,12}(\.[0-9]{1,6})?"
_KEPT = "kept"


def _text(name: str, about: str, *, most: int, least: int = 1) -> Setting:
    return Setting(name, SettingKind.TEXT, about, least=least, most=most, may_be_absent=True)


@dataclass(frozen=True, slots=True)
class Tamper(FaultOnNotifications):
    name = "tamper"
    summary = "the notification tells another amount, currency or field than is true; its proof holds, or is kept"
    settings = (
        Setting(
            "amount",
            SettingKind.TEXT,
            "another amount",
            least=1,
            most=21,
            pattern=_AMOUNT,
            called='"+0.01", "-0.01", half, double, or the amount that it shall be, as text such as "99.99"',
            may_be_absent=True,
        ),
        Setting(
            "currency",
            SettingKind.TEXT,
            "another currency",
            least=3,
            most=3,
            pattern="[A-Z]{3}",
            called="a currency such as USD",
            may_be_absent=True,
        ),
        _text("field", "the name of a wire field that is given another value", most=80),
        _text("value", "that value", least=0, most=500),
        Setting(
            "proof",
            SettingKind.CHOICE,
            "right: proven anew; kept: the proof of what it said before",
            options=("right", _KEPT),
            default="right",
        ),
    )

    def needs(self) -> Spoilable | None:
        return Spoilable.FIELDS

    def contradiction(self, values: Values) -> str | None:
        if (values.find_word("field") is None) != (values.find_word("value") is None):
            return "field and value go together"
        if not any(values.find_word(name) for name in ("amount", "currency", "field")):
            return "nothing is tampered with: give amount, currency, or field and value"
        return None

    def traits(self, values: Values) -> Traits:
        touches = NOTHING if values.word("proof") == _KEPT else frozenset({Aspect.PROOF})
        return Traits(edits=frozenset({Aspect.FIELDS}), touches=touches)

    def spoil(self, plan: Plan, values: Values, *, place: Place) -> Plan:
        field = values.find_word("field")
        change = Tampering(
            amount=values.find_word("amount"),
            currency=values.find_word("currency"),
            fields={} if field is None else {field: values.word("value")},
            is_proven=values.word("proof") != _KEPT,
        )
        spoilt = [place.spoiler.tamper(place.desk, send.notification, change) for send in plan]
        return [send.saying(one.notification, one.words) for send, one in zip(plan, spoilt, strict=True)]
