"""One type for each kind of id, so that none is taken for another."""

from typing import NewType

MerchantId = NewType("MerchantId", str)
OrderId = NewType("OrderId", str)
PaymentId = NewType("PaymentId", str)
AttemptId = NewType("AttemptId", str)
RefundId = NewType("RefundId", str)
# What document 000 calls sessionId: names an order and its payment to browsers and in notification addresses.
SessionId = NewType("SessionId", str)
