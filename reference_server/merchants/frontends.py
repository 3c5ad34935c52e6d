"""Where each merchant's shoppers are sent, by the merchant's name: known without asking the store at every request."""

from urllib.parse import urlsplit


class Frontends:
    """`own` is this server's own address, whose pages serve merchants without a frontend; `front` is FRONTEND_URL."""

    def __init__(self, own: str, front: str | None = None) -> None:
        self._ours = {origin_of(url) for url in (own, front) if url}
        self._urls: dict[str, str] = {}
        # Told anew at the next question: learning the merchants of a whole store must not take its square.
        self._origins: frozenset[str] | None = frozenset()

    def learn(self, merchant: str, url: str) -> None:
        """Note where this merchant's shoppers are sent from now on."""
        if self._urls.get(merchant) != url:
            self._urls[merchant] = url
            self._origins = None

    def find(self, merchant: str) -> str | None:
        """Return where this merchant's shoppers are sent."""
        return self._urls.get(merchant)

    def is_origin(self, origin: str) -> bool:
        """Say whether pages of this origin are a merchant's frontend, or our own."""
        if self._origins is None:
            self._origins = frozenset(origin_of(one) for one in self._urls.values())
        return origin in self._ours or origin in self._origins


def is_web_address(url: str) -> bool:
    """Say whether browsers can be sent there."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def origin_of(url: str) -> str:
    """Return the origin as browsers write it: scheme and host, and the port where it is not the scheme's own."""
    parts = urlsplit(url)
    is_usual = parts.port in {None, {"http": 80, "https": 443}.get(parts.scheme)}
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if is_usual else f":{parts.port}")
