"""The table of orders: what is being bought, and for how much. Fixed when it is made."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, String
from sqlmodel import Field, UniqueConstraint

from reference_server.columns import Instant, Row
from reference_server.ids import MerchantId, OrderId
from reference_server.money import Money


class Order(Row, table=True):
    """What a merchant sells. `reference` is the merchant's own id, which the gateway knows too (tran_id)."""

    __table_args__ = (UniqueConstraint("merchant_id", "reference"),)

    id: OrderId = Field(primary_key=True, sa_type=String)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String)
    reference: str = Field(index=True)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    shopper: dict[str, str] = Field(sa_type=JSON, repr=False)
    items: list[dict[str, object]] = Field(sa_type=JSON)
    chassis_no: str
    product_key: str
    created_at: datetime = Field(sa_type=Instant)

    @property
    def money(self) -> Money:
        """What has to be paid."""
        return Money(self.amount_minor, self.currency)
