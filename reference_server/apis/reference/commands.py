"""Writes the command with which a shell asks for an operation."""

import shlex
from urllib.parse import urlencode

import orjson

from contracts.binding import Operation
from contracts.binding.reference import Node, as_mapping

_CREDENTIALS = ("X-Api-Key: $KEY", "X-Api-Secret: $SECRET")
_FORM = "application/x-www-form-urlencoded"


def command_of(operation: Operation, node: Node, own_url: str) -> str:
    """Return a curl command with the document's first example; what the caller has to fill in stands in braces."""
    lines = [f"curl {shlex.quote(own_url + operation.path)}"]
    body = list(_body_words(node))
    if operation.method != ("POST" if body else "GET"):
        lines[0] = lines[0].replace("curl ", f"curl -X {operation.method} ", 1)
    if node.text("x-authentication") == "merchant":
        lines += [f'-H "{header}"' for header in _CREDENTIALS]
    if node.members.get("x-idempotent") is True:
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    return " \\\n  ".join(lines + body)


def _body_words(node: Node) -> list[str]:
    request = node.child("requestBody")
    for media_type, form in request.children("content") if request else ():
        for _, example in form.children("examples"):
            value = example.members.get("value")
            if media_type == _FORM:
                return [f"--data {shlex.quote(urlencode(as_mapping(value)))}"]
            return [f"--json {shlex.quote(orjson.dumps(value).decode())}"]
    return []
