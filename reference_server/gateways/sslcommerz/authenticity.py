"""Shows our credentials to SSLCommerz and verifies its IPNs. Source of the algorithm: fact sheet 6, vectors V0 to V4.

A right sign proves only that the sender knew the store password: it is not single-use and binds no session,
so that an IPN is never more than hearsay.
"""

from collections.abc import Callable, Mapping
from hashlib import md5, sha256
from hmac import compare_digest

from reference_server.gateways.gateway import Forged, Hearsay, Verdict

# Both digests are the vendor's choice; what they can be trusted with is said above.
SIGNS: dict[str, Callable[[str], str]] = {
    "verify_sign": lambda text: md5(text.encode(), usedforsecurity=False).hexdigest(),
    "verify_sign_sha2": lambda text: sha256(text.encode()).hexdigest(),
}
# Every field that we read must be under the sign where it is sent, or it could be swapped (failure catalogue A11).
_MUST_BE_SIGNED = ("tran_id", "status", "val_id", "amount", "currency", "store_id", "currency_type", "currency_amount")
_NOTE_CHARACTERS_MAX = 2_000


def credential_fields(credentials: Mapping[str, str]) -> dict[str, str]:
    """Return the two fields that every call carries; SSLCommerz has no other authentication."""
    return {"store_id": credentials["store_id"], "store_passwd": credentials["store_passwd"]}


def verify_ipn(fields: Mapping[str, str], credentials: Mapping[str, str]) -> Verdict:
    """Judge an IPN by its store and its signs. One without any sign is hearsay too: the validation call decides."""
    if fields.get("store_id", credentials["store_id"]) != credentials["store_id"]:
        return Forged("store_id names another store")
    if not any(sign in fields for sign in SIGNS) and "verify_key" not in fields:
        return Hearsay(is_signed=False)
    names = [name for name in fields.get("verify_key", "").split(",") if name]
    missing = [name for name in names if name not in fields]
    if missing:
        return Forged(f"verify_key names fields that were not sent: {', '.join(missing)}"[:_NOTE_CHARACTERS_MAX])
    unsigned = [name for name in _MUST_BE_SIGNED if name in fields and name not in names]
    if unsigned:
        return Forged(f"verify_key leaves out fields that count: {', '.join(unsigned)}")
    signed = {name: fields[name] for name in names}
    shown, store_passwd = [sign for sign in SIGNS if sign in fields], credentials["store_passwd"]
    wrong = [it for it in shown if not _is_right(it, fields[it], signed=signed, store_passwd=store_passwd)]
    if wrong or not shown:
        return Forged(_explain(wrong or list(SIGNS), signed))
    return Hearsay(is_signed=True)


def sign_fields(sign: str, signed: Mapping[str, str], *, store_passwd: str) -> str:
    """Return one of both signs over fields, in lower-case hex."""
    digest = SIGNS[sign]
    return digest(base_string(signed, digest(store_passwd)))


def base_string(signed: Mapping[str, str], password_digest: str) -> str:
    """Join what is signed: raw decoded values by key in byte order, the password's digest as one of them."""
    joined = {**signed, "store_passwd": password_digest}
    return "&".join(f"{key}={joined[key]}" for key in sorted(joined, key=str.encode))


def _is_right(sign: str, shown: str, *, signed: Mapping[str, str], store_passwd: str) -> bool:
    return compare_digest(sign_fields(sign, signed, store_passwd=store_passwd).encode(), shown.encode())


def _explain(wrong: list[str], signed: Mapping[str, str]) -> str:
    told = f"{' and '.join(wrong)} should have covered: {base_string(signed, '***')}"
    return told[:_NOTE_CHARACTERS_MAX]
