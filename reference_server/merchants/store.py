"""Merchants and their gateway accounts: adding, finding, and telling one by its key and secret."""

from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import Session, col, select

from reference_server.columns import locked
from reference_server.errors import ConflictError, MissingError, UnauthenticatedError
from reference_server.ids import MerchantId
from reference_server.incarnation import note_knowledge
from reference_server.merchants.model import CredentialKind, GatewayAccount, Merchant, RetiredCredential

# The sandbox: it has no credentials, so that no merchant has to open an account with it.
IN_HOUSE = "sandbox"
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
    note_knowledge(session)
    session.add(merchant)
    session.flush()
    if account is not None:
        session.add(account)


def authenticate(session: Session, api_key: str, *, api_secret: str, at: datetime) -> Merchant:
    """Return whose key and secret these are at that instant, be they current or in the overlap of a rotation.

    Raises `UnauthenticatedError`.
    """
    merchant = session.exec(select(Merchant).where(Merchant.api_key == api_key)).one_or_none()
    shown = digest_of(api_secret)
    stored = _NOBODYS_DIGEST if merchant is None else merchant.api_secret_digest
    is_right = compare_digest(stored, shown)
    if merchant is not None and is_right:
        return merchant
    merchant = _authenticate_retired(session, api_key, shown=shown, at=at)
    if merchant is None:
        raise UnauthenticatedError("X-Api-Key and X-Api-Secret are not those of a merchant")
    return merchant


def _authenticate_retired(session: Session, api_key: str, *, shown: str, at: datetime) -> Merchant | None:
    # The same two questions whatever is wrong, so that the answer to an unknown key takes as long as to a wrong secret.
    is_of_key = (col(Merchant.api_key) == api_key) | col(Merchant.id).in_(
        select(RetiredCredential.merchant_id).where(*_working(CredentialKind.KEY, at), _is(api_key))
    )
    merchant = session.exec(select(Merchant).where(is_of_key)).first()
    owner = "" if merchant is None else merchant.id
    retired = select(RetiredCredential).where(
        *_working(CredentialKind.SECRET, at), RetiredCredential.merchant_id == owner
    )
    digests = [one.credential for one in session.exec(retired)]
    digests.append(_NOBODYS_DIGEST if merchant is None else merchant.api_secret_digest)
    # Each is compared, whichever is right.
    matches = [compare_digest(digest, shown) for digest in digests]
    return merchant if merchant is not None and any(matches) else None


def _working(kind: CredentialKind, at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (col(RetiredCredential.kind) == kind, col(RetiredCredential.ends_at) > at)


def _is(credential: str) -> ColumnElement[bool]:
    return col(RetiredCredential.credential) == credential


def lock_merchant(session: Session, merchant_id: MerchantId) -> Merchant:
    """Return a merchant that is there, as it is now, locked where the engine locks rows."""
    return session.exec(locked(select(Merchant).where(Merchant.id == merchant_id))).one()


def is_email_taken(session: Session, email: str) -> bool:
    """Say whether a merchant registered with it."""
    return session.exec(select(Merchant.id).where(Merchant.email == email)).first() is not None


def shorten_retired(
    session: Session, merchant_id: MerchantId, kind: CredentialKind, *, at: datetime, ends_at: datetime
) -> None:
    """Let no older key or secret of the merchant work longer than until `ends_at`; forget those that ended by `at`."""
    older = (col(RetiredCredential.merchant_id) == merchant_id, col(RetiredCredential.kind) == kind)
    session.exec(delete(RetiredCredential).where(*older, col(RetiredCredential.ends_at) <= at))
    longer = update(RetiredCredential).where(*older, col(RetiredCredential.ends_at) > ends_at)
    session.exec(longer.values(ends_at=ends_at))


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


def list_frontends(session: Session) -> list[tuple[str, str]]:
    """Return every merchant's name with where its shoppers return to: what each process knows of all of them."""
    return list(session.exec(select(Merchant.name, Merchant.frontend_url)))


def list_credentials(session: Session) -> list[dict[str, str]]:
    """Return the credentials of every gateway account."""
    return [account.credentials for account in session.exec(select(GatewayAccount))]


def list_gateway_accounts(session: Session, merchant_id: MerchantId) -> list[GatewayAccount]:
    """Return a merchant's gateway accounts."""
    return list(session.exec(select(GatewayAccount).where(GatewayAccount.merchant_id == merchant_id)))


def list_gateway_names(session: Session, merchant_id: MerchantId) -> list[str]:
    """Return the gateways that a merchant can be paid by."""
    return sorted({IN_HOUSE, *(account.gateway for account in list_gateway_accounts(session, merchant_id))})


def find_gateway_account(session: Session, merchant_id: MerchantId, gateway: str) -> GatewayAccount | None:
    """Return a merchant's account with a gateway; with the acquirer in the house everybody has one."""
    if gateway == IN_HOUSE:
        return GatewayAccount(merchant_id=merchant_id, gateway=IN_HOUSE, credentials={}, base_url="")
    return session.exec(
        select(GatewayAccount).where(GatewayAccount.merchant_id == merchant_id, GatewayAccount.gateway == gateway)
    ).one_or_none()


def get_gateway_account(session: Session, merchant_id: MerchantId, gateway: str) -> GatewayAccount:
    """Return a merchant's account with a gateway. Raises `ConflictError` when it has none."""
    account = find_gateway_account(session, merchant_id, gateway)
    if account is None:
        raise ConflictError(f"this merchant has no account with {gateway}")
    return account
