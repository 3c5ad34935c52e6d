"""SSLCommerz v4 from a merchant's side: fact sheet sections 2 to 9. Written apart from the simulator's own code.

It imports nothing of `simulators/gateways`: what both misread must not agree with itself by sharing a line.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from simulators.merchant.played.seam import (
    Asking,
    Claim,
    Keys,
    Line,
    OpenedSession,
    Posted,
    Question,
    RefundAnswer,
    RefundWanted,
    RefundWord,
    Refused,
    Says,
    SessionWanted,
    Truth,
    Unknown,
    Unreadable,
)
from simulators.money import Money, MoneyError, parse_money

_VALIDATOR: Final = "/validator/api/validationserverAPI.php"
_QUERIES: Final = "/validator/api/merchantTransIDvalidationAPI.php"
_FIELDS_MAX: Final = 200
# Section 5: 27 characters, digits and letters. What has another shape is no val_id, and is never put into a URL.
_VAL_ID: Final = re.compile(r"[0-9A-Za-z]{1,50}", re.ASCII)
_PROOF: Final = frozenset({"verify_sign", "verify_sign_sha2", "verify_key"})
# What `read_claim` reads: a proof that leaves one of them open proves nothing (catalogue A11).
_READ: Final = frozenset(
    {"tran_id", "val_id", "status", "amount", "store_amount", "currency", "currency_type", "currency_amount"}
    | {"store_id", "risk_level"}
)
_NOTIFIED: Final = {
    "VALID": Says.PAID,
    "VALIDATED": Says.PAID,
    "FAILED": Says.FAILED,
    "CANCELLED": Says.CANCELLED,
    "UNATTEMPTED": Says.ABANDONED,
    "EXPIRED": Says.ABANDONED,
}
_ANSWERED: Final = {**_NOTIFIED, "PENDING": Says.PENDING, "INVALID_TRANSACTION": Says.NO_SUCH}
_REFUND_WORDS: Final = {
    "success": RefundWord.ACCEPTED,
    "processing": RefundWord.ACCEPTED,
    "refunded": RefundWord.DONE,
    "failed": RefundWord.REFUSED,
    "cancelled": RefundWord.REFUSED,
}
# Section 5, published source addresses of notifications.
_SOURCES: Final = frozenset({"103.26.139.81", "103.132.153.81", "103.26.139.87"})
_JSON: Final = msgspec.json.Decoder(dict[str, object])


class SslcommerzShop:
    """See `played.seam.Adapter`."""

    name = "sslcommerz"

    def read_form(self, raw: bytes, headers: Mapping[str, str], *, media_type: str) -> Posted:
        try:
            pairs = parse_qsl(
                raw.decode(), keep_blank_values=True, max_num_fields=_FIELDS_MAX, encoding="utf-8", errors="strict"
            )
        except ValueError as wrong:
            raise Unreadable(str(wrong)) from None
        firsts: dict[str, str] = {}
        repeated: set[str] = set()
        for name, value in pairs:
            (repeated.add(name) if name in firsts else firsts.update({name: value}))
        return Posted(dict(pairs), firsts, frozenset(repeated), headers, media_type)

    def read_claim(self, fields: Mapping[str, str]) -> Claim:
        says, reference = _NOTIFIED.get(fields.get("status", "")), fields.get("tran_id", "")
        if says is None or not reference:
            raise Unreadable("a status that we know and a tran_id are needed")
        settlement = fields.get("val_id", "")
        if says is Says.PAID and not settlement:
            raise Unreadable("VALID comes with a val_id")
        return Claim(
            reference,
            says,
            settlement,
            store=fields.get("store_id", ""),
            gross=_gross(fields),
            net=_money(fields.get("store_amount"), fields.get("currency")),
            is_risky=fields.get("risk_level", "0") != "0",
        )

    def is_blank(self, keys: Keys) -> bool:
        return not (keys.get("store_id") and keys.get("store_passwd"))

    def carries_proof(self, fields: Mapping[str, str]) -> bool:
        return bool(fields.get("verify_sign"))

    def is_proven(self, fields: Mapping[str, str], keys: Keys, *, insists: bool = True) -> bool:
        named = [name for name in fields.get("verify_key", "").split(",") if name]
        if insists and (not named or any(name in fields and name not in named for name in _READ)):
            return False
        if any(name not in fields for name in named):
            return False
        shown = {name: fields[name] for name in named if name not in _PROOF}
        password = keys.get("store_passwd", "")
        signs = (("verify_sign", "md5"), ("verify_sign_sha2", "sha256"))
        return all(_is_right(fields.get(name), shown, password=password, algorithm=how) for name, how in signs)

    def is_source(self, address: str) -> bool:
        return address in _SOURCES

    async def open_session(self, line: Line, keys: Keys, wanted: SessionWanted) -> OpenedSession:
        question = Question(
            "POST", "/gwprocess/v4/api.php", "createSession", wanted.reference, form=_render_session(wanted, keys)
        )
        told = _decode(await line.ask(question))
        if told.get("status") == "SUCCESS" and told.get("sessionkey") and told.get("GatewayPageURL"):
            return OpenedSession(str(told["sessionkey"]), str(told["GatewayPageURL"]))
        if told.get("status") == "FAILED":
            raise Refused(str(told.get("failedreason", "")))
        raise Unknown("the answer has no session")

    async def validate(self, line: Line, keys: Keys, asking: Asking) -> Truth:
        if asking.encodes and not _VAL_ID.fullmatch(asking.settlement):
            return Truth(Says.NO_SUCH, settlement=asking.settlement)
        settlement = quote(asking.settlement, safe="") if asking.encodes else asking.settlement
        query = f"val_id={settlement}&{_credentials(keys)}&v=1&format=json"
        question = Question(
            "GET", _VALIDATOR, "validateOrder", asking.reference, query, follows_redirects=asking.follows_redirects
        )
        truth = _truth_of(_connected(_decode(await line.ask(question))))
        if asking.encodes and truth.says is Says.PAID and truth.settlement != asking.settlement:
            # Well-formed and about something else: it answers no question of ours.
            raise Unknown("the answer is about another payment")
        return truth

    async def query(self, line: Line, keys: Keys, reference: str) -> tuple[Truth, ...]:
        query = f"tran_id={quote(reference, safe='')}&{_credentials(keys)}&v=1&format=json"
        told = _connected(_decode(await line.ask(Question("GET", _QUERIES, "queryTransaction", reference, query))))
        elements = told.get("element")
        if not isinstance(elements, list):
            raise Unknown("the answer lists no payments")
        found: list[Truth] = []
        for element in elements:  # pyright: ignore[reportUnknownVariableType]  # decoded JSON, looked at on the next line
            if not isinstance(element, dict):
                raise Unknown("an element is no payment")
            truth = _truth_of(element)  # pyright: ignore[reportUnknownArgumentType]  # decoded JSON has string keys
            if truth.reference != reference:
                raise Unknown("the answer is about another payment")
            found.append(truth)
        return tuple(found)

    async def refund(self, line: Line, keys: Keys, wanted: RefundWanted) -> RefundAnswer:
        asked = {
            "bank_tran_id": wanted.bank_reference,
            "refund_amount": str(wanted.amount),
            "refund_remarks": wanted.remarks,
            "refe_id": wanted.reference,
            "refund_trans_id": wanted.reference,
        }
        query = f"{urlencode(asked)}&{_credentials(keys)}&v=1&format=json"
        told = _decode(await line.ask(Question("GET", _QUERIES, "queryTransaction", wanted.reference, query)))
        return _refund_answer(_connected(told))

    async def query_refund(self, line: Line, keys: Keys, gateway_reference: str) -> RefundAnswer:
        query = f"refund_ref_id={quote(gateway_reference, safe='')}&{_credentials(keys)}&v=1&format=json"
        told = _decode(await line.ask(Question("GET", _QUERIES, "queryTransaction", gateway_reference, query)))
        return _refund_answer(_connected(told))


def _is_right(given: str | None, shown: Mapping[str, str], *, password: str, algorithm: str) -> bool:
    if given is None:
        # The older sign is in every capture; the newer one is not (fact sheet 4).
        return algorithm != "md5"
    digest = hashlib.new(algorithm, password.encode()).hexdigest()
    signed = {**shown, "store_passwd": digest}
    text = "&".join(f"{name}={signed[name]}" for name in sorted(signed, key=str.encode))
    return hmac.compare_digest(hashlib.new(algorithm, text.encode()).hexdigest().encode(), given.encode())


def _render_session(wanted: SessionWanted, keys: Keys) -> dict[str, str]:
    shopper = wanted.shopper
    return {
        "store_id": keys.get("store_id", ""),
        "store_passwd": keys.get("store_passwd", ""),
        "total_amount": str(wanted.price),
        "currency": wanted.price.currency,
        "tran_id": wanted.reference,
        "product_category": "general",
        "product_name": wanted.title,
        "product_profile": "general",
        "num_of_item": str(wanted.quantity),
        "success_url": f"{wanted.return_url}/success",
        "fail_url": f"{wanted.return_url}/fail",
        "cancel_url": f"{wanted.return_url}/cancel",
        "ipn_url": wanted.notify_url,
        "shipping_method": "NO",
        "cus_name": shopper.get("name", ""),
        "cus_email": shopper.get("email", ""),
        "cus_phone": shopper.get("phone", ""),
        "cus_add1": shopper.get("address", ""),
        "cus_city": shopper.get("city", ""),
        "cus_country": shopper.get("country", ""),
        "cus_postcode": shopper.get("postcode", ""),
        "value_a": wanted.order,
        "value_b": wanted.note,
    }


def _credentials(keys: Keys) -> str:
    return urlencode({"store_id": keys.get("store_id", ""), "store_passwd": keys.get("store_passwd", "")})


def _decode(body: bytes) -> Mapping[str, object]:
    try:
        return _JSON.decode(body)
    except msgspec.DecodeError as wrong:
        raise Unknown(f"the answer is no JSON object: {wrong}") from None


def _connected(told: Mapping[str, object]) -> Mapping[str, object]:
    """Let an answer through that says the call was understood."""
    if told.get("APIConnect") != "DONE":
        raise Unknown(f"APIConnect is {told.get('APIConnect')}")
    return told


def _truth_of(told: Mapping[str, object]) -> Truth:
    status = str(told.get("status", ""))
    says = _ANSWERED.get(status)
    if says is None:
        raise Unknown(f"the status {status!r} says nothing")
    gross, net = _gross(told), _money(told.get("store_amount"), told.get("currency"))
    truth = Truth(
        says,
        str(told.get("tran_id", "")),
        str(told.get("val_id", "")),
        str(told.get("bank_tran_id", "")),
        gross=gross,
        net=net,
        settled=_money(told.get("amount"), told.get("currency")),
        is_risky=str(told.get("risk_level", "")) == "1",
        is_repeated=status == "VALIDATED",
    )
    if says is Says.PAID and not (truth.reference and truth.settlement and gross and "risk_level" in told):
        raise Unknown("the answer says paid and leaves out what, or how much")
    return truth


def _gross(told: Mapping[str, object]) -> Money | None:
    """Read the sum in the currency that was asked for (section 10): what a shop can compare with its order."""
    asked = _money(told.get("currency_amount"), told.get("currency_type"))
    settled = _money(told.get("amount"), told.get("currency"))
    if asked is None or settled is None:
        return None
    # Where both are in one currency they must say the same.
    return None if asked.currency == settled.currency and asked != settled else asked


def _money(amount: object, currency: object) -> Money | None:
    try:
        return parse_money(str(amount), str(currency))
    except MoneyError:
        return None


def _refund_answer(told: Mapping[str, object]) -> RefundAnswer:
    word = _REFUND_WORDS.get(str(told.get("status", "")))
    if word is None:
        raise Unknown(f"the status {told.get('status')!r} says nothing of a refund")
    return RefundAnswer(word, str(told.get("refund_ref_id") or ""), str(told.get("errorReason") or ""))


SSLCOMMERZ: Final = SslcommerzShop()
