"""How much one request may ask of us before it is refused."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one request. `fields` counts a form's or a query's fields, and the members of any one JSON object."""

    body_bytes: int = 1_048_576
    fields: int = 1_000
    depth: int = 32
    field_bytes: int = 65_536
    query_bytes: int = 8_192
