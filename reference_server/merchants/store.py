"""Merchants and their gateway accounts: adding, finding, and telling one by its key and secret."""

from hashlib import sha256
from hmac import compare_digest

from sqlmodel import Session, col, select

from reference_server.errors import ConflictError, MissingError, UnauthenticatedError
from reference_server.ids import MerchantId
from reference_server.merchants.model import GatewayAccount, Merchant

# Compared with when there is no such key, so that the answer takes as long as for a wrong secret.
_NOBODYS_DIGEST = sha256(b"").hexdigest()


def digest_of(secret: str) -> str:
    """Return what is stored of an API secret. Secrets are drawn long, so that a plain digest cannot be guessed back."""
    return sha256(secret.encode()).hexdigest()


def add_merchant(session: Session, merchant: Merchant, account: GatewayAccount | None) -> None:
    """Add a merchant with its gateway account. Raises `ConflictError` when the name or the key is taken."""
    taken = select(Merchant).where((col(Merchant.name) == merchant.name) | (col(Merchant.api_key) == merchant.api_key))
    if session.exec(taken).first() is not None:
        raise ConflictError(f"there is an account named {merchant.name} already")
    session.add(merchant)
    session.flush()
    if account is not None:
        session.add(account)


def authenticate(session: Session, api_key: str, *, api_secret: str) -> Merchant:
    """Return whose key and secret these are. Raises `UnauthenticatedError`."""
    merchant = session.exec(select(Merchant).where(Merchant.api_key == api_key)).one_or_none()
    stored = _NOBODYS_DIGEST if merchant is None else merchant.api_secret_digest
    is_right = compare_digest(stored, digest_of(api_secret))
    if merchant is None or not is_right:
        raise UnauthenticatedError("X-Api-Key and X-Api-Secret are not those of a merchant")
    return merchant


def get_merchant(session: Session, merchant_id: MerchantId) -> Merchant:
    """Return the merchant. Raises `MissingError`."""
    merchant = session.get(Merchant, merchant_id)
    if merchant is None:
        raise MissingError("there is no such merchant")
    return merchant


def find_by_name(session: Session, name: str) -> Merchant | None:
    """Return the merchant of that name."""
    return session.exec(select(Merchant).where(Merchant.name == name)).one_or_none()


def get_by_name(session: Session, name: str) -> Merchant:
    """Return the merchant of that name. Raises `MissingError`."""
    merchant = find_by_name(session, name)
    if merchant is None:
        raise MissingError(f"there is no account named {name}")
    return merchant


def list_merchants(session: Session) -> list[Merchant]:
    """Return every merchant by name."""
    return list(session.exec(select(Merchant).order_by(Merchant.name)))


def list_gateway_accounts(session: Session, merchant_id: MerchantId) -> list[GatewayAccount]:
    """Return a merchant's gateway accounts."""
    return list(session.exec(select(GatewayAccount).where(GatewayAccount.merchant_id == merchant_id)))


def find_gateway_account(session: Session, merchant_id: MerchantId, gateway: str) -> GatewayAccount | None:
    """Return a merchant's account with a gateway."""
    return session.exec(
        select(GatewayAccount).where(GatewayAccount.merchant_id == merchant_id, GatewayAccount.gateway == gateway)
    ).one_or_none()


def get_gateway_account(session: Session, merchant_id: MerchantId, gateway: str) -> GatewayAccount:
    """Return a merchant's account with a gateway. Raises `ConflictError` when it has none."""
    account = find_gateway_account(session, merchant_id, gateway)
    if account is None:
        raise ConflictError(f"this merchant has no account with {gateway}")
    return account
