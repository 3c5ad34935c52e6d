"""How SSLCommerz' own messages go wrong on request: IPNs that lie, answers that are old, broken or another order's.

Works on the bytes as they would leave, in the vendor's names.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qsl

from contracts.binding import Answer
from simulators.gateways.gateway import (
    BrokenMember,
    BrokenProof,
    Desk,
    GivenAnswer,
    Notification,
    Proof,
    ShopperAct,
    Spoilable,
    SpoiltAnswer,
    SpoiltNotification,
    Tampering,
)
from simulators.gateways.sslcommerz import api, authenticity, wire
from simulators.gateways.sslcommerz.spoilt_answers import elements_of, older, read_answer, render_answer

_IPN: Final = ("ipn",)
_TELLING: Final = ("validateOrder", "queryTransaction")
STRIKES: Final[Mapping[Spoilable, tuple[str, ...]]] = {
    Spoilable.CREATION: ("createSession",),
    Spoilable.MEMBERS: ("createSession", *_TELLING),
    Spoilable.STATE: _TELLING,
    Spoilable.IDENTITY: _TELLING,
    Spoilable.FIELDS: _IPN,
    Spoilable.PROOF: _IPN,
    Spoilable.STAMP: _IPN,
    Spoilable.ACCOUNT: _IPN,
}
# What decides about a payment: who alters a genuine message changes one of these (failure catalogue A01).
_TELLTALE: Final = ("amount", "tran_id", "status", "currency")
# What integrations read of answers (fact sheet sections 3, 7 and 8).
_READ: Final = frozenset(
    {
        *("status", "failedreason", "sessionkey", "GatewayPageURL", "APIConnect", "tran_id", "val_id", "amount"),
        *("currency", "currency_type", "currency_amount", "risk_level", "element", "no_of_trans_found"),
        "refund_ref_id",
    }
)
_DATE: Final = "%Y-%m-%d %H:%M:%S"
# The merchant's id; a refund's answer calls it trans_id (fact sheet section 9, B).
_ORDERS: Final = frozenset({"tran_id", "trans_id"})
_IDS: Final = ("val_id", "bank_tran_id", "sessionkey", "refund_ref_id")
_DIGITS: Final = "0123456789"
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class SslcommerzSpoiler:
    """See `simulators.gateways.gateway.Spoiler`."""

    strikes = STRIKES

    def tamper(self, desk: Desk, notification: Notification, change: Tampering) -> SpoiltNotification:
        """Amounts are changed in the order's currency, and converted with the IPN's own rate (section 10, B)."""
        fields = _fields_of(notification)
        changed = dict(_changed(fields, change))
        told = [f"{name} tampered from {fields.get(name, 'nothing')} to {value}" for name, value in changed.items()]
        fields |= changed
        if change.is_proven:
            fields |= _prove(desk, fields)
        words = ", ".join(told or ["nothing tampered with"])
        words += ", proven anew" if change.is_proven else ", the proof kept"
        return _told(notification, fields, words, forged=not change.is_proven)

    def break_proof(
        self, desk: Desk, notification: Notification, *, how: BrokenProof, altered: str | None
    ) -> SpoiltNotification:
        """A sign covers decoded values, so that written anew the form proves the same, unless blanks are lost."""
        fields = _fields_of(notification)
        match how:
            case BrokenProof.MISSING:
                fields = _without_proof(fields)
                words = "proof missing"
            case BrokenProof.WRONG_KEY:
                fields |= _prove(desk, fields, proof=Proof.WRONG_KEY)
                words = "proven with a wrong key"
            case BrokenProof.ALTERED_FIELD:
                name = altered or _choose(desk, "altered field", [one for one in _TELLTALE if one in fields])
                words = f"{name} altered from {fields.get(name, 'nothing')} to {_next(fields.get(name, ''))}"
                words += " after it was proven"
                fields[name] = _next(fields.get(name, ""))
            case _:
                fields = {name: value.strip() for name, value in fields.items() if value.strip()}
                words = "written anew after it was proven: empty fields dropped, values trimmed"
        return _told(notification, fields, words, forged=True)

    def restamp(self, desk: Desk, notification: Notification, *, seconds: float) -> SpoiltNotification:
        """SSLCommerz signs no time but `tran_date`, whole seconds of Dhaka's."""
        fields = _fields_of(notification)
        try:
            shown = datetime.strptime(fields.get("tran_date", ""), _DATE).replace(tzinfo=wire.DHAKA)
            earlier = wire.dhaka(shown - timedelta(seconds=seconds))
        except (ValueError, OverflowError):
            return SpoiltNotification(notification, "no tran_date that could be earlier")
        words = f"tran_date {earlier} instead of {fields['tran_date']}, proven anew"
        fields["tran_date"] = earlier
        return _told(notification, fields | _prove(desk, fields), words, forged=False)

    def of_other_account(self, desk: Desk, notification: Notification) -> SpoiltNotification:
        """The ids are drawn: what the other store was paid, this one's validator does not know."""
        fields = _fields_of(notification)
        fields["store_id"] = _draw(desk, "other store", prefix="other", length=8)
        fields |= _other_ids(desk, fields, ("val_id", "bank_tran_id"))
        password = _draw(desk, "other store's password", prefix="", length=20)
        words = f"of the account {fields['store_id']}, proven with its key"
        return _told(notification, fields | authenticity.prove(fields, password), words, forged=True)

    def act_early(self, desk: Desk, answer: Answer, *, action: str | None) -> str | None:
        """The session is known by the answer's own sessionkey."""
        told = read_answer(answer) or {}
        key = str(told.get("sessionkey", ""))
        session = next((view for view in api.list_orders(desk) if key and view.session == key), None)
        if session is not None and action is not None:
            api.play(desk, ShopperAct(action, session=key))
        return None if session is None else session.order

    def break_member(
        self, desk: Desk, given: GivenAnswer, *, member: str | None, how: BrokenMember
    ) -> SpoiltAnswer | None:
        """At the top of the answer, or else in the first element that has it."""
        told = read_answer(given.answer)
        if told is None:
            return None
        name = member or _choose(desk, "broken member", sorted(_READ & told.keys()))
        holder = next((one for one in (told, *elements_of(told)) if name in one), None)
        if holder is None:
            return None
        if how is BrokenMember.MISSING:
            words = f"member {name} missing"
            del holder[name]
        elif how is BrokenMember.NULL:
            words = f"member {name} null"
            holder[name] = None
        else:
            words = f"member {name} of another type"
            holder[name] = [holder[name]] if isinstance(holder[name], str) else str(holder[name])
        return SpoiltAnswer(render_answer(given, told), words)

    def before_last_transition(self, desk: Desk, given: GivenAnswer) -> SpoiltAnswer | None:
        """That a merchant has validated is no transition of the money: before VALIDATED and VALID it was PENDING."""
        told = read_answer(given.answer)
        if told is None:
            return None
        words: list[str] = []
        before = older(told, given.call.operation.operation_id, words)
        return SpoiltAnswer(render_answer(given, before), "; ".join(words)) if words else None

    def about_other_order(self, desk: Desk, given: GivenAnswer) -> SpoiltAnswer | None:
        """A twin of the true answer: the sum stays, every id is another's."""
        told = read_answer(given.answer)
        found = [one for one in (told, *elements_of(told)) if _ORDERS & one.keys()] if told is not None else []
        if told is None or not found:
            return None
        other = _draw(desk, "other order", prefix="OTHER-", length=10)
        for one in found:
            one.update(_other_ids(desk, one, _IDS) | dict.fromkeys(_ORDERS & one.keys(), other))
        return SpoiltAnswer(render_answer(given, told), f"told of the order {other}")


