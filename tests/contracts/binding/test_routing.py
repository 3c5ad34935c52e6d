"""Which operation a request reaches by its method and its path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.binding import DocumentError, RefusalKind
from contracts.binding.routing import Routes
from tests.contracts.binding.shop import Counter, ask, open_shop, scope_of, send_to


@pytest.mark.parametrize(
    ("target", "operation", "path"),
    [
        ("GET /orders/mine", "listMine", {}),
        ("GET /orders/m%69ne", "listMine", {}),
        ("GET /orders/mined", "readOrder", {"order": "mined"}),
        ("GET /orders/a%2Fb", "readOrder", {"order": "a/b"}),
        ("GET /orders/a%252Fb", "readOrder", {"order": "a%2Fb"}),
        ("GET /orders/a+b", "readOrder", {"order": "a+b"}),
        ("GET /orders/%C3%A9", "readOrder", {"order": "é"}),
        ("GET /orders/%zz", "readOrder", {"order": "%zz"}),
        ("GET /orders/mine/lines/1,2", "readLines", {"order": "mine", "line": [1, 2]}),
        ("GET /receipts/12.pdf", "printReceipt", {"receipt": 12}),
    ],
)
async def test_a_path_reaches_its_operation(target: str, operation: str, path: dict[str, object]) -> None:
    counter = await ask(target)
    assert (counter.call.operation.operation_id, counter.call.path) == (operation, path)


@pytest.mark.parametrize(
    "target",
    [
        "GET /", "GET /order", "GET /orders/", "GET /orders//lines/1", "GET /orders/1/lines", "GET /receipts/.pdf",
        "GET /receipts/12.PDF", "GET /orders/%FF", "GET /orders/\xff", "GET /orders/1/lines/1/", "GET //orders",
        "GET /orders/mine/", "GET ", "GET /orders%00",
    ],
)  # fmt: skip
async def test_a_path_without_operation_is_not_found(target: str) -> None:
    counter = await ask(target)
    assert (counter.refusal.kind, counter.refusal.call) == (RefusalKind.NOT_FOUND, None)


async def test_a_refused_method_is_answered_with_every_method_of_the_path() -> None:
    counter = Counter()
    heard = await send_to(open_shop(counter), scope_of("PATCH", "/orders", headers={}), b"")
    assert counter.refusal.kind is RefusalKind.METHOD_NOT_ALLOWED
    assert counter.refusal.allowed == ("GET", "HEAD", "POST")
    assert heard.headers["allow"] == "GET, HEAD, POST"


async def test_options_is_refused_unless_the_document_has_it() -> None:
    assert (await ask("OPTIONS /pay")).refusal.allowed == ("POST", "PUT")


async def test_a_concrete_path_hides_the_template_also_for_its_other_methods() -> None:
    """OpenAPI 3.1.1 section 4.8.8.1: concrete paths are matched before their templated counterparts."""
    assert (await ask("DELETE /orders/mine")).refusal.allowed == ("GET", "HEAD")


async def test_head_is_answered_as_get_without_the_body() -> None:
    counter = Counter()
    heard = await send_to(open_shop(counter), scope_of("HEAD", "/orders/1", headers={}), b"")
    assert (heard.headers["content-length"], heard.body) == ("4", b"")
    assert counter.call.operation.method == "GET"


@pytest.mark.parametrize(("method", "target"), [("HEAD", "/nowhere"), ("HEAD", "/pay")])
async def test_a_refused_head_has_no_body_either(method: str, target: str) -> None:
    heard = await send_to(open_shop(Counter()), scope_of(method, target, headers={}), b"")
    assert (heard.status, heard.body) == (400, b"")


@pytest.mark.parametrize("template", ["/a/{b}{c}", "/a/{b", "/a/{}", "/a/{b}-{c}"])
def test_a_template_that_the_kit_cannot_keep_is_refused(template: str) -> None:
    with pytest.raises(DocumentError, match="one variable a segment"):
        Routes[str]().add(template, "target")


def test_two_templates_of_the_same_paths_are_refused() -> None:
    routes = Routes[str]()
    routes.add("/a/{b}/c", "one")
    with pytest.raises(DocumentError, match="the same paths"):
        routes.add("/a/{other}/c", "two")


def test_the_template_with_the_most_fixed_text_wins() -> None:
    routes = Routes[str]()
    for template in ("/{any}", "/{id}.json", "/v1-{id}.json", "/{any}/x"):
        routes.add(template, template)
    found = {path: routes.find(path) for path in (b"/a", b"/a.json", b"/v1-a.json", b"/.json", b"/a.json/x")}
    assert [match.target for match in found.values() if match] == [
        "/{any}", "/{id}.json", "/v1-{id}.json", "/{any}", "/{any}/x",
    ]  # fmt: skip


@given(st.binary(max_size=40))
def test_any_bytes_for_a_path_are_found_or_not_found(path: bytes) -> None:
    routes = Routes[str]()
    routes.add("/{any}/b", "target")
    match = routes.find(path)
    assert match is None or list(match.captured) == ["any"]
