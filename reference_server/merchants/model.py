"""The tables of merchants and of their gateway accounts."""

from sqlalchemy import JSON, String
from sqlmodel import Field, UniqueConstraint

from reference_server.columns import Row
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


class GatewayAccount(Row, table=True):
    """A merchant's credentials with one gateway; here in clear, since every call has to show them."""

    __table_args__ = (UniqueConstraint("merchant_id", "gateway"),)

    id: int | None = Field(default=None, primary_key=True)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String)
    gateway: str
    credentials: dict[str, str] = Field(sa_type=JSON, repr=False)
    base_url: str
