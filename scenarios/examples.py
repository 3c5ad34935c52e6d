"""A line for each step and fault as it may stand in a file, made from the schema: what is needed, or one thing."""

import json
from collections.abc import Mapping
from typing import Any, cast

Node = Mapping[str, Any]

# By definition of the schema: what stands for a value of this kind.
_BY_KIND = {
    "duration": "10m",
    "instant": '"2026-01-01T00:00:00Z"',
    "moment": "10m",
    "name": "licence",
    "amount": '"1250.00"',
    "currency": "BDT",
    "http_status": "200",
    "text": "words",
    "count": "1",
    "scalar": "1",
}
_STEPS_OF_GROUPS = {"faults": "[late: {by: 10m}]", "when": "{event: ipn}", "notifications": "{sent: 1}"}
# Where made-up values would teach nothing.
_TOLD_BETTER = {
    "open_payment": 'open_payment: {as: licence, amount: "1250.00"}',
    "pay": "pay: {order: licence, method: visa}",
    "inject_fault": "inject_fault: {when: {event: ipn}, faults: [late: {by: 1h}, duplicate: {copies: 3}]}",
    "forge_notification": "forge_notification: {order: licence, proof: wrong_key}",
    "forge_return": "forge_return: {order: licence, to: cancel}",
    "kill_server": "kill_server: {before: fulfil_order}",
    "expect": "expect: {within: 1m, order: licence, status: SUCCESS, provisioned: 1}",
    "when": "when: {operation: validateOrder, first: 2}",
    "tamper": 'tamper: {amount: "-0.01"}',
    "wrong_length": "wrong_length: {by: -1}",
    "cut_body": "cut_body: {after_bytes: 20}",
    "content_type": "content_type: {as: text/html}",
    "wrong_schema": "wrong_schema: {member: status}",
    "redirect": 'redirect: {to: "http://127.0.0.1:9/"}',
    "rate_limit": "rate_limit: {after: 1}",
}


def example_of(name: str, schema: Node, *, plain: bool) -> str:
    """Return a step or a fault as it is written; `plain` ones may stand alone."""
    if name in _TOLD_BETTER:
        return _TOLD_BETTER[name]
    members = cast("Mapping[str, Node]", schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    if not members:
        return name if plain else f"{name}: {_value(name, schema)}"
    optional = next((member for member in ("order", "status", *members) if member in members), None)
    shown = [member for member in members if member in required or (member == optional and not required)]
    return f"{name}: {{{', '.join(f'{member}: {_value(member, members[member])}' for member in shown)}}}"


def _value(name: str, schema: Node) -> str:
    kind = str(schema.get("$ref", "")).rpartition("/")[2]
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    if name in _STEPS_OF_GROUPS:
        return _STEPS_OF_GROUPS[name]
    if "enum" in schema:
        return str(schema["enum"][0])
    if "default" in schema:
        return json.dumps(schema["default"])
    wanted = schema.get("type")
    if wanted in {"integer", "number"}:
        return str(schema.get("minimum", 1))
    return {"boolean": "true", "array": "[]", "object": "{}"}.get(str(wanted), "words")