def _fields_of(notification: Notification) -> dict[str, str]:
    return dict(parse_qsl(notification.body.decode(), keep_blank_values=True))


def _told(notification: Notification, fields: Mapping[str, str], words: str, *, forged: bool) -> SpoiltNotification:
    body, media_type = wire.render_form(wire.in_order(fields))
    forged = forged or notification.forged
    return SpoiltNotification(replace(notification, body=body, media_type=media_type, forged=forged), words)


def _prove(desk: Desk, fields: Mapping[str, str], *, proof: Proof = Proof.RIGHT) -> dict[str, str]:
    return authenticity.prove(fields, desk.credentials["store_passwd"], proof=proof)


def _without_proof(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in authenticity.UNSIGNED}


def _changed(fields: Mapping[str, str], change: Tampering) -> Iterator[tuple[str, str]]:
    """Yield every field that is another now."""
    is_converted = fields.get("currency") != fields.get("currency_type")
    if change.amount is not None:
        asked = _amount(fields.get("currency_amount", ""), change.amount)
        yield "currency_amount", asked
        rate = _decimal(fields.get("currency_rate", "1"))
        yield "amount", str((_decimal(asked) * rate).quantize(_CENT, ROUND_HALF_UP)) if is_converted else asked
    if change.currency is not None:
        yield "currency_type", change.currency
        if not is_converted:
            yield "currency", change.currency
    yield from change.fields.items()


def _amount(true: str, wanted: str) -> str:
    """An amount that is given as it is, is told as it is: `100` and `100.00` read differently."""
    factor = {"half": Decimal("0.5"), "double": Decimal(2)}.get(wanted)
    if factor is None and wanted[0] not in "+-":
        return wanted
    amount = _decimal(true) * factor if factor is not None else _decimal(true) + Decimal(wanted)
    return str(max(Decimal(0), amount).quantize(_CENT, ROUND_HALF_UP))


def _decimal(text: str) -> Decimal:
    """Read an amount of ours; what another fault made of it may be none."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return value if value.is_finite() and abs(value) < 10**15 else Decimal(0)


def _next(text: str) -> str:
    """Change the last character: 1250.00 becomes 1250.01, BDT becomes BDU."""
    last = text[-1:]
    if not last.isascii() or not last.isalnum():
        return text[:-1] + ("1" if last == "0" else "0")
    return text[:-1] + {"9": "8", "z": "y", "Z": "Y"}.get(last, chr(ord(last) + 1))


def _choose(desk: Desk, purpose: str, options: list[str]) -> str:
    """Let chance take one of the options; of none it takes nothing."""
    if not options:
        return ""
    letters = _LETTERS[: len(options)]
    return options[letters.index(desk.draw(purpose, length=1, alphabet=letters))]


_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def _draw(desk: Desk, purpose: str, *, prefix: str, length: int) -> str:
    return prefix + desk.draw(purpose, length=length, alphabet=_LETTERS + _DIGITS)


def _other_ids(desk: Desk, told: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """Draw ids of the same length and beginning for those that are there: val_ids begin with the instant (B)."""
    ids: dict[str, str] = {}
    for name in names:
        true = str(told.get(name) or "")
        if true:
            head = true[:12] if len(true) > 12 else ""
            ids[name] = _draw(desk, f"other {name}", prefix=head, length=len(true) - len(head)).upper()
    return ids
