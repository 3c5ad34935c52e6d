"""What a test may set of the played shop. Every default is the right shop's."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulators.errors import SettingsError

Gaps = Annotated[list[Annotated[float, Field(ge=0, le=31_536_000)]], Field(max_length=50)]


class ShopSettings(BaseModel):
    """Checked whole. Gaps are seconds between one try and the next; when they are used up, a person must look."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # A test may name the amount and currency of an order; otherwise the catalogue does.
    tests_name_amounts: bool = False
    # Over the account's own, e.g. {"store_passwd": ""} for a shop that was never given its password.
    credentials: Mapping[str, Annotated[str, Field(max_length=200)]] = Field(default_factory=dict[str, str])
    # Money for an order that the shopper has cancelled goes back, or the order is taken up again.
    late_after_cancel: Literal["refund", "honour"] = "refund"
    # Seconds after a session was opened at which the gateway is asked, while there is anything to learn.
    poll_seconds: Gaps = [300, 1_200, 3_600, 21_600, 86_400]
    confirm_seconds: Gaps = [10, 60, 300, 1_800, 7_200, 21_600, 86_400]
    delivery_seconds: Gaps = [60, 300, 1_800, 7_200, 21_600, 86_400]
    refund_seconds: Gaps = [10, 60, 300, 1_800, 7_200, 21_600, 86_400]
    # How long one call to the gateway or to the delivery system may take, body included.
    limit_seconds: Annotated[float, Field(gt=0, le=3_600)] = 10


def read_settings(given: Mapping[str, object]) -> ShopSettings:
    """Read settings as the control plane gives them. Raises `SettingsError` naming each that is wrong."""
    try:
        return ShopSettings.model_validate(dict(given))
    except ValidationError as wrong:
        lines = [
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"
            for error in wrong.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise SettingsError("; ".join(lines)) from None
