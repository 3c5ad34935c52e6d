"""What breaks those who wrote code against an older document, and what breaks nobody, in two tables."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from contracts.compatibility import Break, Release, compare, newest_release
from contracts.suites import SUBJECTS, load_document

Change = Callable[[Any], None]


def told(schema: object) -> dict[str, object]:
    return {"description": "So", "content": {"application/json": {"schema": schema}}}


NEW_SHIP = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 40},
        "sails": {"type": "integer", "minimum": 0, "maximum": 9},
        "flag": {"type": "string", "enum": ["red", "white"]},
        "length": {"oneOf": [{"type": "number"}, {"type": "string"}]},
    },
}
SHIP = {
    "type": "object",
    "required": ["id", "state"],
    "properties": {
        "id": {"type": "string"},
        "state": {"type": "string", "enum": ["AFLOAT", "SUNK"]},
        "built_at": {"type": "string", "format": "date-time"},
        "cargo": {"type": "array", "items": {"$ref": "#/components/schemas/Crate"}},
        "tons": {"type": "integer"},
    },
}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}
HARBOUR: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "A harbour", "version": "1.4.0"},
    "paths": {
        "/ships": {
            "post": {
                "operationId": "addShip",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewShip"}}}},
                "responses": {"201": told({"$ref": "#/components/schemas/Ship"}), "400": told({})},
            },
            "get": {
                "operationId": "listShips",
                "parameters": [LIMIT],
                "responses": {"200": told({"type": "array", "items": {"$ref": "#/components/schemas/Ship"}})},
            },
        }
    },
    "webhooks": {
        "ship.sunk": {"post": {"requestBody": {**told({"$ref": "#/components/schemas/Ship"})}, "responses": {}}}
    },
    "components": {
        "schemas": {
            "NewShip": NEW_SHIP,
            "Ship": SHIP,
            # A crate may hold crates: comparing must come to an end.
            "Crate": {
                "type": "object",
                "properties": {"crates": {"type": "array", "items": {"$ref": "#/components/schemas/Crate"}}},
            },
        }
    },
}


def changed(change: Change) -> dict[str, Any]:
    document = deepcopy(HARBOUR)
    change(document)
    return document


def ship(document: Any) -> Any:
    return document["components"]["schemas"]["Ship"]


def new_ship(document: Any) -> Any:
    return document["components"]["schemas"]["NewShip"]


def adding(document: Any) -> Any:
    return document["paths"]["/ships"]["post"]


def listing(document: Any) -> Any:
    return document["paths"]["/ships"]["get"]


BREAKS: list[tuple[str, Change, str]] = [
    ("an operation goes", lambda it: it["paths"]["/ships"].pop("get"), "is gone"),
    ("a webhook goes", lambda it: it["webhooks"].clear(), "is not sent any more"),
    ("a new name in code", lambda it: adding(it).update(operationId="makeShip"), "addShip became makeShip"),
    ("a door is shut", lambda it: adding(it).update(security=[{"key": []}]), "now asks for key"),
    ("a body is wanted", lambda it: adding(it)["requestBody"].update(required=True), "is now required"),
    ("a content type goes", lambda it: adding(it)["requestBody"]["content"].clear(), "application/json is gone"),
    ("a success goes", lambda it: adding(it)["responses"].pop("201"), "is not given any more"),
    ("a new success", lambda it: adding(it)["responses"].update({"202": told({})}), "is new"),
    ("a parameter goes", lambda it: listing(it).update(parameters=[]), "is no longer a parameter"),
    ("a parameter is wanted", lambda it: listing(it)["parameters"][0].update(required=True), "is now required"),
    ("a member is wanted", lambda it: new_ship(it)["required"].append("sails"), "is now required"),
    ("a limit sinks", lambda it: new_ship(it)["properties"]["sails"].update(maximum=3), "maximum is 3, and was 9"),
    ("a floor rises", lambda it: new_ship(it)["properties"]["sails"].update(minimum=1), "minimum is 1, and was 0"),
    ("a pattern comes", lambda it: new_ship(it)["properties"]["name"].update(pattern="^[A-Z]"), "pattern ^[A-Z]"),
    ("a value is refused", lambda it: new_ship(it)["properties"]["flag"]["enum"].remove("red"), "red is no longer"),
    ("a type is refused", lambda it: new_ship(it)["properties"]["sails"].update(type="string"), "type integer is no"),
    ("an alternative goes", lambda it: new_ship(it)["properties"]["length"]["oneOf"].pop(), "alternative 2 (string)"),
    ("strange members are refused", lambda it: new_ship(it).update(additionalProperties=False), "does not name"),
    ("a member is not told", lambda it: ship(it)["properties"].pop("tons"), "is not written any more"),
    ("a member may be missing", lambda it: ship(it)["required"].remove("id"), "may now be left out"),
    ("a value nobody knows", lambda it: ship(it)["properties"]["state"]["enum"].append("LOST"), "may now be LOST"),
    ("null where there was none", lambda it: ship(it)["properties"]["id"].update(type=["string", "null"]), "null"),
    ("a fraction", lambda it: ship(it)["properties"]["tons"].update(type="number"), "may now be number"),
    ("another format", lambda it: ship(it)["properties"]["built_at"].pop("format"), "date-time became none"),
]
BREAKS_NOBODY: list[tuple[str, Change]] = [
    ("nothing", lambda it: None),
    ("an operation more", lambda it: it["paths"].update({"/docks": {"get": listing(it)}})),
    ("an optional parameter", lambda it: listing(it)["parameters"].append({"name": "of", "in": "query", "schema": {}})),
    ("an optional member", lambda it: new_ship(it)["properties"].update(oars={"type": "integer"})),
    ("a limit rises", lambda it: new_ship(it)["properties"]["sails"].update(maximum=30)),
    ("a value more is read", lambda it: new_ship(it)["properties"]["flag"]["enum"].append("black")),
    ("a type more is read", lambda it: new_ship(it)["properties"]["sails"].update(type=["integer", "string"])),
    ("less is wanted", lambda it: new_ship(it)["required"].clear()),
    ("a member more is told", lambda it: ship(it)["properties"].update(mast={"type": "string"})),
    ("a member is always told", lambda it: ship(it)["required"].append("tons")),
    ("a value is never told", lambda it: ship(it)["properties"]["state"]["enum"].remove("SUNK")),
    ("a refusal more", lambda it: adding(it)["responses"].update({"409": told({})})),
    ("a way in more", lambda it: adding(it).update(security=[{}, {"key": []}])),
]


def breaks(change: Change) -> list[Break]:
    return list(compare(HARBOUR, changed(change)))


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS])
def test_what_is_taken_away_is_found_and_says_what_would_be_right(change: Change, words: str) -> None:
    found = breaks(change)

    assert any(words in one.change for one in found), found
    assert all(one.cure for one in found)


@pytest.mark.parametrize("change", [row[1] for row in BREAKS_NOBODY], ids=[row[0] for row in BREAKS_NOBODY])
def test_what_is_added_breaks_nobody(change: Change) -> None:
    assert breaks(change) == []


def test_a_webhook_may_not_say_what_its_readers_do_not_know() -> None:
    found = breaks(lambda it: ship(it)["properties"]["state"]["enum"].append("LOST"))

    assert "webhook ship.sunk" in {one.operation for one in found}


@pytest.mark.parametrize(
    ("older", "newer", "silent"),
    [((1, 4, 0), "1.9.0", False), ((1, 4, 0), "2.0.0", True), ((0, 1, 0), "0.1.5", False), ((0, 1, 0), "0.2.0", True)],
)
def test_a_version_that_says_so_may_break(older: tuple[int, ...], newer: str, silent: bool) -> None:  # noqa: FBT001  # a table's column
    document = changed(lambda it: it["paths"].clear())
    document["info"]["version"] = newer

    assert (not list(Release(older, HARBOUR).breaks(document))) is silent


def test_the_newest_release_is_the_highest_version_and_not_the_last_name(tmp_path: Path) -> None:
    for version in ("0.9.0", "0.10.0"):
        (tmp_path / f"{version}.yaml").write_text(f"info: {{version: {version}}}\n", encoding="utf-8")

    assert newest_release(tmp_path).name == "0.10.0"


def test_a_folder_without_releases_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="keeps no document"):
        newest_release(tmp_path)


def test_the_servers_document_breaks_nobody_who_relied_on_the_last_release() -> None:
    found = newest_release().breaks(load_document(SUBJECTS["server"].document))

    assert [f"{one.operation} {one.place} {one.change}. Cure: {one.cure}" for one in found] == []
