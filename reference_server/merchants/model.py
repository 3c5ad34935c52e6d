"""The tables of merchants, of their retired keys and secrets, and of their gateway accounts."""

from datetime import datetime
from enum import Enum

from sqlalchemy import JSON, String
from sqlmodel import Field, UniqueConstraint

from reference_server.columns import Instant, Row, words_of
from reference_server.ids import MerchantId


class Merchant(Row, table=True):
    """A business that is paid. `name` is the account's name on the control plane."""

    id: MerchantId = Field(primary_key=True, sa_type=String)
    name: str = Field(unique=True)
    api_key: str = Field(unique=True)
    # The secret itself is shown once and never stored.
    api_secret_digest: str = Field(repr=False)
    frontend_url: str
    # Without one nothing is owed after the money.
    provisioning_url: str | None = None
    # Those that registered over the API; one that the control plane or the settings opened has neither.
    email: str | None = Field(default=None, unique=True)
    created_at: datetime | None = Field(default=None, sa_type=Instant)


class CredentialKind(Enum):
    """Which half of what a merchant shows with every call."""

    KEY = "key"
    SECRET = "secret"  # noqa: S105  # the name of the half, not one


class RetiredCredential(Row, table=True):
    """A key, or the digest of a secret, that was rotated out and works until `ends_at`, not at it."""

    __table_args__ = (UniqueConstraint("kind", "credential"),)

    id: int | None = Field(default=None, primary_key=True)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String, index=True)
    kind: CredentialKind = Field(sa_column=words_of(CredentialKind))
    credential: str = Field(repr=False)
    ends_at: datetime = Field(sa_type=Instant)


class GatewayAccount(Row, table=True):
    """A merchant's credentials with one gateway; here in clear, since every call has to show them."""

    __table_args__ = (UniqueConstraint("merchant_id", "gateway"),)

    id: int | None = Field(default=None, primary_key=True)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String)
    gateway: str
    credentials: dict[str, str] = Field(sa_type=JSON, repr=False)
    base_url: str
