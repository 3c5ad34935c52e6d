"""What SSLCommerz means when it refuses: its words, and whether asking again may help."""

from reference_server.errors import GatewayError, GatewayNonsenseError, GatewayRefusedError

# Fact sheet 7: the word for "I did what you asked"; anything else says that the call itself was refused.
API_DONE = "DONE"
_API_REFUSALS = {
    "INVALID_REQUEST": "the gateway found our request incomplete",
    "FAILED": "the gateway did not accept the store's credentials",
    "INACTIVE": "the gateway says that the store is inactive",
}


def error_of_http_status(status: int) -> GatewayError | None:
    """Return what an HTTP status means: every business answer comes as 200, so anything else is a broken gateway."""
    return None if status == 200 else GatewayNonsenseError(f"the gateway answered HTTP {status}")


def error_of_api_connect(word: str) -> GatewayError | None:
    """Return what `APIConnect` means, and None when the call was carried out."""
    if word == API_DONE:
        return None
    if word in _API_REFUSALS:
        return GatewayRefusedError(_API_REFUSALS[word])
    return GatewayNonsenseError("the gateway's answer has no APIConnect that is known")
