"""The names of what the shop owes itself, as `GET /_control/due` shows them."""

from typing import Final

CONFIRM: Final = "confirm_notification"
POLL: Final = "poll_gateway"
DELIVER: Final = "deliver_order"
SEND_REFUND: Final = "send_refund"
FOLLOW_REFUND: Final = "follow_refund"
