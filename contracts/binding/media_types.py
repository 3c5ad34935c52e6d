"""Reads media types (RFC 9110 section 8.3.1). Which reader a media type gets is `bodies.py`."""

from dataclasses import dataclass

from python_multipart.multipart import parse_options_header


@dataclass(frozen=True, slots=True)
class MediaType:
    """`name` and `charset` are in lower case; `charset` is empty where none is declared."""

    name: str
    charset: str = ""
    boundary: str = ""

    @property
    def is_json(self) -> bool:
        return is_json(self.name)

    def matches(self, declared: str) -> bool:
        """Whether `declared`, which may be a range like `text/*`, covers this type."""
        kind, _, _ = self.name.partition("/")
        return declared in {self.name, f"{kind}/*", "*/*"}


def is_json(name: str) -> bool:
    return name == "application/json" or name.endswith("+json")


def parse_media_type(value: str) -> MediaType:
    name, options = parse_options_header(value)
    charset = options.get(b"charset", b"").decode("latin-1").lower()
    return MediaType(name.decode("latin-1"), charset, options.get(b"boundary", b"").decode("latin-1"))
