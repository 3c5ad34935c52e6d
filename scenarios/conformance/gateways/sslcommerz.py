"""Forges and alters IPNs and returns in SSLCommerz' manner; fact sheet sections 4 to 7, and 9 for refunds."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

from scenarios.conformance.adversary import Forgery, Message, Opened, Operations, Purchase, Refunding

_PROOF = ("verify_sign", "verify_key", "verify_sign_sha2")
_PART = re.compile(r'name="([^"]+)"\r?\n(?:[^\r\n]+\r?\n)*\r?\n(.*?)\r?\n--', re.DOTALL)
# Both cards and countries stand in every captured message (B); what they say matters to nobody.
_CARD = {
    "card_type": "VISA-Dutch Bangla",
    "card_no": "411111XXXXXX1111",
    "card_issuer": "TRUST BANK, LTD.",
    "card_brand": "VISA",
    "card_sub_brand": "Classic",
    "card_issuer_country": "Bangladesh",
    "card_issuer_country_code": "BD",
}
# An id that no gateway gave out, in the right form: YYMMDDHHMMSS and 15 letters (B).
_INVENTED = "260101120000INVENTEDBYUS001"
# What keeps 97.5 % (B, sandbox samples): the simulator's default.
_NET_PERMYRIAD = 9750


class SslcommerzAdversary:
    """See `Adversary`."""

    gateway = "sslcommerz"
    operations = Operations("ipn", "createSession", "validateOrder", "queryTransaction", "queryTransaction")

    def __init__(self, credentials: Mapping[str, str]) -> None:
        self._store = credentials["store_id"]
        self._password = credentials["store_passwd"]

    def read_opening(self, body: str) -> Opened:
        fields = dict(_PART.findall(body)) if body.startswith("--") else dict(parse_qsl(body, keep_blank_values=True))
        return Opened(*(fields.get(name, "") for name in ("ipn_url", "success_url", "fail_url", "cancel_url")))

    def read_refund(self, url: str, body: str) -> Refunding | None:
        asked = dict(parse_qsl(urlsplit(url).query) + parse_qsl(body))
        if "refund_amount" not in asked:
            return None
        reference = asked.get("refund_trans_id") or asked.get("refe_id") or ""
        return Refunding(reference, asked.get("bank_tran_id", ""), int(Decimal(asked["refund_amount"]) * 100))

    def payment_of(self, message: Message) -> str:
        return message.value("bank_tran_id")

    def is_confirming(self, url: str) -> str | None:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        names = [name.lower() for name, _ in pairs]
        stores = [value for name, value in pairs if name.lower() == "store_id"]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            return f"the validation call has {', '.join(repeated)} more than once"
        if stores != [self._store]:
            return f"the validation call speaks for the store {', '.join(stores) or 'nobody'}"
        return None

    def success(self, purchase: Purchase, url: str) -> Message:
        paid = {
            "val_id": _INVENTED,
            "store_amount": _written(purchase.amount_minor * _NET_PERMYRIAD // 10_000),
            "risk_level": "0",
            "risk_title": "Safe",
        }
        return self._message(purchase, url, status="VALID", more={**_CARD, **paid})

    def failure(self, purchase: Purchase, url: str) -> Message:
        return self._message(purchase, url, status="FAILED", more={**_CARD, "error": "Invalid expiration date"})

    def cancellation(self, purchase: Purchase, url: str) -> Message:
        return self._message(purchase, url, status="CANCELLED", more={"error": "Cancelled by User", "bank_tran_id": ""})

    def proven(self, message: Message) -> Message:
        return self.signed_with(self._password, message)

    def unproven(self, message: Message) -> Message:
        return message.without(*_PROOF)

    def signed_with(self, secret: str, message: Message) -> Message:
        bare = message.without(*_PROOF)
        return bare.having(**_prove(dict(bare.fields), secret))

    def forgeries(self, purchase: Purchase, url: str) -> Sequence[Forgery]:
        genuine = self.success(purchase, url)
        failed = self.failure(purchase, url)
        return (
            Forgery("no proof at all", genuine.without(*_PROOF)),
            Forgery("an empty proof", genuine.having(verify_sign="", verify_key="", verify_sign_sha2="")),
            Forgery("a proof with another key", self.signed_with("guessed@ssl", genuine)),
            Forgery("a failure made a success after it was signed", failed.having(status="VALID", val_id=_INVENTED)),
            Forgery("the amount changed after it was signed", genuine.having(amount="1.00")),
            Forgery("the currency changed after it was signed", genuine.having(currency="USD", currency_type="USD")),
        )

    def ambiguous(self, purchase: Purchase, url: str) -> Sequence[Forgery]:
        genuine = self.success(purchase, url)
        bare = genuine.without(*_PROOF)
        covered = {name: bare.value(name) for name in ("tran_id", "val_id", "store_id")}
        failed = self.failure(purchase, url)
        return (
            Forgery("a proof that covers neither status nor amount", bare.having(**_prove(covered, self._password))),
            Forgery(
                "the status said twice, the first of them signed",
                Message(url, (*failed.fields, ("status", "VALID"), ("val_id", _INVENTED))),
            ),
            Forgery(
                "an amount in brackets beside the signed one",
                Message(url, (*genuine.fields, ("amount[]", _written(purchase.amount_minor)))),
            ),
        )

    def hijackers(self, purchase: Purchase, url: str) -> Sequence[Forgery]:
        genuine = self.success(purchase, url)
        ids = {
            "an id shaped as a path": "../../gwprocess/v4/api.php",
            "an id that brings a store of its own": f"{_INVENTED}&store_id=evil&store_passwd=evil",
            "an id that cuts the address off": f"{_INVENTED}&format=xml#",
        }
        return [Forgery(words, self.proven(genuine.having(val_id=val_id))) for words, val_id in ids.items()]

    def about(self, purchase: Purchase, other: Message) -> Message:
        return self.proven(other.having(tran_id=purchase.reference))

    def odd_values(self) -> Mapping[str, str]:
        return {"value_a": "a=b&c=d", "value_b": "  blanks at both ends  ", "value_c": "1+1 % ঢাকা", "value_d": ""}

    def net_equal(self, amount_minor: int) -> int:
        return (amount_minor * 10_000 + _NET_PERMYRIAD // 2) // _NET_PERMYRIAD

    def opening_of(self, purchase: Purchase, urls: Opened) -> tuple[str, Mapping[str, str]]:
        return "/gwprocess/v4/api.php", {
            "store_id": self._store,
            "store_passwd": self._password,
            "total_amount": _written(purchase.amount_minor),
            "currency": purchase.currency,
            "tran_id": purchase.reference,
            "success_url": urls.success,
            "fail_url": urls.fail,
            "cancel_url": urls.cancel,
            "ipn_url": urls.notify,
            "product_category": "x",
            "product_name": "x",
            "product_profile": "general",
            "shipping_method": "NO",
            "num_of_item": "1",
            "cus_name": "Mallory",
            "cus_email": "mallory@example.com",
            "cus_add1": "x",
            "cus_city": "Dhaka",
            "cus_postcode": "1205",
            "cus_country": "Bangladesh",
            "cus_phone": "01700000000",
        }

    def _message(self, purchase: Purchase, url: str, *, status: str, more: Mapping[str, str]) -> Message:
        amount = _written(purchase.amount_minor)
        fields = {
            "tran_id": purchase.reference,
            "amount": amount,
            "bank_tran_id": "260101120000INVENTEDBYUS002",
            "status": status,
            "tran_date": "2026-01-01 12:00:00",
            "error": "",
            "currency": "BDT",
            "store_id": self._store,
            "currency_type": purchase.currency,
            "currency_amount": amount,
            "currency_rate": "1.0000",
            "base_fair": "0.00",
            **{f"value_{letter}": "" for letter in "abcd"},
            **more,
        }
        return Message(url, tuple((fields | _prove(fields, self._password)).items()))


def _prove(fields: Mapping[str, str], password: str) -> dict[str, str]:
    """Fact sheet section 6 (A)."""
    names = sorted(fields)
    proof = {"verify_key": ",".join(names)}
    for member, digest in (("verify_sign", hashlib.md5), ("verify_sign_sha2", hashlib.sha256)):
        hidden = digest(password.encode()).hexdigest()
        joined = "&".join(f"{name}={value}" for name, value in sorted({**fields, "store_passwd": hidden}.items()))
        proof[member] = digest(joined.encode()).hexdigest()
    return proof


def _written(minor: int) -> str:
    """Every currency that SSLCommerz names has two decimals."""
    return f"{minor // 100}.{minor % 100:02}"
