"""The table of fulfilments: one per order that is to be provisioned."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlmodel import Field

from reference_server.columns import Instant, Row, words_of
from reference_server.fulfilment.lifecycle import FulfilmentState
from reference_server.ids import OrderId


class Fulfilment(Row, table=True):
    """The duty to deliver one paid order. `key` goes out with every call, so that the merchant does it once."""

    order_id: OrderId = Field(primary_key=True, foreign_key="orders.id", sa_type=String)
    key: str = Field(unique=True)
    state: FulfilmentState = Field(sa_column=words_of(FulfilmentState))
    calls: int = 0
    # What the merchant's system last answered, as it came.
    answer: str = Field(default="", sa_type=Text)
    updated_at: datetime = Field(sa_type=Instant)
