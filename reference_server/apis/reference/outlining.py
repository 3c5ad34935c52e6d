"""Reads the outline of the reference page out of the document."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import orjson

from contracts.binding import Document, Operation
from contracts.binding.reference import Node
from reference_server.apis.reference.commands import command_of
from reference_server.apis.reference.fields import Field, row_of, rows_of, word_type
from reference_server.apis.reference.outline import Body, Entry, Group, Outline, Reply, Sample, Schema


def outline_of(document: Document, own_url: str) -> Outline:
    """Set out the document's operations, webhooks and schemas. `own_url` is what the commands ask."""
    top = document.top
    info = top.child("info") or top
    return Outline(
        info.text("title"),
        info.text("version"),
        info.text("description"),
        tuple(_groups(top, document.operations, own_url)),
        tuple(_webhooks(top)),
        tuple(_schemas(top)),
    )


def _groups(top: Node, operations: tuple[Operation, ...], own_url: str) -> Iterator[Group]:
    items = dict(top.children("paths"))
    for tag in top.items("tags"):
        name = tag.text("name")
        chosen = [operation for operation in operations if operation.tags[:1] == (name,)]
        if chosen:
            entries = tuple(_entry(operation, items, own_url) for operation in chosen)
            yield Group(name, tag.text("description"), entries)


def _entry(operation: Operation, items: Mapping[str, Node], own_url: str) -> Entry:
    item = items[operation.path]
    node = item.child(operation.method.lower()) or item
    return Entry(
        operation.operation_id,
        f"{operation.method} {operation.path}",
        node.text("summary"),
        node.text("description"),
        is_for_merchants=node.text("x-authentication") == "merchant",
        is_idempotent=node.members.get("x-idempotent") is True,
        parameters=_parameters(item, node),
        body=_body(node.child("requestBody")),
        replies=_replies(node),
        command=command_of(operation, node, own_url),
    )


def _webhooks(top: Node) -> Iterator[Entry]:
    for name, item in top.children("webhooks"):
        node = item.child("post") or item
        yield Entry(
            name,
            f"POST {name}",
            node.text("summary"),
            node.text("description"),
            is_for_merchants=False,
            is_idempotent=False,
            parameters=_parameters(node),
            body=_body(node.child("requestBody")),
            replies=_replies(node),
            command="",
        )


def _schemas(top: Node) -> Iterator[Schema]:
    components = top.child("components") or top
    for name, node in components.places("schemas"):
        fields = tuple(rows_of(node))
        yield Schema(name, node.text("description"), () if fields else word_type(node), fields)


def _parameters(*carriers: Node) -> tuple[tuple[str, Field], ...]:
    nodes = [node for carrier in carriers for node in carrier.items("parameters")]
    return tuple((node.text("in"), _row_of_parameter(node)) for node in nodes)


def _row_of_parameter(node: Node) -> Field:
    is_required = node.members.get("required") is True
    schema = node.place("schema") or node
    return row_of(node.text("name"), schema, is_required=is_required, description=node.text("description"))


def _replies(node: Node) -> tuple[Reply, ...]:
    """Return the answers, those that are alike but for their status as one."""
    statuses: dict[Reply, list[str]] = {}
    for status, one in node.children("responses"):
        statuses.setdefault(Reply("", one.text("description"), _body(one)), []).append(status)
    return tuple(replace(reply, status=", ".join(alike)) for reply, alike in statuses.items())


def _body(carrier: Node | None) -> Body | None:
    forms = dict(carrier.children("content")) if carrier else {}
    if not forms:
        return None
    first = next(iter(forms.values()))
    schema = first.place("schema") or first
    return Body(tuple(forms), word_type(schema), tuple(rows_of(schema)), tuple(_samples(first)))


def _samples(form: Node) -> Iterator[Sample]:
    for name, example in form.children("examples"):
        value = example.members.get("value")
        text = value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
        yield Sample(example.text("summary") or name.replace("_", " "), text)
