"""The table of orders: what is being bought, and for how much. Fixed when it is made."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index, String, text
from sqlmodel import Field, UniqueConstraint

from reference_server.columns import Instant, Row
from reference_server.ids import MerchantId, OrderId
from reference_server.money import Money


class Order(Row, table=True):
    """What a merchant sells. `reference` is the merchant's own id, which the gateway knows too (tran_id).

    An order that the merchant gave no id of its own has ours in its place.
    """

    # The index serves a merchant's list, newest first.
    __table_args__ = (
        UniqueConstraint("merchant_id", "reference"),
        Index("ix_orders_merchant_newest", "merchant_id", "created_at", "id"),
        # The few that are erased are asked for at each start.
        Index(
            "ix_orders_erased",
            "erased_at",
            sqlite_where=text("erased_at IS NOT NULL"),
            postgresql_where=text("erased_at IS NOT NULL"),
        ),
    )

    id: OrderId = Field(primary_key=True, sa_type=String)
    merchant_id: MerchantId = Field(foreign_key="merchants.id", sa_type=String)
    reference: str = Field(index=True)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    shopper: dict[str, str] = Field(sa_type=JSON, repr=False)
    items: list[dict[str, object]] = Field(sa_type=JSON)
    chassis_no: str
    product_key: str
    # What the merchant notes for itself: its own number of a receipt, and names with values.
    receipt: str = ""
    notes: dict[str, str] = Field(default_factory=dict, sa_type=JSON, repr=False)
    created_at: datetime = Field(sa_type=Instant)
    # When the shopper's fields went for good: whatever is told of the order later, nothing personal is kept again.
    erased_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def money(self) -> Money:
        """What has to be paid."""
        return Money(self.amount_minor, self.currency)
