"""How much one request may ask of us before it is refused."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one request. `fields` counts a form's or a query's fields, and the members of any one JSON object.

    `body_bytes` bounds a body of JSON; one of any other media type has at most `other_bytes` besides. `values` bounds
    the items and members of the whole of a JSON body: each costs us microseconds, and its sender two bytes.
    """

    body_bytes: int = 1_048_576
    fields: int = 1_000
    depth: int = 32
    field_bytes: int = 65_536
    query_bytes: int = 8_192
    other_bytes: int = 1_048_576
    # As many as a body of the default length can hold, which is no bound.
    values: int = 1_048_576
