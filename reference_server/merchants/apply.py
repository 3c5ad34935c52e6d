"""What changes a merchant: registering it, and rotating its key or secret while the old one works for an overlap."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from reference_server.errors import ConflictError
from reference_server.ids import MerchantId
from reference_server.merchants.model import CredentialKind, Merchant, RetiredCredential
from reference_server.merchants.store import add_merchant, digest_of, is_email_taken, lock_merchant, shorten_retired


@dataclass(frozen=True, slots=True)
class NewMerchant:
    """A merchant that registers, with what was drawn for it; of the secret only the digest comes here."""

    id: MerchantId
    name: str
    email: str
    api_key: str
    api_secret_digest: str
    frontend_url: str


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a new key or secret comes into force, and how long the old one goes on working beside it."""

    at: datetime
    overlap: timedelta


def register_merchant(session: Session, new: NewMerchant, *, at: datetime) -> Merchant:
    """Add the merchant. Raises `ConflictError` when there is one with that email."""
    if is_email_taken(session, new.email):
        raise ConflictError("there is a merchant with that email already")
    merchant = Merchant(
        id=new.id,
        name=new.name,
        api_key=new.api_key,
        api_secret_digest=new.api_secret_digest,
        frontend_url=new.frontend_url,
        email=new.email,
        created_at=at,
    )
    add_merchant(session, merchant, None)
    return merchant


def rotate_key(session: Session, merchant_id: MerchantId, drawn: str, *, rotation: Rotation) -> datetime:
    """Put the drawn key in force and return when the old one ends."""
    merchant = lock_merchant(session, merchant_id)
    ends_at = _retire(session, merchant, (CredentialKind.KEY, merchant.api_key), rotation=rotation)
    merchant.api_key = drawn
    session.add(merchant)
    return ends_at


def rotate_secret(session: Session, merchant_id: MerchantId, drawn: str, *, rotation: Rotation) -> datetime:
    """Put the drawn secret in force and return when the old one ends."""
    merchant = lock_merchant(session, merchant_id)
    retired = (CredentialKind.SECRET, merchant.api_secret_digest)
    ends_at = _retire(session, merchant, retired, rotation=rotation)
    merchant.api_secret_digest = digest_of(drawn)
    session.add(merchant)
    return ends_at


def _retire(
    session: Session, merchant: Merchant, retired: tuple[CredentialKind, str], *, rotation: Rotation
) -> datetime:
    """Let the old one work until the overlap ends, and none of its kind longer: a short overlap ends all of them."""
    kind, credential = retired
    ends_at = rotation.at + rotation.overlap
    shorten_retired(session, merchant.id, kind, at=rotation.at, ends_at=ends_at)
    if rotation.overlap:
        session.add(RetiredCredential(merchant_id=merchant.id, kind=kind, credential=credential, ends_at=ends_at))
        session.flush()
    return ends_at
