"""The API reference: all of the document is on the page, every link leads somewhere, nothing foreign is loaded."""

import re
import shlex
from html.parser import HTMLParser
from typing import Any

import pytest
import yaml
from openapi_spec_validator import validate

from contracts.binding import Document
from reference_server.apis.reference.outlining import outline_of
from reference_server.documents import OPENAPI
from reference_server.pages import Pages
from reference_server.problems import list_problems
from reference_server.settings import Environment
from tests.reference_server.stage import SETTINGS, staged

OPERATIONS = {operation.operation_id: operation for operation in Document.load(OPENAPI).operations}
HOSTILE = "<script>alert('x')</script> `<b>`"


class Seen(HTMLParser):
    """What a browser would make of the page: where one can go, where from, and what is loaded."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []


async def read_page() -> str:
    async with staged() as stage:
        answer = await stage.client.get("/docs")
    assert answer.status_code == 200
    return answer.text


async def test_every_operation_and_schema_has_one_section_and_every_link_leads_somewhere() -> None:
    seen = Seen(await read_page())
    within = {link[1:] for link in seen.links if link.startswith("#")}
    assert len(seen.ids) == len(set(seen.ids))
    assert within <= set(seen.ids)
    schemas = yaml.safe_load(OPENAPI.read_text())["components"]["schemas"]
    assert set(seen.ids) >= set(OPERATIONS) | {f"schema-{name}" for name in schemas}
    assert {link for link in seen.links if not link.startswith("#")} == {
        "data:,",
        "openapi.json",
        "pages/look.css",
        "pages/reference.css",
    }
    assert "script" not in seen.tags


async def test_whoever_comes_by_the_bare_address_is_led_to_the_page_and_its_files() -> None:
    async with staged() as stage:
        answer = await stage.client.get("/", follow_redirects=True)
        files = [await stage.client.get(f"/{name}") for name in ("pages/look.css", "pages/reference.css")]
    assert (answer.status_code, answer.url.path) == (200, "/docs")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert [file.status_code for file in files] == [200, 200]


async def test_the_document_for_programs_is_valid_and_names_this_server() -> None:
    async with staged() as stage:
        told: Any = (await stage.client.get("/openapi.json")).json()
    validate(told)
    assert told["servers"] == [{"url": SETTINGS.public_url}]
    assert told["paths"] == yaml.safe_load(OPENAPI.read_text())["paths"]


async def test_what_is_only_for_tests_is_in_neither_where_mistakes_cost_money() -> None:
    where_it_counts = {"environment": Environment.PRODUCTION, "control": False, "require_https": False}
    settings = SETTINGS.model_copy(update=where_it_counts)
    async with staged(settings) as stage:
        page = await stage.client.get("/docs")
        told: Any = (await stage.client.get("/openapi.json")).json()
    hidden = {name for name, one in OPERATIONS.items() if one.extensions.get("x-only-in-tests")}
    assert hidden
    assert "createPayment" in Seen(page.text).ids
    assert not hidden & set(Seen(page.text).ids)
    assert not {OPERATIONS[name].path for name in hidden} & set(told["paths"])


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/pages/reference.css"])
async def test_who_reads_it_too_often_is_told_to_wait(path: str) -> None:
    async with staged(SETTINGS.model_copy(update={"rate_limit_address": "2/minute"})) as stage:
        answers = [(await stage.client.get(path)).status_code for _ in range(3)]
    assert [answer == 429 for answer in answers] == [False, False, True]


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
def test_each_command_is_one_that_a_shell_can_read(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    outline = outline_of(Document.load(OPENAPI), "http://server.test")
    entry = next(one for group in outline.groups for one in group.entries if one.name == operation_id)
    words = shlex.split(entry.command.replace("\\\n", " "))
    assert words[0] == "curl"
    assert f"http://server.test{operation.path}" in words
    sends = {"--json", "--data"} & set(words)
    method = words[words.index("-X") + 1] if "-X" in words else "POST" if sends else "GET"
    assert method == operation.method
    assert ("X-Api-Key: $KEY" in words) == (operation.extensions.get("x-authentication") == "merchant")


def test_what_a_document_says_is_text_and_no_markup() -> None:
    reply = {"200": {"description": HOSTILE}}
    get = {"operationId": "readIt", "summary": HOSTILE, "tags": ["it"], "responses": reply}
    root = {
        "openapi": "3.1.0",
        "info": {"title": HOSTILE, "version": "1", "description": HOSTILE},
        "tags": [{"name": "it", "description": HOSTILE}],
        "paths": {"/it": {"get": get}},
        "components": {"schemas": {"It": {"type": "string", "description": HOSTILE, "enum": [HOSTILE]}}},
    }
    outline = outline_of(Document.from_mapping(root, name="it"), "http://server.test")
    page = Pages("http://server.test").render("reference.html", {"outline": outline, "problems": ()}).body.decode()
    assert not {"script", "b"} & Seen(page).tags
    assert "<code>&lt;b&gt;</code>" in page


async def test_every_kind_of_refusal_is_named_with_what_it_means() -> None:
    page = await read_page()
    assert len(list_problems()) > 15
    for problem in list_problems():
        row = rf"<td>{problem.status}</td><td><code>{re.escape(problem.type)}</code></td>"
        assert re.search(row, page), problem
