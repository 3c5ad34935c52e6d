"""The headers that every answer bears for the safety of browsers, unless an operation says something of its own."""

Pairs = list[tuple[bytes, bytes]]

# An answer of the API is no page: whatever takes it for one gets nothing, frames nothing, and keeps nothing.
_ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
# A year; for this name alone, since we do not know what else lives under it.
_STRICT = (b"strict-transport-security", b"max-age=31536000")


def safety_headers(answered: Pairs, *, is_encrypted: bool) -> Pairs:
    """Return what is missing in an answer's headers."""
    said = {name for name, _ in answered}
    missing = [pair for pair in _ALWAYS if pair[0] not in said]
    return [*missing, _STRICT] if is_encrypted else missing
