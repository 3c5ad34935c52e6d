"""What the reference page shows, as values in its order: groups of operations, webhooks, schemas."""

from dataclasses import dataclass

from reference_server.apis.reference.fields import Field, Word


@dataclass(frozen=True, slots=True)
class Sample:
    """An example of the document: what it shows, and its text as it goes over the wire, set out to be read."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a body holds, in which forms; `schema` names the section with its fields where it has one."""

    media_types: tuple[str, ...]
    type: tuple[Word, ...]
    fields: tuple[Field, ...]
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: its status or `default`, when it is given, what it carries."""

    status: str
    description: str
    body: Body | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation, or one webhook; its `name` is its anchor. `command` asks for it from a shell."""

    name: str
    address: str
    summary: str
    description: str
    is_for_merchants: bool
    is_idempotent: bool
    parameters: tuple[tuple[str, Field], ...]
    body: Body | None
    replies: tuple[Reply, ...]
    command: str


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of one tag."""

    name: str
    description: str
    entries: tuple[Entry, ...]

    @property
    def anchor(self) -> str:
        """The group's own anchor, apart from those of operations and schemas."""
        return "group-" + self.name.replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Schema:
    """One named schema with its own section."""

    name: str
    description: str
    type: tuple[Word, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole page."""

    title: str
    version: str
    description: str
    groups: tuple[Group, ...]
    webhooks: tuple[Entry, ...]
    schemas: tuple[Schema, ...]
